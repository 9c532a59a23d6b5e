import type { Random } from '../../kernel/random.ts';
import type { SlowPolicy } from '../../protocol/policy.ts';
import type { GateView } from '../weather-words.ts';
import { RecoveryGate, type RecoveryPolicy, type Ticket } from './recovery-gate.ts';
import { RollingQuantile } from './rolling-quantile.ts';

/**
 * Closes a target whose first tokens come late.
 *
 * States as in `RecoveryGate`. A call is slow when its first token takes longer
 * than `times` the target's rolling p95 (and than `msMin`), or than
 * `firstTokenMsMax` in any case. While calls pass, it opens when `percent` of
 * the last `calls` were slow; while half open, one slow probe is enough.
 *
 *     first token → [ last 20: slow or not ] → habit: a p95 of what came before
 *
 * A time joins the habit only after it has left the last 20, and a slow one as
 * no more than the bound, so that a target which turns slow is judged by what it
 * was. Slow probes join it too: a target that stays slower for good is held to
 * its new habit after a dozen of them, which is about an hour.
 *
 * The share of slow calls is resilience4j's. It is the first token that counts
 * because how long a whole answer takes depends on its length.
 */
export class SlowBreaker {
  readonly #policy: SlowPolicy;
  readonly #gate: RecoveryGate;
  readonly #habit = new RollingQuantile(0.95);
  /** Times of the last calls, at most the bound of their moment; those of slow ones negative. */
  readonly #last: Float64Array;
  #next = 0;
  #known = 0;
  #slow = 0;
  #cause = '';

  constructor(policy: SlowPolicy, recovery: RecoveryPolicy, random: Random) {
    this.#policy = policy;
    this.#gate = new RecoveryGate(recovery, random);
    this.#last = new Float64Array(policy.calls);
  }

  admits(nowMs: number): boolean {
    return this.#gate.admits(nowMs);
  }

  begin(nowMs: number): Ticket {
    return this.#gate.begin(nowMs);
  }

  get openings(): number {
    return this.#gate.openings;
  }

  /** Above this a first token is slow now, in ms. */
  get boundMs(): number {
    const { firstTokenMsMax, times, msMin } = this.#policy;
    const habitMs = this.#habit.value;
    return habitMs === undefined ? firstTokenMsMax : Math.min(firstTokenMsMax, Math.max(msMin, times * habitMs));
  }

  firstToken(ticket: Ticket, elapsedMs: number, nowMs: number): Ticket {
    if (!this.#gate.isCurrent(ticket)) return ticket;
    const boundMs = this.boundMs;
    const slow = elapsedMs > boundMs;
    if (!slow) {
      this.#remember(elapsedMs);
      return this.#gate.passed(ticket, nowMs);
    }
    const freed = this.#gate.freed(ticket);
    const state = this.#gate.state(nowMs);
    if (state === 'open') return freed;
    this.#remember(-boundMs);
    const tooMany = this.#known >= this.#last.length && this.#slow * 100 >= this.#last.length * this.#policy.percent;
    if (state === 'half-open') {
      this.#habit.add(boundMs);
      this.#open('a slow probe', nowMs);
    } else if (tooMany) this.#open(`${this.#slow} slow first tokens in ${this.#last.length}`, nowMs);
    return freed;
  }

  /** No first token came within this time, and none was waited for any longer. */
  silent(ticket: Ticket, elapsedMs: number, nowMs: number): Ticket {
    return elapsedMs > this.boundMs ? this.firstToken(ticket, elapsedMs, nowMs) : ticket;
  }

  /** It is over: where no first token was told of, an answer within the bound says that it was not slow. */
  ended(ticket: Ticket, answeredMs: number | undefined, nowMs: number): void {
    if (answeredMs !== undefined && answeredMs <= this.boundMs) this.#gate.passed(ticket, nowMs);
    else this.#gate.freed(ticket);
  }

  /** Why it admits nothing. */
  reason(nowMs: number): string {
    const state = this.#gate.state(nowMs);
    if (state === 'half-open') return 'was slow, probes are under way';
    if (state === 'returning') return 'was slow, lets calls back little by little';
    return `slow: ${this.#cause}`;
  }

  /** When it opens to a probe; `undefined` unless it is open. */
  untilMs(nowMs: number): number | undefined {
    return this.#gate.state(nowMs) === 'open' ? this.#gate.untilMs : undefined;
  }

  view(nowMs: number): GateView & { slowPercent: number; boundMs: number } {
    const slowPercent = this.#known === 0 ? 0 : Math.round((this.#slow / this.#known) * 100);
    return { ...this.#gate.view(nowMs), slowPercent, boundMs: Math.round(this.boundMs) };
  }

  /** @param ms negative when slow */
  #remember(ms: number): void {
    if (this.#known === this.#last.length) this.#forgetOldest();
    this.#last[this.#next] = ms;
    this.#next = (this.#next + 1) % this.#last.length;
    this.#known++;
    if (ms < 0) this.#slow++;
  }

  #forgetOldest(): void {
    const oldest = this.#last[this.#next] ?? 0;
    this.#habit.add(Math.abs(oldest));
    this.#known--;
    if (oldest < 0) this.#slow--;
  }

  /** The last calls are forgotten and do not join the habit: they are why it opens. */
  #open(cause: string, nowMs: number): void {
    this.#cause = cause;
    this.#gate.trip(nowMs);
    this.#next = 0;
    this.#known = 0;
    this.#slow = 0;
  }
}
