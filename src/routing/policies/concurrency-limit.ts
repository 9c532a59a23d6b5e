import type { ConcurrencyPolicy } from '../../protocol/policy.ts';

/** The limit is reckoned anew once a window has lasted this long … */
const WINDOW_MS = 1_000;
/** … and has seen this many first tokens: fewer are no average. */
const WINDOW_SAMPLES_MIN = 10;
/** The long-term average is the plain one of so many windows at first. */
const WARM_UP_WINDOWS = 10;
/** The first answers to come are the quick ones: so many windows are taken as they are. */
const FIRST_WINDOWS = 5;
/** One slow window is noise, so many in a row are a queue … */
const QUEUE_WINDOWS = 2;
/** … of which this long after nothing is known any more. */
const QUEUE_KNOWN_MS = 60_000;
/** Of the limit, for each window of the search. */
const SEARCH_GROWTH = 1.5;
/** How much a window counts for the long-term average in which the limit was reached and the target was slower than usual. */
const OWN_LOAD_WEIGHT = 0.1;
/** Of the worst time, what is still the same. */
const SAME_PART = 0.8;
/** A short-term average below this part of the long-term one: the target has recovered, and its habit was overload. */
const RECOVERED_PART = 0.5;
const RECOVERED_STEP = 0.9;

/**
 * How many calls at once a target bears, found out from its time to first token
 * (TTFT): when that grows, calls queue there. TTFT, and not the time of a whole
 * call, because that depends on the answer's length.
 *
 *     gradient = tolerance × long-term TTFT / this window's TTFT, within 0.5 … 1
 *     limit    = limit × (1 − smoothing) + (limit × gradient + queue) × smoothing
 *
 * - *searching*, at first and again when it was misled: the limit grows by half
 *   with each window in which at least half of it is used, until a window's
 *   gradient is below 1.
 * - *following*: the formula above, window by window; a limit of which less than
 *   half is used is neither raised nor lowered, because nothing was learnt of it.
 *
 * The long-term TTFT is an average over `longWindow` windows. Alone it would
 * take a lasting overload for the habit, and the limit would creep up; so windows
 * that our own calls have made slow hardly count. In turn, a target that is no
 * faster with half the calls has become slow by itself, and that is its habit.
 *
 * Unless it refuses, it counts as full only where calls were seen to queue
 * within the last minute: neither a burst nor an uneven target must drive calls
 * elsewhere, and one that is asked for nothing that is streamed has no TTFT.
 *
 * Formula and defaults are those of Gradient2 of Netflix's concurrency-limits,
 * with the tolerance it had in 2018 and within 4 to 1,024 calls.
 */
export class ConcurrencyLimit {
  readonly #policy: ConcurrencyPolicy;
  #limit: number;
  #searching = true;
  #inFlight = 0;
  #inFlightMax = 0;
  #windowBeganMs: number | undefined;
  #samples = 0;
  #sumMs = 0;
  #longMs = 0;
  #windows = 0;
  /** While the gradient is below 1: the worst window's time, the calls at once when that began, and since when they are half of those. */
  #worstMs = 0;
  #inFlightBefore = 0;
  #lessSinceMs = 0;
  #slowWindows = 0;
  #queuedAtMs = Number.NEGATIVE_INFINITY;

  constructor(policy: ConcurrencyPolicy) {
    this.#policy = policy;
    this.#limit = policy.initial;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** Calls at once. */
  get limit(): number {
    return Math.floor(this.#limit);
  }

  /** Whether a full target refuses even the call that has no other. */
  get refuses(): boolean {
    return this.#policy.refuse;
  }

  isFull(nowMs: number): boolean {
    if (this.#inFlight < this.limit) return false;
    return this.#policy.refuse || nowMs - this.#queuedAtMs < QUEUE_KNOWN_MS;
  }

  /** About how long until one of the calls under way has its first token, in ms. */
  get roomInMs(): number {
    return Math.min(1_000, Math.max(10, this.#longMs / this.#limit));
  }

  begun(): void {
    this.#inFlight++;
    if (this.#inFlight > this.#inFlightMax) this.#inFlightMax = this.#inFlight;
  }

  ended(): void {
    this.#inFlight--;
  }

  firstToken(elapsedMs: number, nowMs: number): void {
    this.#windowBeganMs ??= nowMs;
    this.#samples++;
    this.#sumMs += elapsedMs;
    if (this.#samples < WINDOW_SAMPLES_MIN || nowMs - this.#windowBeganMs < WINDOW_MS) return;
    this.#closeWindow(nowMs);
  }

  #closeWindow(nowMs: number): void {
    const shortMs = Math.max(1, this.#sumMs / this.#samples);
    const gradient = this.#windows < FIRST_WINDOWS ? 1 : this.#gradient(shortMs);
    this.#slowWindows = gradient < 1 ? this.#slowWindows + 1 : 0;
    if (this.#slowWindows >= QUEUE_WINDOWS) this.#queuedAtMs = nowMs;
    if (this.#inFlightMax * 2 >= this.#limit) this.#limit = this.#next(gradient);
    this.#learn(shortMs, gradient, nowMs);
    this.#windowBeganMs = nowMs;
    this.#samples = 0;
    this.#sumMs = 0;
    this.#inFlightMax = this.#inFlight;
  }

  #gradient(shortMs: number): number {
    return Math.max(0.5, Math.min(1, (this.#policy.tolerance * this.#longMs) / shortMs));
  }

  #next(gradient: number): number {
    const { min, max, smoothing, queue } = this.#policy;
    if (gradient < 1) this.#searching = false;
    const wanted = this.#limit * gradient + queue;
    const next = this.#searching ? this.#limit * SEARCH_GROWTH : this.#limit * (1 - smoothing) + wanted * smoothing;
    return Math.max(min, Math.min(max, next));
  }

  #learn(shortMs: number, gradient: number, nowMs: number): void {
    this.#windows++;
    this.#longMs += (shortMs - this.#longMs) * this.#weightOf(shortMs, gradient);
    if (shortMs < this.#longMs * RECOVERED_PART) this.#longMs *= RECOVERED_STEP;
    if (gradient === 1) this.#worstMs = 0;
    else this.#learnWhetherLessHelped(shortMs, nowMs);
  }

  /** Times that our own calls have made longer are no habit, or the limit would grow by itself under a lasting load. */
  #weightOf(shortMs: number, gradient: number): number {
    if (this.#windows <= WARM_UP_WINDOWS && gradient === 1) return 1 / this.#windows;
    const plain = 2 / (this.#policy.longWindow + 1);
    const isOurs = shortMs > this.#longMs && this.#inFlightMax >= this.limit;
    return isOurs ? plain * OWN_LOAD_WEIGHT : plain;
  }

  /**
   * Where half as many calls wait as long as before, it is not they that make
   * it slow: it has become so by itself. Judged once those have gone that were
   * there before, with their times.
   */
  #learnWhetherLessHelped(shortMs: number, nowMs: number): void {
    if (this.#worstMs === 0) this.#inFlightBefore = this.#inFlightMax;
    this.#worstMs = Math.max(this.#worstMs, shortMs);
    if (this.#inFlightMax * 2 > this.#inFlightBefore) this.#lessSinceMs = nowMs;
    const settled = nowMs - this.#lessSinceMs >= this.#worstMs * 2;
    if (!settled || shortMs < this.#worstMs * SAME_PART) return;
    this.#longMs = shortMs;
    this.#searching = true;
    this.#worstMs = 0;
  }
}
