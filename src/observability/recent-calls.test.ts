import { expect, test } from 'vitest';
import type { AttemptEnd, AttemptStart } from '../protocol/attempt-record.ts';
import type { CallView } from '../protocol/call-view.ts';
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

test('the last calls that began are known, a running one among them is completed, and the oldest are not', () => {
  const recent = new RecentCalls();
  const id = (index: number) => `call_${String(index).padStart(4, '0')}`;
  for (let index = 0; index < 500; index++) recent.record(start(id(index)));
  expect(recent.get(id(200))).toBeUndefined();
  expect(recent.get(id(400))).toBeDefined();
  recent.record(end(id(410)));
  expect(recent.get(id(410))?.totalMs).toBe(7);
  recent.record(end(id(3)));
  expect(recent.get(id(3))).toBeUndefined();
  expect(recent.list(1_000).length).toBeGreaterThanOrEqual(128);
  expect(recent.list(2).map((call) => call.id)).toEqual([id(499), id(498)]);
});

test('a call that was refused is known for a thousand others, with the attempts that it had', () => {
  const recent = new RecentCalls();
  recent.record(start('call_0'));
  recent.record(end('call_0', 1, false));
  const refusal = (id: string) => recent.refused({ id, errorCode: 'no_route', attempts: [] } as unknown as CallView);
  refusal('call_0');
  for (let index = 1; index < 1_000; index++) refusal(`call_${index}`);
  for (let index = 0; index < 500; index++) recent.record(start(`call_z${index}`));
  expect(recent.get('call_0')).toMatchObject({ errorCode: 'no_route', attempts: [{ provider: 'p1', outcome: 'ok' }] });
  expect(recent.get('call_500')).toMatchObject({ errorCode: 'no_route', attempts: [] });
  recent.forget('call_0');
  expect(recent.get('call_0')).toBeUndefined();
  for (let index = 0; index < 1_001; index++) refusal(`call_again${index}`);
  expect(recent.get('call_500')).toBeUndefined();
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
