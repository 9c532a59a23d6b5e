import { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { systemClock, VirtualClock } from '../kernel/clock.ts';
import { TokenCounter as SimCounter, warm } from '../sim/tokenizer.ts';
import { countTokens } from './token-worker.ts';
import { WorkerTokenCounter } from './worker-token-counter.ts';

beforeAll(warm);

const noFailure = (error: unknown) => {
  throw error;
};

test('counts in its thread what the simulated provider counts, texts in their order', async () => {
  const sim = new SimCounter();
  const counter = new WorkerTokenCounter(systemClock, noFailure);
  const texts = [
    'Hello world',
    '',
    '👩‍👩‍👧🏽 日本語',
    '<|endoftext|>',
    '{"a":[1,2.5,"é"]}',
    '\ud800 half',
    'word '.repeat(2_000),
  ];
  expect(await counter.count(texts)).toEqual(texts.map((text) => sim.count(text)));
  expect(await counter.exactly(['Hello world'])).toEqual([2]);
  await counter.close();
});

test('counts any text as the simulated provider does', () => {
  const sim = new SimCounter();
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary', maxLength: 3_000 }), fc.lorem({ maxCount: 600 })), (text) => {
      expect(countTokens(text)).toBe(sim.count(text));
    }),
  );
});

test.each([
  ['one word', (at: number) => String.fromCharCode(97 + ((at * at) % 23)), 200_000],
  ['one line of spaces', () => ' ', 500_000],
  ['characters outside the basic plane', () => '𝕏', 60_000],
  ['base64', (at: number) => 'iVBORw0KGgoAAAANSUhEUg+/'[(at * 7) % 24] ?? 'x', 200_000],
])('a run of %s is counted quickly', (_, charAt, length) => {
  const text = Array.from({ length }, (_unused, at) => charAt(at)).join('');
  const startMs = performance.now();
  expect(countTokens(text)).toBeGreaterThan(100);
  // Unsplit a word of this length takes tens of seconds.
  expect(performance.now() - startMs).toBeLessThan(5_000);
});

/** Counts the threads it makes; each runs the given program. */
function threads(program: string) {
  const made: Worker[] = [];
  const make = () => {
    const worker = new Worker(program, { eval: true });
    made.push(worker);
    return worker;
  };
  return { made, make };
}

test('of a very long text the beginning stands for the rest, and no more than that is counted', async () => {
  const counter = new WorkerTokenCounter(systemClock, noFailure);
  const text = 'eight by'.repeat((4 * 64 * 1024) / 8);
  const [whole = 0] = (await counter.exactly([text])) ?? [];
  const [estimate = 0] = await counter.count([text]);
  expect(Math.abs(estimate - whole) / whole).toBeLessThan(0.01);
  const [beginning = 0] = (await counter.exactly([text.slice(0, 64 * 1024)])) ?? [];
  expect(estimate).toBe(beginning * 4);
  await counter.close();
});

test('nothing is loaded until somebody asks, nor for texts that are empty', async () => {
  const clock = new VirtualClock();
  const { made, make } = threads('');
  const counter = new WorkerTokenCounter(clock, noFailure, make);
  expect(await counter.count(['', ''])).toEqual([0, 0]);
  expect(await counter.exactly([])).toEqual([]);
  await counter.close();
  expect([made.length, clock.pendingTimers]).toEqual([0, 0]);
});

test.each([
  ['throws', `require('worker_threads').parentPort.on('message', () => { throw new Error('broken') })`],
  ['ends by itself', `require('worker_threads').parentPort.on('message', () => process.exit(7))`],
  ['does not even start', `throw new Error('broken')`],
])(
  'where the thread %s, lengths stand for counts, nobody waits, and the next question starts another',
  async (_, program) => {
    const clock = new VirtualClock();
    const failures: unknown[] = [];
    const { made, make } = threads(program);
    const counter = new WorkerTokenCounter(clock, (error) => failures.push(error), make);
    expect(await Promise.all([counter.count(['12345', 'äöü']), counter.exactly(['1'])])).toEqual([[2, 2], undefined]);
    expect(await counter.count(['1234'])).toEqual([1]);
    expect([made.length, failures.length, clock.pendingTimers]).toEqual([2, 2, 0]);
    await counter.close();
  },
);

test('a thread that cannot be made is no reason to reject', async () => {
  const failures: unknown[] = [];
  const counter = new WorkerTokenCounter(
    new VirtualClock(),
    (error) => failures.push(error),
    () => {
      throw new Error('no memory');
    },
  );
  expect(await counter.count(['12345'])).toEqual([2]);
  expect(failures).toEqual([expect.objectContaining({ message: 'no memory' })]);
  await counter.close();
});

test('a thread that does not answer is waited for five seconds, and with a thousand others for none', async () => {
  const clock = new VirtualClock();
  const { make } = threads(`require('worker_threads').parentPort.on('message', () => undefined)`);
  const counter = new WorkerTokenCounter(clock, noFailure, make);
  const waiting = Array.from({ length: 1_000 }, () => counter.exactly(['12345']));
  expect(await counter.exactly(['12345'])).toBeUndefined();
  expect(clock.pendingTimers).toBe(1_000);
  await clock.advance(5_000);
  expect(await Promise.all(waiting)).toEqual(waiting.map(() => undefined));
  expect(clock.pendingTimers).toBe(0);
  await counter.close();
});

test('closing answers whoever waits, ends the thread, and starts no other', async () => {
  const clock = new VirtualClock();
  const { made, make } = threads(`require('worker_threads').parentPort.on('message', () => undefined)`);
  const counter = new WorkerTokenCounter(clock, noFailure, make);
  const waiting = counter.count(['12345678']);
  await counter.close();
  expect(await waiting).toEqual([2]);
  expect(await counter.count(['12345678'])).toEqual([2]);
  expect([made.length, made[0]?.threadId, clock.pendingTimers]).toEqual([1, -1, 0]);
});
