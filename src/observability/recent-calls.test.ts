import { expect, test } from 'vitest';
import type { AttemptEnd, AttemptStart } from '../protocol/attempt-record.ts';
import { RecentCalls } from './recent-calls.ts';

// Of a record, these calls are told apart by the following alone.
const start = (callId: string, attempt = 1) =>
  ({ kind: 'start', callId, attempt, callStartedAt: 0, provider: `p${attempt}` }) as AttemptStart;
const end = (callId: string, attempt = 1, last = true) =>
  ({ kind: 'end', callId, attempt, callStartedAt: 0, endedAt: 7, outcome: 'ok', last, totalMs: 7 }) as AttemptEnd;

test('a call is known by its id from its first start on, with all its attempts', () => {
  const recent = new RecentCalls();
  for (const record of [
    start('call_a'),
    start('call_b'),
    end('call_a', 1, false),
    start('call_a', 2),
    end('call_a', 2),
  ]) {
    recent.record(record);
  }
  expect(recent.get('call_a')).toMatchObject({
    totalMs: 7,
    attempts: [
      { provider: 'p1', outcome: 'ok' },
      { provider: 'p2', outcome: 'ok' },
    ],
  });
  expect(recent.get('call_b')).toMatchObject({ attempts: [{ provider: 'p1' }] });
  expect(recent.get('call_c')).toBeUndefined();
  expect(recent.list(10).map(({ id }) => id)).toEqual(['call_b', 'call_a']);
  expect(recent.list(1).map(({ id }) => id)).toEqual(['call_b']);
});

test('calls whose ids end alike are told apart', () => {
  const recent = new RecentCalls();
  const ids = ['call_1zzzzzz', 'call_2zzzzzz', 'call_3zzzzzz', 'zzzzzz', 'z', ''];
  for (const id of ids) recent.record(start(id));
  recent.record(end('call_2zzzzzz'));
  for (const id of ids) expect(recent.get(id)?.id).toBe(id);
  expect(ids.filter((id) => recent.get(id)?.totalMs === 7)).toEqual(['call_2zzzzzz']);
  recent.forget('call_2zzzzzz');
  expect(ids.filter((id) => recent.get(id) === undefined)).toEqual(['call_2zzzzzz']);
  expect(recent.list(10)).toHaveLength(ids.length - 1);
});

test('the last thousand calls that began are known, a running one among them is completed, and the oldest are not', () => {
  const recent = new RecentCalls();
  for (let index = 0; index < 2_500; index++) recent.record(start(`call_${index}`));
  expect(recent.get('call_999')).toBeUndefined();
  expect(recent.get('call_1500')).toBeDefined();
  recent.record(end('call_1700'));
  expect(recent.get('call_1700')?.totalMs).toBe(7);
  recent.record(end('call_3'));
  expect(recent.get('call_3')).toBeUndefined();
  expect(recent.list(5_000)).toHaveLength(1_000);
  expect(recent.list(2).map(({ id }) => id)).toEqual(['call_2499', 'call_2498']);
});

test('whoever listens hears of each change until it stops', () => {
  const recent = new RecentCalls();
  const heard: string[] = [];
  const stop = recent.subscribe(({ id, totalMs }) => heard.push(`${id} ${totalMs ?? 'runs'}`));
  recent.record(start('call_a'));
  recent.record(end('call_a'));
  stop();
  recent.record(start('call_b'));
  expect(heard).toEqual(['call_a runs', 'call_a 7']);
});
