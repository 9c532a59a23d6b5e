import type { Clock } from '../kernel/clock.ts';
import type { Random } from '../kernel/random.ts';
import type { GlobalPolicies, HedgePolicy, TargetPolicies } from '../protocol/policy.ts';
import { HedgeBudget } from './policies/hedge-budget.ts';
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

/** What of a target is needed to know its weather. */
export interface WeatherPlace {
  readonly provider: { readonly name: string };
  readonly model: string;
  readonly credential?: { readonly name: string } | undefined;
}

/**
 * What routing knows of all its targets. One for a gateway's whole life: it
 * outlives the routers that a reload of the configuration replaces.
 */
export class Weather {
  readonly #clock: Clock;

  constructor(clock: Clock, _random: Random, _global: Pick<GlobalPolicies, 'retriesInFlight'>) {
    this.#clock = clock;
  }

  /** A target's weather; what was known of it under equal policies stays known. Cheap: asked for every call. */
  of(place: WeatherPlace, _policies?: TargetPolicies): TargetWeather {
    const key = keyOf(place);
    const view = () => calmView(key, place, this.#clock.monotonicMs());
    return {
      key,
      closure: () => undefined,
      begin: () => ({ firstToken: () => undefined, heard: () => undefined, end: () => undefined }),
      mayRetry: () => true,
      firstTokenP50Ms: undefined,
      firstTokenP95Ms: undefined,
      view,
    };
  }

  /** The hedges of a route. */
  hedges(_route: string, policy: HedgePolicy): HedgeBudget {
    return new HedgeBudget(policy.percent);
  }

  /** Whether so few of all calls in flight are retries that one more may begin. Spends nothing. */
  mayRetry(): boolean {
    return true;
  }

  views(): TargetWeatherView[] {
    return [];
  }
}

function keyOf({ provider, model, credential }: WeatherPlace): string {
  return credential === undefined ? `${provider.name}/${model}` : `${provider.name}/${model}#${credential.name}`;
}

function calmView(key: string, { provider, model }: WeatherPlace, _nowMs: number): TargetWeatherView {
  const ended = { ok: 0, failed: 0, neutral: 0, throttled: 0, credential: 0 };
  return { key, provider: provider.name, model, inFlight: 0, ended };
}

/** The target of a list to use now. */
export interface Choice {
  readonly weather: TargetWeather;
  /** Present when all are closed, and this one is tried all the same. */
  readonly despite?: NonNullable<ReturnType<TargetWeather['closure']>>;
}

/**
 * The first target of a list that is open. When all are closed, the one whose
 * closure is the least bad: a guess of ours before what a provider asked for,
 * then whichever opens soonest. A firm closure is never overridden.
 *
 * @returns `undefined` when the list is empty or every closure in it is firm
 */
export function openOf(targets: readonly TargetWeather[]): Choice | undefined {
  const [weather] = targets;
  return weather === undefined ? undefined : { weather };
}
