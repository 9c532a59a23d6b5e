import { GatewayError } from '../../kernel/errors.ts';
import type { Random } from '../../kernel/random.ts';
import type { ShedPolicy } from '../../protocol/policy.ts';
import { PRIORITIES, type Priority } from '../../protocol/priority.ts';

/** How the process has fared in the last second. */
export interface LoadReading {
  /** p99 of how late the event loop came to its timers, in milliseconds. */
  readonly loopDelayMs: number;
  /** Share of the heap's limit that is in use. */
  readonly heapPercent: number;
}

/** What there was too much of. */
export type ShedReason = 'event_loop' | 'heap' | 'in_flight';

export interface LoadShedParts {
  readonly random: Random;
  /** In force now; `undefined` while nothing is to be shed. */
  policy(): ShedPolicy | undefined;
  onShed(priority: Priority, reason: ShedReason): void;
}

/** When a priority is shed. */
interface Tier {
  readonly priority: Priority;
  /** From how many times the policy's delay on: most would rather have an answer that is a little late than none. */
  readonly times: number;
  /** From which part of the way between the policy's share of the heap and all of it on. */
  readonly heapWay: number;
  /** For how many seconds in a row it has to be so: what most calls say must not be refused for one long turn of the loop. */
  readonly patienceS: number;
  /** By how much the shed share may grow in a second. */
  readonly riseMax: number;
  /** Share of `inFlightMax` that calls of this priority may fill. */
  readonly inFlightShare: number;
}

const LOW: Tier = { priority: 'low', times: 1, heapWay: 0, patienceS: 1, riseMax: 1, inFlightShare: 0.7 };
/** Critical calls are refused by `inFlightMax` alone. */
const TIERS: readonly Tier[] = [
  LOW,
  { priority: 'normal', times: 4, heapWay: 0.5, patienceS: 3, riseMax: 0.34, inFlightShare: 0.85 },
  { priority: 'high', times: 10, heapWay: 0.75, patienceS: 5, riseMax: 0.34, inFlightShare: 0.95 },
];
/** Of the limit, multiplied by how far it is exceeded. */
const RISE = 0.25;
/** Below this part of its limit a priority's share shrinks; between the two it stays, so that nothing flaps. */
const CALM = 0.7;
const FALL = 0.2;
/** A heap that is as much fuller than its limit as this part of the rest is twice too full. */
const HEAP_STEP = 0.25;
/** Retry-After is drawn from this span: clients that were refused together must not come back together. */
const RETRY_MS_MIN = 1_000;
const RETRY_MS_SPAN = 4_000;

/**
 * Refuses calls before they cost anything, while the process has more to do
 * than it can: those of the lowest priority first, and of each priority only as
 * many as it takes.
 *
 * Each priority has a share that is shed, from 0 to 1. With each second's
 * reading it grows where the load is above the priority's limit and shrinks
 * where it is well below it; in between it stays. A share that moves in steps,
 * rather than a switch, finds the load that can be borne: a switch would swing
 * between all and nothing where most calls say the same. Critical calls are
 * refused by the number in flight alone.
 */
export class LoadShed {
  readonly #parts: LoadShedParts;
  readonly #shares = new Map<Priority, number>(PRIORITIES.map((priority) => [priority, 0]));
  readonly #secondsAbove = new Map<Priority, number>();
  #reason: ShedReason = 'event_loop';
  /** Asked at each call: the largest share, which is that of the lowest priority. */
  #shedding = false;

  constructor(parts: LoadShedParts) {
    this.#parts = parts;
  }

  /** Which share of a priority's calls is refused now for the load, 0–1. */
  shareOf(priority: Priority): number {
    return this.#shares.get(priority) ?? 0;
  }

  /** Hears of each second. */
  observe({ loopDelayMs, heapPercent }: LoadReading): void {
    const policy = this.#parts.policy();
    for (const tier of TIERS) {
      const loop = policy === undefined ? 0 : loopDelayMs / policy.eventLoopDelayMs / tier.times;
      const heap = policy === undefined ? 0 : heapPressure(heapPercent, policy.heapPercent, tier);
      if (tier === LOW && Math.max(loop, heap) > 1) this.#reason = loop >= heap ? 'event_loop' : 'heap';
      this.#adjust(tier, Math.max(loop, heap));
    }
    this.#shedding = this.shareOf(LOW.priority) > 0;
  }

  #adjust({ priority, patienceS, riseMax }: Tier, pressure: number): void {
    const share = this.shareOf(priority);
    const above = pressure > 1 ? (this.#secondsAbove.get(priority) ?? 0) + 1 : 0;
    this.#secondsAbove.set(priority, above);
    if (above > 0 && above >= patienceS) {
      this.#shares.set(priority, Math.min(1, share + Math.min(riseMax, RISE * pressure)));
    } else if (pressure < CALM && share > 0) {
      const less = share - FALL;
      // What is left of adding and taking away decimals is no share.
      this.#shares.set(priority, less < 1e-9 ? 0 : less);
    }
  }

  /**
   * Whether a call may come in, by its priority and how many others are under way.
   *
   * @throws `overloaded`, with when to come again
   */
  admit(priority: Priority, inFlight: number): void {
    const inFlightMax = this.#parts.policy()?.inFlightMax;
    if (!this.#shedding && inFlightMax === undefined) return;
    const { random, onShed } = this.#parts;
    let reason: ShedReason | undefined;
    if (inFlightMax !== undefined && inFlight >= Math.max(1, inFlightMax * inFlightShareOf(priority))) {
      reason = 'in_flight';
    } else {
      const share = this.shareOf(priority);
      if (share > 0 && random.float() < share) reason = this.#reason;
    }
    if (reason === undefined) return;
    onShed(priority, reason);
    throw shed(priority, Math.round(RETRY_MS_MIN + random.float() * RETRY_MS_SPAN));
  }
}

function inFlightShareOf(priority: Priority): number {
  return TIERS.find((tier) => tier.priority === priority)?.inFlightShare ?? 1;
}

function heapPressure(percent: number, limitPercent: number, { heapWay }: Tier): number {
  const rest = 100 - limitPercent;
  return 1 + (percent - limitPercent - rest * heapWay) / Math.max(1, rest * HEAP_STEP);
}

function shed(priority: Priority, retryAfterMs: number): GatewayError {
  const others = priority === 'critical' ? '' : ' and takes calls of a higher priority first';
  return new GatewayError('overloaded', {
    message: `The gateway has more to do than it can${others} (this one is ${priority}). Send it again in ${Math.ceil(retryAfterMs / 1_000)} s.`,
    retryAfterMs,
  });
}
