import { expect, test } from 'vitest';
import { GatewayError } from '../../kernel/errors.ts';
import { FaultBook } from './book.ts';
import { type FaultRuleInput, parseFaultRules } from './rules.ts';

const chat = { path: '/v1/chat/completions', model: 'sim-small', stream: true };

function taken(rules: FaultRuleInput[], calls: (typeof chat)[], seed = 1) {
  const book = new FaultBook(seed);
  book.set(parseFaultRules(rules));
  return calls.map((call) => book.take(call)?.kind);
}

test('a rule fires for what it matches, as often as it may', () => {
  const rules: FaultRuleInput[] = [{ match: { model: 'sim-small', stream: true }, times: 2, fault: { kind: 'empty' } }];
  const calls = [{ ...chat, model: 'other' }, chat, { ...chat, stream: false }, chat, chat];
  expect(taken(rules, calls)).toEqual([undefined, 'empty', undefined, 'empty', undefined]);
});

test('nth counts the calls that fit the rest of the rule', () => {
  const rules: FaultRuleInput[] = [{ match: { path: '/v1/chat/completions', nth: [2, 4] }, fault: { kind: 'gzip' } }];
  const calls = [chat, { ...chat, path: '/v1/embeddings' }, chat, chat, chat, chat];
  expect(taken(rules, calls)).toEqual([undefined, undefined, 'gzip', undefined, 'gzip', undefined]);
});

test('the first rule that fires decides, and one that is used up lets the next one through', () => {
  const rules: FaultRuleInput[] = [{ times: 1, fault: { kind: 'status', code: 503 } }, { fault: { kind: 'no-done' } }];
  expect(taken(rules, [chat, chat, chat])).toEqual(['status', 'no-done', 'no-done']);
});

test('a fault of streams is not spent on an answer that is not streamed', () => {
  const rules: FaultRuleInput[] = [{ times: 1, fault: { kind: 'error-event' } }];
  expect(taken(rules, [{ ...chat, stream: false }, chat, chat])).toEqual([undefined, 'error-event', undefined]);
});

test('probability is drawn from the seed', () => {
  const rules: FaultRuleInput[] = [{ match: { probability: 0.3 }, fault: { kind: 'reset' } }];
  const calls = Array.from({ length: 1_000 }, () => chat);
  const fired = taken(rules, calls);
  const count = fired.filter((kind) => kind !== undefined).length;
  expect(count).toBeGreaterThan(230);
  expect(count).toBeLessThan(370);
  expect(taken(rules, calls)).toEqual(fired);
  expect(taken(rules, calls, 2)).not.toEqual(fired);
});

test.each([
  [{}, /rules: /],
  [[{ fault: { kind: 'nothing' } }], /\[0\]\.fault\.kind: /],
  [[{ fault: { kind: 'status' } }], /\[0\]\.fault\.code: /],
  [[{ fault: { kind: 'status', code: 99 } }], /\[0\]\.fault\.code: /],
  [[{ fault: { kind: 'status', code: 429, headers: { 'a b': 'x' } } }], /\[0\]\.fault\.headers/],
  [[{ fault: { kind: 'status', code: 429, headers: { a: 'x\r\ny: z' } } }], /\[0\]\.fault\.headers/],
  [[{ fault: { kind: 'slow-headers' } }], /either bytesPerSecond or delayMs/],
  [[{ fault: { kind: 'slow-headers', bytesPerSecond: 1, delayMs: 1 } }], /either bytesPerSecond or delayMs/],
  [[{ fault: { kind: 'reset', after: 3 } }], /Unrecognized key: "after"/],
  [[{ match: { nth: 0 }, fault: { kind: 'reset' } }], /\[0\]\.match\.nth: /],
  [[{ match: { probability: 2 }, fault: { kind: 'reset' } }], /\[0\]\.match\.probability: /],
  [[{ match: { modle: 'x' }, fault: { kind: 'reset' } }], /Unrecognized key: "modle"/],
])('rules that are wrong are refused with what is wrong (%#)', (rules, message) => {
  expect(() => parseFaultRules(rules)).toThrow(GatewayError);
  expect(() => parseFaultRules(rules)).toThrow(message);
});
