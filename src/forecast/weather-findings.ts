import { didYouMean } from '../config/did-you-mean.ts';
import { type ConfigPath, error, type Finding } from '../config/problem.ts';
import type { Conditions, LatencyProfile, WeatherFile } from './weather-file.ts';

const DAY = 86_400_000;
const WINDOWS = ['outages', 'slow', 'throttled', 'reduced'] as const;

/** What no schema can say of a weather file: how its times, names and fields fit together. */
export function weatherFindings(file: WeatherFile, knownProfiles: readonly string[]): Finding[] {
  const profiles = [...Object.keys(file.profiles), ...knownProfiles];
  return [
    ...Object.entries(file.profiles).flatMap(([name, profile]) => profileFindings(['profiles', name], profile)),
    ...Object.entries(file.targets).flatMap(([pattern, conditions]) => [
      ...windowFindings(['targets', pattern], conditions, file.days),
      ...placeFindings(pattern, conditions),
      ...latencyFindings(['targets', pattern, 'latency'], conditions, profiles),
    ]),
  ];
}

function profileFindings(path: ConfigPath, { first_token: points }: LatencyProfile): Finding[] {
  const found: Finding[] = [];
  for (const [index, { at, p50, p95 }] of points.entries()) {
    const before = points[index - 1];
    const place = [...path, 'first_token', index];
    if (at >= DAY) found.push(error([...place, 'at'], 'at must be before 24:00, which is 00:00'));
    if (before !== undefined && at <= before.at) {
      found.push(error([...place, 'at'], 'at must be later than the point above it'));
    }
    if (p95 < p50) found.push(error([...place, 'p95'], 'p95 must not be less than p50'));
  }
  return found;
}

function windowFindings(path: ConfigPath, conditions: Conditions, days: number): Finding[] {
  const found: Finding[] = [];
  for (const field of WINDOWS) {
    for (const [index, { day, from, to }] of conditions[field].entries()) {
      const place = [...path, field, index];
      if (to <= from) {
        found.push(error([...place, 'to'], 'to must be later than from: a window past midnight is two'));
      }
      if (day !== undefined && day > days) {
        found.push(
          error([...place, 'day'], `day must be at most ${days}, which is how many days the file says it has`),
        );
      }
    }
  }
  for (const [index, { length }] of conditions.random_outages.entries()) {
    if (length.p95 >= length.p50) continue;
    found.push(error([...path, 'random_outages', index, 'length', 'p95'], 'p95 must not be less than p50'));
  }
  for (const [index, { exhausted, retry_after: retryAfter }] of conditions.throttled.entries()) {
    if (!exhausted || retryAfter === undefined) continue;
    const message = 'retry_after must be absent where the quota is exhausted: such a 429 does not say when';
    found.push(error([...path, 'throttled', index, 'retry_after'], message));
  }
  return found;
}

/** An account's limits and a provider's capacity are shared by its models. */
function placeFindings(pattern: string, conditions: Conditions): Finding[] {
  const path: ConfigPath = ['targets', pattern];
  const found: Finding[] = [];
  const { rate_limit: limit } = conditions;
  if (pattern.includes('/')) {
    for (const field of ['rate_limit', 'capacity'] as const) {
      if (conditions[field] === undefined) continue;
      found.push(
        error([...path, field], `${field} belongs to a provider, not to a model: write it under its name`, 'key'),
      );
    }
    if (conditions.reduced.length > 0) {
      found.push(
        error([...path, 'reduced'], 'reduced belongs to a provider, not to a model: write it under its name', 'key'),
      );
    }
  }
  if (limit !== undefined && limit.calls_per_minute === undefined && limit.tokens_per_minute === undefined) {
    found.push(error([...path, 'rate_limit'], 'rate_limit needs calls_per_minute or tokens_per_minute', 'key'));
  }
  return found;
}

function latencyFindings(path: ConfigPath, { latency }: Conditions, profiles: readonly string[]): Finding[] {
  if (latency === undefined || profiles.includes(latency)) return [];
  const guess = didYouMean(latency, profiles);
  const known = guess === '' ? `; known are ${profiles.join(', ')}` : guess;
  return [error(path, `there is no profile ${JSON.stringify(latency)}${known}`)];
}
