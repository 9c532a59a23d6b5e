import { valueAt } from './day-curve.ts';
import type { ForecastAsked, ForecastSubject, SampleScale } from './forecast-asked.ts';
import type { Condition, LatencyShape, ProviderProfile } from './setup.ts';
import type { Conditions, LatencyProfile } from './weather-file.ts';
import { conditionsOf, type ForecastTarget, speaksOf } from './weather-windows.ts';

const HOSTED = 'hosted-api';
const OWN = 'self-hosted';
/** Fewer places, or fewer calls a minute, than this no longer behave as many do. */
const COARSE = 8;

/** The providers of a forecast as the engine wants them, and what must be said of them. */
export function profilesOf(
  subject: ForecastSubject,
  asked: ForecastAsked,
  scale: SampleScale,
): { readonly providers: readonly ProviderProfile[]; readonly notes: readonly string[] } {
  const notes: string[] = [];
  const names = [...new Set(subject.targets.map(({ provider }) => provider))];
  const providers = names.map((name) => {
    const models = [...new Set(subject.targets.filter(({ provider }) => provider === name).map(({ model }) => model))];
    return providerOf({ name, models, isLocal: subject.localProviders.has(name) }, asked, scale, notes);
  });
  return { providers, notes };
}

interface Provider {
  readonly name: string;
  readonly models: readonly string[];
  readonly isLocal: boolean;
}

function providerOf(provider: Provider, asked: ForecastAsked, scale: SampleScale, notes: string[]): ProviderProfile {
  const { name, models, isLocal } = provider;
  const { weather: file, part, seed } = asked;
  const profiles = new Map(models.map((model) => [model, profileOf({ provider: name, model }, isLocal, asked)]));
  const first = [...profiles.values()][0];
  if (first === undefined) throw new Error(`the provider ${name} has no model`);
  const alone = { provider: name, model: models[0] ?? '' };
  const capacity = lastOf(file.targets, alone, 'capacity');
  const limit = lastOf(file.targets, alone, 'rate_limit');
  const conditions = conditionsOf(name, models, { file, part, seed }).map((one) => scaled(one, scale));
  const places = capacity && placesOf(capacity.at_once, scale, `the capacity of ${name}`, notes);
  return {
    name,
    firstToken: (atMs, model) => shapeAt(profiles.get(model) ?? first, part.fromMs + atMs),
    tokensPerSecond: first.tokens_per_second,
    conditions,
    ...(capacity === undefined || places === undefined
      ? {}
      : {
          capacity: {
            concurrent: places,
            queue: Math.round((capacity.queue ?? capacity.at_once) / scale.standsFor),
            whenFull: capacity.when_full,
          },
        }),
    ...(limit === undefined ? {} : { rateLimit: rateLimitOf(limit, scale, `the rate limit of ${name}`, notes) }),
  };
}

function rateLimitOf(
  limit: NonNullable<Conditions['rate_limit']>,
  { standsFor }: SampleScale,
  what: string,
  notes: string[],
): NonNullable<ProviderProfile['rateLimit']> {
  const { calls_per_minute: calls, tokens_per_minute: tokens, retry_after: retryAfter, headers } = limit;
  if (calls !== undefined && calls / standsFor < COARSE && standsFor > 1) notes.push(coarse(what, calls / standsFor));
  return {
    retryAfter,
    headers,
    ...(calls === undefined ? {} : { requestsPerMinute: Math.max(1, calls / standsFor) }),
    ...(tokens === undefined ? {} : { tokensPerMinute: Math.max(1, tokens / standsFor) }),
  };
}

function placesOf(atOnce: number, { standsFor }: SampleScale, what: string, notes: string[]): number {
  if (atOnce / standsFor < COARSE && standsFor > 1) notes.push(coarse(what, atOnce / standsFor));
  return Math.max(1, Math.round(atOnce / standsFor));
}

function coarse(what: string, left: number): string {
  return `${what} is simulated as ${Math.max(1, Math.round(left))}, which is coarse: a larger --sample or fewer --hours say it better`;
}

function scaled(condition: Condition, { standsFor }: SampleScale): Condition {
  if (condition.kind !== 'capacity') return condition;
  return { ...condition, concurrent: Math.max(1, Math.round(condition.concurrent / standsFor)) };
}

function profileOf(target: ForecastTarget, isLocal: boolean, asked: ForecastAsked): LatencyProfile {
  const { latency, weather, profiles } = asked;
  const name =
    latency.get(target.provider) ??
    latency.get('*') ??
    lastOf(weather.targets, target, 'latency') ??
    (isLocal ? OWN : HOSTED);
  const profile = profiles.get(name);
  if (profile === undefined) throw new Error(`there is no latency profile ${name}`);
  return profile;
}

/** Of single values the last one that is said of a target. */
function lastOf<Field extends 'latency' | 'capacity' | 'rate_limit'>(
  targets: Readonly<Record<string, Conditions>>,
  target: ForecastTarget,
  field: Field,
): Conditions[Field] {
  const said = Object.entries(targets).filter(
    ([pattern, conditions]) => conditions[field] !== undefined && speaksOf(pattern, target),
  );
  return said.at(-1)?.[1][field];
}

function shapeAt({ first_token: points, tail }: LatencyProfile, timeMs: number): LatencyShape {
  const curve = (quantile: 'p50' | 'p95') =>
    valueAt(
      points.map((point) => ({ atMs: point.at, value: point[quantile] })),
      timeMs,
    );
  return {
    p50Ms: curve('p50'),
    p95Ms: curve('p95'),
    ...(tail === undefined ? {} : { tailShare: tail.share, tailTimes: tail.times }),
  };
}
