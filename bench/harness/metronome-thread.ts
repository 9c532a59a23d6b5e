import { workerData } from 'node:worker_threads';

interface Told {
  /** How many beats were due so far; and a word that nobody ever wakes. */
  readonly beaten: Int32Array<SharedArrayBuffer>;
  /** On the monotonic clock that all threads share. */
  readonly beginNs: bigint;
  readonly stepNs: number;
  readonly count: number;
}

const { beaten, beginNs, stepNs, count } = workerData as Told;
for (let beat = 0; beat < count; beat++) {
  const dueNs = beginNs + BigInt(Math.round(beat * stepNs));
  for (let leftNs = left(dueNs); leftNs > 0; leftNs = left(dueNs)) Atomics.wait(beaten, 1, 0, leftNs / 1_000_000);
  Atomics.store(beaten, 0, beat + 1);
  Atomics.notify(beaten, 0);
}

function left(dueNs: bigint): number {
  return Number(dueNs - process.hrtime.bigint());
}
