import { spawn } from 'node:child_process';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { CpuSpan, familyMicros, residentBytes } from './cpu-clock.ts';

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

test.skipIf(process.platform !== 'linux')(
  'what a program uses that was started by one that this one started counts as its own family’s, and goes on counting',
  async () => {
    const before = familyMicros();
    const spin = 'const end = process.cpuUsage().user + 300_000; while (process.cpuUsage().user < end);';
    const child = spawn('sh', ['-c', '"$0" -e "$1"; echo done; read line', process.execPath, spin], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    await new Promise((resolve) => child.stdout.once('data', resolve));
    const during = familyMicros() - before;
    const exited = new Promise((resolve) => child.once('exit', resolve));
    child.stdin.end();
    await exited;
    expect(during).toBeGreaterThan(300_000 - 50_000);
    expect(familyMicros() - before).toBeGreaterThanOrEqual(during);
  },
);
