import type { Clock } from '../kernel/clock.ts';
import type { Random } from '../kernel/random.ts';
import {
  DEFAULT_TARGET_POLICIES,
  type GlobalPolicies,
  type HedgePolicy,
  type TargetPolicies,
} from '../protocol/policy.ts';
import { HedgeBudget } from './policies/hedge-budget.ts';
import { RetriesInFlight } from './policies/retries-in-flight.ts';
import { TimedClosure } from './policies/timed-closure.ts';
import { TargetState, type WeatherParts } from './target-state.ts';
import { PolicedTarget } from './target-weather.ts';
import type { TargetWeather, TargetWeatherView } from './weather-words.ts';

export type {
  Closure,
  ClosureKind,
  GateState,
  GateView,
  Passage,
  PassageEnd,
  TargetWeather,
  TargetWeatherView,
} from './weather-words.ts';

/** Targets that are remembered: a client may ask for any model's name. */
export const TARGETS_MAX = 4_096;
/** Forgotten at once when there are too many, so that the search for the oldest is worth its while. */
const FORGOTTEN_AT_ONCE = 512;
/** Different sets of policies and hedged routes that are known: as many as a configuration names, over its reloads. */
const NAMED_MAX = 4_096;

/** What of a target is needed to know its weather. */
export interface WeatherPlace {
  readonly provider: { readonly name: string };
  readonly model: string;
  readonly credential?: { readonly name: string } | undefined;
}

/**
 * What routing knows of all its targets. One for a gateway's whole life: it
 * outlives the routers that a reload of the configuration replaces.
 *
 * A target is known by its name and its policies, as they read: the same target
 * under other policies is judged apart, but throttling and a refused credential
 * are facts of the provider's and hold under all of them. At most
 * {@link TARGETS_MAX} targets are remembered; those used longest ago are
 * forgotten, and begin anew.
 */
export class Weather {
  readonly #parts: WeatherParts;
  readonly #targets = new Map<string, PolicedTarget>();
  /** By target, whatever its policies; by credential. */
  readonly #coolDowns = new Map<string, TimedClosure>();
  readonly #credentials = new Map<string, TimedClosure>();
  readonly #policyNumbers = new WeakMap<TargetPolicies, number>();
  readonly #policyTexts = new Map<string, number>();
  readonly #hedges = new Map<string, HedgeBudget>();
  #policiesKnown = 0;
  #uses = 0;

  /** @param onClosed a target was closed for a while; not for one that is merely full */
  constructor(
    clock: Clock,
    random: Random,
    global: Pick<GlobalPolicies, 'retriesInFlight'>,
    onClosed?: WeatherParts['onClosed'],
  ) {
    this.#parts = { clock, random, retriesInFlight: new RetriesInFlight(global.retriesInFlight), onClosed };
  }

  /** A target's weather; what was known of it under policies that read the same stays known. Cheap: asked for every call. */
  of(place: WeatherPlace, policies: TargetPolicies = DEFAULT_TARGET_POLICIES): TargetWeather {
    const key = keyOf(place);
    const id = `${this.#numberOf(policies)} ${key}`;
    const target = this.#targets.get(id) ?? this.#make(id, key, place, policies);
    target.usedAt = this.#uses++;
    return target;
  }

  /** The hedges of a route, under a policy of this share. */
  hedges(route: string, { percent }: HedgePolicy): HedgeBudget {
    const id = `${percent} ${route}`;
    const known = this.#hedges.get(id);
    if (known !== undefined) return known;
    const made = new HedgeBudget(percent);
    setBounded(this.#hedges, id, made);
    return made;
  }

  /** Whether so few of all attempts under way are retries that one more may begin. Spends nothing. */
  mayRetry(): boolean {
    return this.#parts.retriesInFlight.allowsOneMore;
  }

  /** What a new configuration says of all targets together. */
  follow({ retriesInFlight }: Pick<GlobalPolicies, 'retriesInFlight'>): void {
    this.#parts.retriesInFlight.follow(retriesInFlight);
  }

  /** Attempts under way over all targets, and those of them that are retries which nothing was heard of. */
  get inFlight(): { readonly attempts: number; readonly retries: number } {
    const { attempts, retries } = this.#parts.retriesInFlight;
    return { attempts, retries };
  }

  /** Every target that is remembered; one that is used under several policies has a view for each. */
  views(): TargetWeatherView[] {
    return Array.from(this.#targets.values(), (target) => target.view());
  }

  #make(id: string, key: string, { provider, model, credential }: WeatherPlace, policies: TargetPolicies) {
    if (this.#targets.size >= TARGETS_MAX) this.#forgetOldest();
    const name = { key, provider: provider.name, model, credential: credential?.name };
    const closures = {
      coolDown: closureOf(this.#coolDowns, key),
      credential: closureOf(this.#credentials, `${provider.name}#${credential?.name ?? ''}`),
    };
    const made = new PolicedTarget(new TargetState(name, policies, closures, this.#parts));
    this.#targets.set(id, made);
    return made;
  }

  #forgetOldest(): void {
    const byUse = [...this.#targets].sort(([, one], [, other]) => one.usedAt - other.usedAt);
    for (const [id] of byUse.slice(0, FORGOTTEN_AT_ONCE)) this.#targets.delete(id);
    const states = Array.from(this.#targets.values(), ({ state }) => state);
    keepOnly(this.#coolDowns, new Set(states.map(({ coolDown }) => coolDown)));
    keepOnly(this.#credentials, new Set(states.map(({ credential }) => credential)));
  }

  /** Policies that read the same have the same number: a reload makes new objects of the same words. */
  #numberOf(policies: TargetPolicies): number {
    const known = this.#policyNumbers.get(policies);
    if (known !== undefined) return known;
    const text = JSON.stringify(policies);
    let number = this.#policyTexts.get(text);
    if (number === undefined) {
      number = this.#policiesKnown++;
      setBounded(this.#policyTexts, text, number);
    }
    this.#policyNumbers.set(policies, number);
    return number;
  }
}

function keyOf({ provider, model, credential }: WeatherPlace): string {
  return credential === undefined ? `${provider.name}/${model}` : `${provider.name}/${model}#${credential.name}`;
}

function closureOf(closures: Map<string, TimedClosure>, key: string): TimedClosure {
  let closure = closures.get(key);
  if (closure === undefined) {
    closure = new TimedClosure();
    closures.set(key, closure);
  }
  return closure;
}

function keepOnly(closures: Map<string, TimedClosure>, kept: ReadonlySet<TimedClosure>): void {
  for (const [key, closure] of closures) if (!kept.has(closure)) closures.delete(key);
}

/** Maps keep their order: the first is the oldest. */
function setBounded<Value>(map: Map<string, Value>, key: string, value: Value): void {
  map.set(key, value);
  if (map.size <= NAMED_MAX) return;
  for (const oldest of map.keys()) {
    map.delete(oldest);
    return;
  }
}
