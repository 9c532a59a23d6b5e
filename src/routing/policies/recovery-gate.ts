import type { Random } from '../../kernel/random.ts';
import type { BreakerPolicy } from '../../protocol/policy.ts';
import type { GateState, GateView } from '../weather-words.ts';

/** What of a breaker's policy says how a target comes back. */
export type RecoveryPolicy = Pick<BreakerPolicy, 'openMs' | 'openMsMax' | 'probes' | 'returnMs'>;

/**
 * What a passage took from a gate: a number, because one is made for every
 * call. The opening it began after, times four; one more while it holds a slot,
 * two more once it has told that it was answered.
 */
export type Ticket = number;

const HOLDS_SLOT = 1;
const HAS_TOLD = 2;

/**
 * The way out of use and back, the same whatever it was that closed a target.
 *
 * - *closed*: calls pass. A breaker's rule trips it.
 * - *open*: none should pass for `openMs × 2^k`, at most `openMsMax`, times a
 *   random half to one and a half, so that gateways which lost a provider
 *   together do not return to it together. The first time it is a half to one:
 *   most outages are short, and whoever heals is found within `openMs`.
 * - *half-open*: rounds of probes, 1 and then 3. A round's probes must all be
 *   answered before the next; one that fails opens it again with `k + 1`; one
 *   that is cancelled gives its slot back.
 * - *returning*: as many calls at once may wait for their first answer as the
 *   last round had probes, and one more for each answer since: they double with
 *   each round trip. Closed after `returnMs`.
 *
 * A call that is sent while it is open, because there is no other target, and
 * is answered, counts as a probe that was passed. What began before an opening
 * says nothing about what came after it.
 *
 * 30 s, doubled and capped at 300 s, is Envoy's outlier ejection; rounds of
 * probes are resilience4j's half-open state.
 */
export class RecoveryGate {
  readonly #policy: RecoveryPolicy;
  readonly #random: Random;
  #phase: GateState = 'closed';
  #openings = 0;
  /** Openings in a row: the exponent, and one. */
  #inRow = 0;
  #openForMs = 0;
  /** Open: when it is half open. Returning: when it is closed. Closed: since when. */
  #turnMs = Number.NEGATIVE_INFINITY;
  #round = 0;
  /** Passed in this round, or since it is returning. */
  #answered = 0;
  /** Slots that are taken by passages nothing was heard of. */
  #waiting = 0;

  constructor(policy: RecoveryPolicy, random: Random) {
    this.#policy = policy;
    this.#random = random;
  }

  state(nowMs: number): GateState {
    if (this.#phase === 'closed' || nowMs < this.#turnMs) return this.#phase;
    if (this.#phase === 'open') this.#enterHalfOpen();
    else if (this.#phase === 'returning') this.#phase = 'closed';
    return this.#phase;
  }

  /** Whether one more call may pass. */
  admits(nowMs: number): boolean {
    switch (this.state(nowMs)) {
      case 'closed':
        return true;
      case 'open':
        return false;
      case 'half-open':
        return this.#answered + this.#waiting < this.#slots;
      case 'returning':
        return this.#waiting < this.#slots + this.#answered;
    }
  }

  /** When an open gate lets a probe through, on the monotonic clock. */
  get untilMs(): number {
    return this.#turnMs;
  }

  /** How often it has opened. */
  get openings(): number {
    return this.#openings;
  }

  begin(nowMs: number): Ticket {
    const state = this.state(nowMs);
    // Whoever is sent while it is open holds no probe's slot: it may hang for long.
    if (state === 'closed' || state === 'open') return this.#openings * 4;
    this.#waiting++;
    return this.#openings * 4 + HOLDS_SLOT;
  }

  /** Whether what a passage tells is about the present, and not about before the last opening. */
  isCurrent(ticket: Ticket): boolean {
    return ticket >> 2 === this.#openings;
  }

  /** The target has answered well. Counts once. @returns the ticket from now on */
  passed(ticket: Ticket, nowMs: number): Ticket {
    if (!this.isCurrent(ticket) || (ticket & HAS_TOLD) !== 0) return ticket;
    const told = this.freed(ticket) + HAS_TOLD;
    const state = this.state(nowMs);
    if (state === 'closed') return told;
    if (state === 'open') this.#enterHalfOpen();
    this.#answered++;
    if (this.#phase === 'half-open') this.#nextRound(nowMs);
    return told;
  }

  /** Gives the slot back, where it holds one. @returns the ticket from now on */
  freed(ticket: Ticket): Ticket {
    if (!this.isCurrent(ticket) || (ticket & HOLDS_SLOT) === 0) return ticket;
    this.#waiting--;
    return ticket - HOLDS_SLOT;
  }

  /** Opens it. */
  trip(nowMs: number): void {
    const steady = this.state(nowMs) === 'closed' && nowMs - this.#turnMs >= this.#openForMs;
    this.#inRow = steady ? 1 : this.#inRow + 1;
    this.#openings++;
    this.#openForMs = this.#drawnMs();
    this.#phase = 'open';
    this.#turnMs = nowMs + this.#openForMs;
    this.#waiting = 0;
  }

  view(nowMs: number): GateView {
    const state = this.state(nowMs);
    const opensForMs = state === 'open' ? { opensForMs: Math.ceil(this.#turnMs - nowMs) } : {};
    return { state, openings: this.#openings, ...opensForMs };
  }

  get #slots(): number {
    return this.#policy.probes[this.#round] ?? this.#policy.probes.at(-1) ?? 1;
  }

  #enterHalfOpen(): void {
    this.#phase = 'half-open';
    this.#round = 0;
    this.#answered = 0;
  }

  #nextRound(nowMs: number): void {
    if (this.#answered < this.#slots) return;
    this.#round++;
    this.#answered = 0;
    if (this.#round < this.#policy.probes.length) return;
    this.#phase = 'returning';
    this.#turnMs = nowMs + this.#policy.returnMs;
  }

  #drawnMs(): number {
    const { openMs, openMsMax } = this.#policy;
    const plainMs = Math.min(openMs * 2 ** (this.#inRow - 1), openMsMax);
    const most = this.#inRow === 1 ? 1 : Math.min(1.5, openMsMax / plainMs);
    return plainMs * (0.5 + this.#random.float() * (most - 0.5));
  }
}
