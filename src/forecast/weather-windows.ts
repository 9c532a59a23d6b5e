import { fitsName } from '../kernel/name-pattern.ts';
import { type Random, seededRandom } from '../kernel/random.ts';
import type { Condition } from './setup.ts';
import type { Conditions, WeatherFile } from './weather-file.ts';

/** A model of a provider that calls may go to. */
export interface ForecastTarget {
  readonly provider: string;
  readonly model: string;
}

/** Which day of a weather file is run, and which part of it: milliseconds since midnight. */
export interface DayPart {
  readonly day: number;
  readonly fromMs: number;
  readonly untilMs: number;
}

const DAY_MS = 86_400_000;
/** The distance from the median to the 95th percentile of a normal distribution, in standard deviations. */
const Z95 = 1.6449;
const WINDOWS_A_DAY_MAX = 10_000;

/** Whether a name in a weather file speaks of a target: a provider's name, or a pattern of `provider/model`. */
export function speaksOf(pattern: string, { provider, model }: ForecastTarget): boolean {
  return fitsName(pattern, pattern.includes('/') ? `${provider}/${model}` : provider);
}

/**
 * What befalls one provider in a part of a day, in milliseconds since that
 * part began. The same seed gives the same outages, whichever part is run.
 */
export function conditionsOf(
  provider: string,
  models: readonly string[],
  { file, part, seed }: { readonly file: WeatherFile; readonly part: DayPart; readonly seed: number },
): Condition[] {
  const found: Condition[] = [];
  for (const [pattern, conditions] of Object.entries(file.targets)) {
    const aboutModels = pattern.includes('/');
    const fitting = models.filter((model) => speaksOf(pattern, { provider, model }));
    if (fitting.length === 0) continue;
    for (const model of aboutModels ? fitting : [undefined]) {
      const name = [seed, pattern, provider, model ?? ''].join('\n');
      const all = [...written(conditions, part.day), ...drawn(conditions, part.day, name)];
      found.push(...all.map((one) => (model === undefined ? one : { ...one, model })));
    }
  }
  return found.flatMap((one) => withinPart(one, part));
}

function written(conditions: Conditions, day: number): Condition[] {
  const allDay = { fromMs: 0, untilMs: DAY_MS };
  const today = <Window extends { readonly day?: number | undefined }>(windows: readonly Window[]) =>
    windows.filter((window) => window.day === undefined || window.day === day);
  const { errors, content_policy: policy } = conditions;
  return [
    ...(errors === undefined ? [] : [{ ...allDay, kind: 'outage', share: errors, failure: 'error' } as const]),
    ...(policy === undefined ? [] : [{ ...allDay, kind: 'refusal', share: policy, reason: 'content-policy' } as const]),
    ...today(conditions.outages).map(({ from, to, kind, share }): Condition => {
      return { fromMs: from, untilMs: to, kind: 'outage', share, failure: kind };
    }),
    ...today(conditions.slow).map(({ from, to, times }): Condition => {
      return { fromMs: from, untilMs: to, kind: 'latency', times };
    }),
    ...today(conditions.throttled).map(({ from, to, share, retry_after: retryAfterMs, exhausted }): Condition => {
      const told = { ...(retryAfterMs === undefined ? {} : { retryAfterMs }), ...(exhausted ? { exhausted } : {}) };
      return { fromMs: from, untilMs: to, kind: 'throttle', share, ...told };
    }),
    ...today(conditions.reduced).map(({ from, to, at_once: concurrent }): Condition => {
      return { fromMs: from, untilMs: to, kind: 'capacity', concurrent };
    }),
  ];
}

/** A Poisson process of outages with log-normal lengths. */
function drawn(conditions: Conditions, day: number, name: string): Condition[] {
  const found: Condition[] = [];
  for (const [index, { per_day: perDay, length, kind, share }] of conditions.random_outages.entries()) {
    if (perDay === 0) continue;
    const random = seededRandom(hashOf(`${name}\n${day}\n${index}`));
    const sigma = Math.log(length.p95 / length.p50) / Z95;
    let at = gap(random, perDay);
    while (at < DAY_MS && found.length < WINDOWS_A_DAY_MAX) {
      const lengthMs = Math.round(length.p50 * Math.exp(sigma * normal(random)));
      const untilMs = Math.min(DAY_MS, at + lengthMs);
      found.push({ fromMs: Math.round(at), untilMs, kind: 'outage', share, failure: kind });
      at = untilMs + gap(random, perDay);
    }
  }
  return found;
}

function gap(random: Random, perDay: number): number {
  return (-Math.log(1 - random.float()) * DAY_MS) / perDay;
}

function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.float())) * Math.cos(2 * Math.PI * random.float());
}

function withinPart(condition: Condition, { fromMs, untilMs }: DayPart): Condition[] {
  const from = Math.max(condition.fromMs, fromMs);
  const until = Math.min(condition.untilMs, untilMs);
  return until <= from ? [] : [{ ...condition, fromMs: from - fromMs, untilMs: until - fromMs }];
}

/** FNV-1a, so that a name is always the same seed. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}
