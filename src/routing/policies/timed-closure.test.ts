import { expect, test } from 'vitest';
import { TimedClosure } from './timed-closure.ts';

const guess = (forMs: number) => ({ reason: 'a guess', forMs, asked: false });

test('it is closed until its time has come', () => {
  const closure = new TimedClosure();
  closure.close('cool-down', guess(100), 0);
  expect(closure.current(99)).toMatchObject({ kind: 'cool-down', untilMs: 100 });
  expect(closure.current(100)).toBeUndefined();
});

test('of two the longer holds, in whichever order they come', () => {
  const closure = new TimedClosure();
  expect(closure.close('cool-down', guess(100), 0)).toBe(true);
  expect(closure.close('credential', guess(50), 10)).toBe(false);
  expect(closure.current(20)).toMatchObject({ kind: 'cool-down', untilMs: 100 });
  expect(closure.close('credential', guess(500), 20)).toBe(true);
  expect(closure.current(20)).toMatchObject({ kind: 'credential', untilMs: 520 });
});

test('an answer to what began after it lifts a guess, and one from before it does not', () => {
  const closure = new TimedClosure();
  closure.close('cool-down', guess(100), 10);
  closure.lift(10);
  expect(closure.current(20)).toBeDefined();
  closure.lift(10.1);
  expect(closure.current(20)).toBeUndefined();
});

test('no answer lifts what a provider asked for', () => {
  const closure = new TimedClosure();
  closure.close('cool-down', { reason: 'Retry-After 1 s', forMs: 1_000, asked: true }, 0);
  closure.lift(500);
  expect(closure.current(999)).toBeDefined();
});
