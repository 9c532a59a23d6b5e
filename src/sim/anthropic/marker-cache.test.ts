import { expect, test } from 'vitest';
import { MarkerCache } from './marker-cache.ts';
import type { PromptPart } from './prompt.ts';

const MINUTE_MS = 60_000;
const part = (text: string, tokens: number, marker?: PromptPart['marker']): PromptPart => ({
  text,
  tokens,
  ...(marker === undefined ? {} : { marker }),
});
const tools = part('tools', 2_000, '1h');
const talk = part('talk', 500, '5m');

test('each stretch up to a marker is written for as long as that marker says, and read until then', () => {
  const cache = new MarkerCache();
  const account = (parts: PromptPart[], atMs: number) => cache.account('m', parts, atMs);
  expect(account([tools, talk], 0)).toEqual({ readTokens: 0, written5mTokens: 500, written1hTokens: 2_000 });
  expect(account([tools, talk], 4 * MINUTE_MS)).toMatchObject({ readTokens: 2_500, written5mTokens: 0 });
  // The reading renewed it: nine minutes after the writing it is still there, eleven minutes later it is not.
  expect(account([tools, talk], 8 * MINUTE_MS)).toMatchObject({ readTokens: 2_500 });
  expect(account([tools, talk], 14 * MINUTE_MS)).toEqual({
    readTokens: 2_000,
    written5mTokens: 500,
    written1hTokens: 0,
  });
  expect(account([tools, talk], 80 * MINUTE_MS)).toMatchObject({ readTokens: 0, written1hTokens: 2_000 });
});

test('a conversation that grows reads what was marked before and writes the rest', () => {
  const cache = new MarkerCache();
  cache.account('m', [tools, talk], 0);
  const grown = [tools, part('talk', 500), part('answer', 90), part('question', 10, '5m')];
  expect(cache.account('m', grown, 1)).toEqual({ readTokens: 2_500, written5mTokens: 100, written1hTokens: 0 });
});

test('nothing is read under another model, another beginning or without a marker, nor a short prompt written', () => {
  const cache = new MarkerCache();
  const nothing = { readTokens: 0, written5mTokens: 0, written1hTokens: 0 };
  cache.account('m', [tools, talk], 0);
  expect(cache.account('other', [tools, talk], 1).readTokens).toBe(0);
  expect(cache.account('m', [part('others', 2_000, '1h'), talk], 1).readTokens).toBe(0);
  expect(cache.account('m', [part('tools', 2_000), part('talk', 500)], 1)).toEqual(nothing);
  expect(cache.account('m', [part('short', 1_023, '5m')], 1)).toEqual(nothing);
  cache.clear();
  expect(cache.account('m', [tools, talk], 1).readTokens).toBe(0);
});
