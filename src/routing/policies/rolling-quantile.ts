/** The newest samples that count. */
const SAMPLES = 256;
/** With fewer than this nothing is said. */
const SAMPLES_MIN = 20;
/** Each bucket ends 7 % above the one before: from 1 ms, 256 of them reach eight hours. */
const GROWTH = 1.07;
const BUCKETS = 256;
const PER_LOG = 1 / Math.log(GROWTH);
const EDGES = Float64Array.from({ length: BUCKETS }, (_, bucket) => GROWTH ** bucket);

/**
 * Quantiles of the last 256 durations, rounded up to the next of 256 steps that
 * grow by 7 %. Adding takes constant time and memory. One quantile, the one
 * it is made for, is kept up with each sample and costs nothing to read.
 *
 *     counts  . . 3 9 21 8 2 . . 1 .
 *                 below ↑ at          moved by a step or two as samples come and go
 */
export class RollingQuantile {
  readonly #quantile: number;
  readonly #samples = new Uint8Array(SAMPLES);
  readonly #counts = new Uint16Array(BUCKETS);
  #added = 0;
  #at = 0;
  /** Samples in buckets before `#at`. */
  #below = 0;

  /** @param quantile such as 0.95 */
  constructor(quantile: number) {
    this.#quantile = quantile;
  }

  add(ms: number): void {
    const bucket = bucketOf(ms);
    const slot = this.#added % SAMPLES;
    if (this.#added >= SAMPLES) this.#count(this.#samples[slot] ?? 0, -1);
    this.#samples[slot] = bucket;
    this.#count(bucket, 1);
    this.#added++;
    this.#follow();
  }

  /** The quantile it is made for, in ms; `undefined` while too little is known. */
  get value(): number | undefined {
    return this.#added < SAMPLES_MIN ? undefined : EDGES[this.#at];
  }

  /** Any quantile, by a walk over the buckets. */
  at(quantile: number): number | undefined {
    if (this.#added < SAMPLES_MIN) return undefined;
    const rank = quantile * this.#size;
    let seen = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      seen += this.#counts[bucket] ?? 0;
      if (seen >= rank) return EDGES[bucket];
    }
    return EDGES[BUCKETS - 1];
  }

  get #size(): number {
    return Math.min(this.#added, SAMPLES);
  }

  #count(bucket: number, change: 1 | -1): void {
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + change;
    if (bucket < this.#at) this.#below += change;
  }

  /** Moves to the first bucket with which as many samples are reached as the quantile asks for. */
  #follow(): void {
    const rank = this.#quantile * this.#size;
    while (this.#below >= rank && this.#at > 0) {
      this.#at--;
      this.#below -= this.#counts[this.#at] ?? 0;
    }
    while (this.#below + (this.#counts[this.#at] ?? 0) < rank && this.#at < BUCKETS - 1) {
      this.#below += this.#counts[this.#at] ?? 0;
      this.#at++;
    }
  }
}

function bucketOf(ms: number): number {
  if (!(ms > 1)) return 0;
  return Math.min(BUCKETS - 1, Math.ceil(Math.log(ms) * PER_LOG - 1e-9));
}
