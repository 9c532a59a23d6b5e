/** Two thousand attempts have the session to themselves for some 15 ms. */
const RECORDS_MAX = 4_000;
/** While calls wait for others of the session: some 4 ms, on a machine that has nothing else to do. */
const DEMANDED_RECORDS_MAX = 500;
/** Each batch has a commit to disk as well, which is not the dearer for more records. */
const DEMANDED_RECORDS_MIN = 100;
const DEMANDED_MS = 5;

/**
 * How many records the next batch may have. Where others want the session as
 * well, a batch is kept as short as they can bear: by what the last ones took,
 * because a machine that is busy otherwise takes many times longer.
 */
export class BatchSize {
  #demanded = DEMANDED_RECORDS_MAX;

  recordsMax(inDemand: boolean): number {
    return inDemand ? this.#demanded : RECORDS_MAX;
  }

  /** What a batch has taken from its beginning to its commit. One that is much smaller says little of larger ones. */
  took(records: number, ms: number): void {
    if (records < DEMANDED_RECORDS_MIN) return;
    const fitting = (records * DEMANDED_MS) / Math.max(ms, 0.1);
    const next = (this.#demanded + Math.min(fitting, DEMANDED_RECORDS_MAX)) / 2;
    this.#demanded = Math.round(Math.max(DEMANDED_RECORDS_MIN, next));
  }
}
