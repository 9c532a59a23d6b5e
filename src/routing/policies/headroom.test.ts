import { expect, test } from 'vitest';
import { DEFAULT_TARGET_POLICIES } from '../../protocol/policy.ts';
import { Headroom } from './headroom.ts';

const NOW = Date.UTC(2026, 10, 21, 12, 0, 0);

function heard(headers: Record<string, string>, atMs = 0, headroom = new Headroom(DEFAULT_TARGET_POLICIES.headroom)) {
  headroom.heard((name) => headers[name], atMs, NOW);
  return headroom;
}

const openai = (remaining: number, tokens = 90_000) => ({
  'x-ratelimit-limit-requests': '500',
  'x-ratelimit-remaining-requests': String(remaining),
  'x-ratelimit-reset-requests': '60s',
  'x-ratelimit-limit-tokens': '100000',
  'x-ratelimit-remaining-tokens': String(tokens),
  'x-ratelimit-reset-tokens': '6s',
});

test('it is open while the provider says nothing', () => {
  expect(heard({}).closed(0)).toBeUndefined();
  expect(heard({}).view(0)).toEqual({});
});

test('less than two percent of the requests closes it, and two percent does not', () => {
  expect(heard(openai(10)).closed(0)).toBeUndefined();
  expect(heard(openai(9)).closed(0)).toMatchObject({ what: 'requests' });
});

test('so do tokens', () => {
  expect(heard(openai(400, 1_999)).closed(0)).toMatchObject({ what: 'tokens' });
  expect(heard(openai(400, 2_000)).closed(0)).toBeUndefined();
});

test('of two that are short the one that stays so for longer counts', () => {
  expect(heard(openai(0, 0)).closed(0)).toEqual({ what: 'requests', untilMs: 1_200 });
});

test('a bucket refills bit by bit: it is open as soon as two percent are there again', () => {
  const headroom = heard(openai(0));
  expect(headroom.closed(0)).toEqual({ what: 'requests', untilMs: 1_200 });
  expect(headroom.closed(1_199)).toBeDefined();
  expect(headroom.closed(1_200)).toBeUndefined();
  expect(headroom.view(30_000)).toEqual({ requestsPercent: 50, tokensPercent: 100 });
});

test('a window has all at its reset, and nothing before', () => {
  const headroom = heard({ 'ratelimit-limit': '100', 'ratelimit-remaining': '1', 'ratelimit-reset': '30' });
  expect(headroom.closed(29_999)).toEqual({ what: 'requests', untilMs: 30_000 });
  expect(headroom.closed(30_000)).toBeUndefined();
  expect(headroom.view(30_000)).toEqual({ requestsPercent: 100 });
});

test('requests that were begun since are taken off', () => {
  const headroom = heard(openai(20));
  for (let call = 0; call < 10; call++) headroom.begun();
  expect(headroom.closed(0)).toBeUndefined();
  headroom.begun();
  expect(headroom.closed(0)).toMatchObject({ what: 'requests' });
  heard(openai(20), 0, headroom);
  expect(headroom.closed(0)).toBeUndefined();
});

test('without the whole limit only none left closes it, without a reset nothing does', () => {
  expect(heard({ ratelimit: '"default";r=1;t=30' }).closed(0)).toBeUndefined();
  expect(heard({ ratelimit: '"default";r=0;t=30' }).closed(0)).toEqual({ what: 'requests', untilMs: 30_000 });
  expect(heard({ ratelimit: '"default";r=0' }).closed(0)).toBeUndefined();
});

test('once a provider has said nothing for eight answers it is asked now and then', () => {
  const headroom = new Headroom(DEFAULT_TARGET_POLICIES.headroom);
  let asked = 0;
  const silent = () => {
    asked++;
    return undefined;
  };
  for (let head = 0; head < 8; head++) headroom.heard(silent, 0, NOW);
  const atFirst = asked;
  for (let head = 0; head < 64; head++) headroom.heard(silent, 0, NOW);
  expect(asked - atFirst).toBe(atFirst / 4);
});

test('with plenty left a head is not read, for a twentieth of a second; with little left every one is', () => {
  const headroom = heard(openai(400));
  heard(openai(0), 49, headroom);
  expect(headroom.closed(49)).toBeUndefined();
  heard(openai(30), 50, headroom);
  heard(openai(0), 51, headroom);
  expect(headroom.closed(51)).toMatchObject({ what: 'requests' });
});

test('what is no number changes nothing', () => {
  const headroom = heard(openai(0));
  heard({ 'x-ratelimit-remaining-requests': 'NaN', 'x-ratelimit-remaining-tokens': '-1' }, 10, headroom);
  expect(headroom.closed(10)).toMatchObject({ what: 'requests' });
});
