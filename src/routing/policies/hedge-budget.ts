/** Hedges that may be saved up: a burst of them is itself a load. */
const SAVED_MAX = 5;

/**
 * How many calls of a route may be hedged: a share of them, and never more.
 *
 * Each call adds its share of a hedge, at most {@link SAVED_MAX} are saved up,
 * a hedge takes one. It starts empty, so that over any number of calls hedges
 * are within the share exactly. Five percent, as a delay of the p95 asks for, is
 * what "The Tail at Scale" (Dean and Barroso, 2013) found to be enough.
 */
export class HedgeBudget {
  readonly #share: number;
  #saved = 0;

  /** @param percent of the route's calls */
  constructor(percent: number) {
    this.#share = percent / 100;
  }

  /** A call of the route has begun. Once for each. */
  called(): void {
    this.#saved = Math.min(this.#saved + this.#share, SAVED_MAX);
  }

  /** Takes one hedge, where there is one. */
  take(): boolean {
    // Twenty twentieths are a little less than one in floating point.
    if (this.#saved < 1 - 1e-9) return false;
    this.#saved -= 1;
    return true;
  }
}
