import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { CpuSpan, residentBytes } from './cpu-clock.ts';

const SPIN_MS = 300;

test.skipIf(process.platform !== 'linux')('the CPU time of a program has that of its other threads in it', async () => {
  const span = new CpuSpan(process.pid);
  const worker = new Worker(
    `const end = performance.now() + ${SPIN_MS}; while (performance.now() < end); require('node:worker_threads').parentPort.postMessage('done'); setTimeout(() => undefined, 60_000)`,
    { eval: true },
  );
  await new Promise((resolve) => worker.once('message', resolve));
  const { micros, mainMicros, problem } = span.used();
  await worker.terminate();
  expect(problem).toBeUndefined();
  // A busy machine gives the thread less than all of the time.
  expect(micros - mainMicros).toBeGreaterThan(SPIN_MS * 100);
});

test.skipIf(process.platform !== 'linux')(
  'CPU time of a thread that has ended meanwhile is missed and said to be',
  async () => {
    const span = new CpuSpan(process.pid);
    const worker = new Worker(`const end = process.cpuUsage().user + 200_000; while (process.cpuUsage().user < end);`, {
      eval: true,
    });
    await new Promise((resolve) => worker.once('exit', resolve));
    expect(span.used().problem).toContain('some threads are missing');
  },
);

test.skipIf(process.platform !== 'linux')('resident memory is a plausible number of bytes', () => {
  expect(residentBytes(process.pid) / process.memoryUsage.rss()).toBeCloseTo(1, 0);
});
