import type { Clock } from '../kernel/clock.ts';
import type { GatewayError } from '../kernel/errors.ts';
import type { Random } from '../kernel/random.ts';
import { fullJitterMs } from './policies/backoff.ts';
import type { Plan, PlannedTarget } from './target.ts';
import {
  afterFailure,
  degradeName,
  overfull,
  type Passed,
  passedText,
  reasoned,
  throttled,
  untilOf,
} from './walk-words.ts';
import type { TargetWeather, Weather } from './weather.ts';

/** A call that finds every target closed for no longer than this waits; a longer wait is the client's own. */
const FIRST_WAIT_MS_MAX = 2_000;
/** Whoever waits for the same instant must not arrive at it together. */
const WAIT_JITTER = 0.25;

export interface WalkParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly weather: Weather;
}

/** What became of an attempt that failed before its client had a byte. */
export interface Failure {
  readonly target: PlannedTarget;
  readonly error: GatewayError;
  /** Whether the same target may do better in a moment: it broke or was busy, and did not refuse. */
  readonly passing: boolean;
}

/** How a target's request differs from what the client asked, where a route degrades. */
export interface Shape {
  readonly keepMessages?: number;
  readonly outputTokensMax?: number;
}

export type Step =
  | {
      readonly kind: 'go';
      /** With the reason why it, and why not others. */
      readonly target: PlannedTarget;
      readonly weather: TargetWeather;
      /** To be waited for before. */
      readonly waitMs: number;
      /** As {@link TargetWeather.begin} wants it. */
      readonly paidBy: TargetWeather | 'hedge' | undefined;
      /** The client gets less than it asked for, and is told so. */
      readonly degraded: string | undefined;
      readonly shape: Shape | undefined;
    }
  | { readonly kind: 'text'; readonly text: string; readonly degraded: string }
  /** `error` where the call cannot even begin; otherwise it ends with its last attempt's. */
  | { readonly kind: 'stop'; readonly error?: GatewayError };

export type GoStep = Step & { readonly kind: 'go' };

interface More {
  readonly waitMs?: number;
  readonly hedge?: boolean;
  readonly degraded?: string;
  readonly shape?: Shape;
}

const NOTHING_MORE: More = {};

/**
 * One call's way through its plan's targets.
 *
 * The first move after a failure is the next open target, at once; the same
 * target is tried again, after a random wait, only where there is no other.
 * Each attempt but the first must be within the call's cap and the retry
 * budgets. Targets that are closed are passed over, and the reason says so; of
 * a list that is closed altogether by our own guess one is tried all the same,
 * because the guess may be wrong. What a provider asked for is respected.
 */
export class Walk {
  readonly #plan: Plan;
  readonly #parts: WalkParts;
  readonly #tried: PlannedTarget[] = [];
  /** Of the target at which the call began. */
  #origin: TargetWeather | undefined;
  #degradeAt = 0;
  #spent = false;

  constructor(plan: Plan, parts: WalkParts) {
    this.#plan = plan;
    this.#parts = parts;
  }

  /** Attempts that were made, or are about to be. */
  get attempts(): number {
    return this.#tried.length;
  }

  /** The gateway has tried again, or would have but for its budgets: another round of the client's would only add to the load. */
  get spent(): boolean {
    return this.#spent || this.#tried.length > 1;
  }

  /** Whether anything could follow if the attempt that is made now fails. */
  get mayGoOn(): boolean {
    const { targets, attemptsMax, policies } = this.#plan;
    if (this.#degradeAt < policies.degrade.length) return true;
    if (this.#tried.length >= attemptsMax) return false;
    return policies.backoff !== undefined || this.#tried.length < targets.length;
  }

  /** @param remainingMs until the call's deadline */
  first(remainingMs: number): Step {
    const { targets, policies, route } = this.#plan;
    if (policies.hedge !== undefined) this.#parts.weather.hedges(route, policies.hedge).called();
    const passed: Passed[] = [];
    const open = this.#openAmong(targets, passed, remainingMs);
    if (open !== undefined) return this.#go(open, passed);
    const guessed = leastBad(passed);
    if (guessed !== undefined) return this.#go(guessed.target, passed, 'all are closed');
    return this.#closedAltogether(passed, remainingMs);
  }

  next(failure: Failure, remainingMs: number): Step {
    const { error } = failure;
    const { attemptsMax } = this.#plan;
    const others = alternativesFor(error, this.#plan);
    if (others === undefined && error.retry === 'never') return { kind: 'stop' };
    const passed: Passed[] = [];
    const why = afterFailure(failure);
    if (this.#tried.length < attemptsMax - this.#keptForDegrading(others)) {
      const open = this.#openAmong(others ?? this.#plan.targets, passed, remainingMs);
      if (open !== undefined) {
        if (this.#mayRetry()) return this.#go(open, passed, why);
      } else if (others === undefined) {
        const again = this.#again(failure, remainingMs);
        if (again !== undefined) return again;
      }
    }
    // What no other model could mend is not mended by less of an answer either, and who is refused for what it says is to hear of it.
    const itsOwn = error.retry === 'never' || error.code === 'unsupported_parameter';
    return itsOwn ? { kind: 'stop' } : this.#degrade(error.code, why, remainingMs);
  }

  /** A second target to ask beside one that keeps silent; `undefined` where there is none, or no budget for it. */
  hedge(remainingMs: number): GoStep | undefined {
    const { targets, attemptsMax, policies, route } = this.#plan;
    if (policies.hedge === undefined || this.#tried.length !== 1 || attemptsMax < 2) return undefined;
    const passed: Passed[] = [];
    const open = this.#openAmong(targets, passed, remainingMs);
    if (open === undefined || !this.#parts.weather.hedges(route, policies.hedge).take()) return undefined;
    return this.#go(open, passed, 'hedged: the first target keeps silent', { hedge: true });
  }

  /** How long the first attempt is given alone; `undefined` where it is not hedged, or too little is known of its target. */
  hedgeAfterMs(target: PlannedTarget): number | undefined {
    const { hedge } = this.#plan.policies;
    if (hedge === undefined) return undefined;
    return hedge.afterMs ?? this.#weatherOf(target).firstTokenP95Ms;
  }

  /** The first of these that is open and was not tried; those before it that are closed go to `passed`. */
  #openAmong(targets: readonly PlannedTarget[], passed: Passed[], remainingMs: number): PlannedTarget | undefined {
    for (const target of targets) {
      if (this.#tried.includes(target)) continue;
      const weather = this.#weatherOf(target);
      const closure = weather.closure();
      if (closure !== undefined) {
        passed.push({ target, closure });
        continue;
      }
      // Half of its answers would come too late.
      const usualMs = weather.firstTokenP50Ms;
      if (this.#tried.length > 0 && usualMs !== undefined && usualMs > remainingMs) continue;
      return target;
    }
    return undefined;
  }

  /** The target that failed, once more: where it was the last one left, and may do better. */
  #again({ target, error, passing }: Failure, remainingMs: number): Step | undefined {
    const { backoff } = this.#plan.policies;
    if (backoff === undefined || !passing) return undefined;
    const { retryAfterMs } = error;
    if (error.code === 'rate_limited' && retryAfterMs === undefined) return undefined;
    const askedMax = target.policies.coolDown.retryAfterMsMax;
    if (retryAfterMs !== undefined && retryAfterMs > askedMax) return undefined;
    const weather = this.#weatherOf(target);
    const closure = weather.closure();
    if (closure !== undefined && closure.kind !== 'cool-down' && closure.kind !== 'concurrency') {
      // Whom we leave alone for his failures the client must not ask again either: in an outage that would be thrice the load.
      this.#spent = true;
      return undefined;
    }
    const { random } = this.#parts;
    const times = this.#tried.filter((tried) => isSame(tried, target)).length - 1;
    const asked = (retryAfterMs ?? 0) * (1 + random.float() * WAIT_JITTER);
    const waitMs = Math.max(asked, fullJitterMs(backoff, times, random));
    if (waitMs + (weather.firstTokenP50Ms ?? 0) >= remainingMs || !this.#mayRetry()) return undefined;
    return this.#go(target, [], `${afterFailure({ error, target })}, tried again after ${Math.round(waitMs)} ms`, {
      waitMs,
    });
  }

  /** Retries are a share of first attempts, so the budget is that of the target at which the call began. */
  #mayRetry(): boolean {
    const allowed = this.#parts.weather.mayRetry() && (this.#origin?.mayRetry() ?? true);
    if (!allowed) this.#spent = true;
    return allowed;
  }

  /** A degraded attempt is one of the attempts that a call has. */
  #keptForDegrading(others: readonly PlannedTarget[] | undefined): number {
    if (others !== undefined || this.#plan.attemptsMax < 2) return 0;
    return this.#plan.policies.degrade.some(({ kind }) => kind === 'target') ? 1 : 0;
  }

  #degrade(cause: string, why: string, remainingMs: number): Step {
    const steps = this.#plan.policies.degrade.length === 0 ? [] : (this.#plan.alternatives?.degrade ?? []);
    for (let step = steps[this.#degradeAt]; step !== undefined; step = steps[this.#degradeAt]) {
      this.#degradeAt++;
      const degraded = `${degradeName(step)}, because of ${cause}`;
      if (step.kind === 'text') return { kind: 'text', text: step.text, degraded };
      const passed: Passed[] = [];
      if (this.#tried.length >= this.#plan.attemptsMax) continue;
      const open = this.#openAmong([step.target], passed, remainingMs);
      if (open === undefined || (this.#tried.length > 0 && !this.#mayRetry())) continue;
      return this.#go(open, passed, why, { degraded, shape: step });
    }
    return { kind: 'stop' };
  }

  /** Every provider has asked to be left alone, or is full and must not be asked for more. */
  #closedAltogether(passed: readonly Passed[], remainingMs: number): Step {
    const nowMs = this.#parts.clock.monotonicMs();
    const [soonest] = [...passed].sort((one, other) => untilOf(one) - untilOf(other));
    if (soonest === undefined) return { kind: 'stop' };
    const waitMs = Math.max(0, untilOf(soonest) - nowMs) * (1 + this.#parts.random.float() * WAIT_JITTER);
    const full = soonest.closure.firm;
    if (!full && waitMs <= Math.min(FIRST_WAIT_MS_MAX, remainingMs)) {
      return this.#go(soonest.target, passed, `waited ${Math.round(waitMs)} ms`, { waitMs });
    }
    const error = full ? overfull(passed) : throttled(passed, waitMs);
    const degraded = this.#degrade(error.code, passedText(passed), remainingMs);
    return degraded.kind === 'stop' ? { kind: 'stop', error } : degraded;
  }

  #go(target: PlannedTarget, passed: readonly Passed[], why?: string, more: More = NOTHING_MORE): GoStep {
    const weather = this.#weatherOf(target);
    this.#tried.push(target);
    const origin = this.#origin;
    this.#origin ??= weather;
    return {
      kind: 'go',
      target: reasoned(target, passed, why),
      weather,
      waitMs: more.waitMs ?? 0,
      paidBy: more.hedge === true ? 'hedge' : origin,
      degraded: more.degraded,
      shape: more.shape,
    };
  }

  #weatherOf(target: PlannedTarget): TargetWeather {
    return this.#parts.weather.of(target, target.policies);
  }
}

function isSame(one: PlannedTarget, other: PlannedTarget): boolean {
  return one.provider === other.provider && one.model === other.model && one.credential === other.credential;
}

/** Closed by our own guess, which may be wrong: the one that would open soonest. */
function leastBad(passed: readonly Passed[]): Passed | undefined {
  const guessed = passed.filter(({ closure }) => !closure.asked && !closure.firm);
  return guessed.sort((one, other) => untilOf(one) - untilOf(other))[0];
}

function alternativesFor({ code }: GatewayError, plan: Plan): readonly PlannedTarget[] | undefined {
  if (code !== 'context_length_exceeded' && code !== 'content_policy') return undefined;
  const others = code === 'content_policy' ? plan.alternatives?.contentPolicy : plan.alternatives?.contextLength;
  return others === undefined || others.length === 0 ? undefined : others;
}
