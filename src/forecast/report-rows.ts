import { formatCount, formatDuration } from '../observability/format.ts';
import type { ForecastDocument, SideJson } from './forecast-document.ts';
import { moneyText, ratioText, shareText } from './report-words.ts';

/** What a forecast is of: its traffic and its weather. */
export function titleOf({ traffic, weather }: ForecastDocument): string {
  return `${traffic.name} through ${lowered(weather.name)}`;
}

/** A name within a sentence: only an article at its beginning loses its capital. */
function lowered(name: string): string {
  return name.replace(/^(A|An|The) /, (article) => article.toLowerCase());
}

export function subtitleOf({ config, day, from, to, seed }: ForecastDocument): string {
  const file = config.path === null ? 'the configuration of the environment' : config.path;
  return `${file}, version ${config.version} · day ${day}, ${from} to ${to} · seed ${seed}`;
}

/** The figures of a side, in the order in which a table has them. */
export function sideRows(side: SideJson): readonly (readonly [name: string, value: string])[] {
  const { first_token_ms: first, total_ms: total } = side;
  const between = side.availability_between;
  const quantile = (quantiles: SideJson['total_ms'], name: 'p50' | 'p95' | 'p99') =>
    quantiles === null ? '–' : formatDuration(quantiles[name]);
  return [
    ['availability', shareText(side.availability)],
    ['  95 % interval', between === null ? '–' : `${shareText(between[0])} – ${shareText(between[1])}`],
    ['calls answered', `${formatCount(side.answered)} of ${formatCount(side.calls)}`],
    ['  of them degraded', formatCount(side.degraded)],
    ['first token p50', quantile(first, 'p50')],
    ['first token p95', quantile(first, 'p95')],
    ['first token p99', quantile(first, 'p99')],
    ['whole answer p50', quantile(total, 'p50')],
    ['whole answer p95', quantile(total, 'p95')],
    ['whole answer p99', quantile(total, 'p99')],
    ['attempts per call', ratioText(side.attempts_per_call)],
    ['client tries per call', ratioText(side.client_tries_per_call)],
    ['cost per answer', moneyText(side.cost_per_answer)],
    ['cost of all calls', moneyText(side.cost_of_all)],
  ];
}

/** Codes that clients saw, with how many requests did on each side. */
export function errorRows(
  gateway: SideJson,
  alone: SideJson,
): readonly (readonly [code: string, gateway: number, alone: number])[] {
  const of = (side: SideJson) => new Map(side.errors.map(({ code, requests }) => [code, requests]));
  const [here, there] = [of(gateway), of(alone)];
  return [...new Set([...there.keys(), ...here.keys()])].map((code) => [
    code,
    here.get(code) ?? 0,
    there.get(code) ?? 0,
  ]);
}

/** What the figures rest on, in sentences. */
export function readings({ traffic, weather, calls, notes, alone }: ForecastDocument): readonly string[] {
  const { simulated, expected, each_stands_for: each } = calls;
  const sample =
    each === 1
      ? `All ${formatCount(simulated)} calls were simulated, through the gateway's own code on a virtual clock.`
      : `${formatCount(simulated)} of about ${formatCount(expected)} calls were simulated, through the gateway's own code on a virtual clock: each stands for ${each}. Capacities, rate limits and budgets are as many times smaller; latency, timeouts and how long a breaker stays open are as they are. A breaker sees fewer calls and opens later, so that attempts are rather over- than underestimated; how many calls a target is given at once shows only where all calls are simulated (--sample all, with --hours).`;
  return [
    sample,
    'The interval is that of the sampling alone: with other calls of the same kind through the same weather, the availability would be in it 95 times of 100.',
    `Alone means: the first target of each route, one attempt for each request, no policies, the same clients with the same retries (${ratioText(alone.client_tries_per_call)} tries per call).`,
    ...(traffic.about === null ? [] : [`Traffic: ${traffic.about}`]),
    ...(weather.about === null ? [] : [`Weather: ${weather.about}`]),
    'Providers are simulated: what they answer, and how much of it, follows from the traffic and the seed, not from what is asked.',
    ...notes,
  ];
}
