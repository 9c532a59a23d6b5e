import { Worker } from 'node:worker_threads';

export interface Beats {
  readonly count: number;
  readonly stepMs: number;
  /** @param dueMs when it was due, by `performance.now()` of this thread */
  onBeat(index: number, dueMs: number): void;
}

/** Time for the thread to start. */
const LEAD_MS = 100;

/**
 * Beats of a fixed schedule. They are counted in a thread that sleeps between
 * them and wakes this one: a timer here would be late by a millisecond, and to
 * spin until each beat would take a whole core away from what is measured.
 * Beats that were missed, because this thread was busy, come all at once.
 */
export async function keepTime({ count, stepMs, onBeat }: Beats): Promise<void> {
  const beaten = new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT));
  const beginNs = process.hrtime.bigint() + BigInt(LEAD_MS * 1_000_000);
  const beginMs = performance.now() + LEAD_MS;
  const worker = new Worker(new URL('metronome-thread.ts', import.meta.url), {
    workerData: { beaten, beginNs, stepNs: stepMs * 1_000_000, count },
  });
  let failure: unknown;
  worker.once('error', (error) => {
    failure = error;
    Atomics.notify(beaten, 0);
  });
  try {
    for (let next = 0; next < count; ) {
      const seen = Atomics.load(beaten, 0);
      for (; next < seen; next++) onBeat(next, beginMs + next * stepMs);
      if (next >= count) break;
      const waiting = Atomics.waitAsync(beaten, 0, seen);
      if (waiting.async) await waiting.value;
      if (failure !== undefined) throw failure;
    }
  } finally {
    await worker.terminate();
  }
}
