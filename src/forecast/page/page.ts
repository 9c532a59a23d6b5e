import { formatCount, formatDuration } from '../../observability/format.ts';
import type { ForecastDocument, SideJson } from '../forecast-document.ts';
import { dayPlots } from './day-plots.ts';
import { FORECAST_STYLE } from './style.ts';
import { escaped, moneyText, ratioText, shareText } from './text.ts';

/** A forecast as one page that needs nothing else: no script, no font, no other file. */
export function forecastPage(document: ForecastDocument): string {
  const { traffic, weather } = document;
  const title = `${traffic.name} through ${lowered(weather.name)}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="content-security-policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escaped(title)} – leeward forecast</title>
<style>${FORECAST_STYLE}</style>
</head>
<body>
<header>
<h1>${escaped(title)}</h1>
<p class="muted">${escaped(subtitle(document))}</p>
</header>
<main>
${facts(document)}
${dayPlots(document)}
<h2>Side by side</h2>
${sides(document)}
<h2>Who answered</h2>
${targets(document)}
${errors(document)}
<h2>How to read it</h2>
<ul class="notes">${readings(document)
    .map((text) => `<li>${escaped(text)}</li>`)
    .join('')}</ul>
${violations(document)}
</main>
</body>
</html>
`;
}

/** A name within a sentence: only an article at its beginning loses its capital. */
function lowered(name: string): string {
  return name.replace(/^(A|An|The) /, (article) => article.toLowerCase());
}

function subtitle({ config, day, from, to, seed }: ForecastDocument): string {
  const file = config.path === null ? 'the configuration of the environment' : config.path;
  return `${file}, version ${config.version} · day ${day}, ${from} to ${to} · seed ${seed}`;
}

function facts({ gateway, alone, calls }: ForecastDocument): string {
  const fact = (name: string, value: string, versus: string) =>
    `<div class="fact"><span class="muted">${name}</span><b>${escaped(value)}</b><span class="versus">${escaped(versus)} alone</span></div>`;
  const p95 = ({ first_token_ms: quantiles }: SideJson) => (quantiles === null ? '–' : formatDuration(quantiles.p95));
  const ofAll = calls.each_stands_for === 1 ? 'Cost' : 'Cost of all calls';
  return `<div class="facts">
${fact('Availability', shareText(gateway.availability), shareText(alone.availability))}
${fact('Time to first token, p95', p95(gateway), p95(alone))}
${fact('Attempts per call', ratioText(gateway.attempts_per_call), ratioText(alone.attempts_per_call))}
${fact(ofAll, moneyText(gateway.cost_of_all), moneyText(alone.cost_of_all))}
</div>`;
}

function sides({ gateway, alone }: ForecastDocument): string {
  const rows = sideRows(gateway).map(
    ([name, value], index) =>
      `<tr><th scope="row">${escaped(name)}</th><td>${escaped(value)}</td><td>${escaped(sideRows(alone)[index]?.[1] ?? '')}</td></tr>`,
  );
  return table(['', 'Leeward', 'First target alone'], rows);
}

/** The figures of a side, in the order in which a table has them. */
export function sideRows(side: SideJson): readonly (readonly [name: string, value: string])[] {
  const { first_token_ms: first, total_ms: total } = side;
  const between = side.availability_between;
  const quantile = (quantiles: SideJson['total_ms'], name: 'p50' | 'p95' | 'p99') =>
    quantiles === null ? '–' : formatDuration(quantiles[name]);
  return [
    ['availability', shareText(side.availability)],
    ['  95 samples of 100', between === null ? '–' : `${shareText(between[0])} – ${shareText(between[1])}`],
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

function targets({ gateway, alone }: ForecastDocument): string {
  const before = new Map(alone.targets.map((one) => [one.target, one]));
  const rows = gateway.targets.map(
    (one) =>
      `<tr><td>${escaped(one.target)}</td><td>${escaped(one.tier ?? '–')}</td><td>${formatCount(one.attempts)}</td><td>${formatCount(one.answered)}</td><td>${shareText(one.share_of_answers)}</td><td>${moneyText(one.cost)}</td><td>${shareText(before.get(one.target)?.share_of_answers ?? null)}</td></tr>`,
  );
  const tiers = gateway.tiers.map(
    (one) =>
      `<tr><td>all ${escaped(one.tier ?? 'without a price tier')}</td><td></td><td></td><td>${formatCount(one.answered)}</td><td>${shareText(one.share_of_answers)}</td><td>${moneyText(one.cost)}</td><td></td></tr>`,
  );
  const headings = ['Target', 'Tier', 'Attempts', 'Answered', 'Share', 'Cost in the sample', 'Share alone'];
  return table(headings, [...rows, ...tiers]);
}

function errors({ gateway, alone }: ForecastDocument): string {
  const codes = errorRows(gateway, alone);
  if (codes.length === 0) return '';
  const rows = codes.map(
    ([code, here, there]) =>
      `<tr><td>${escaped(code)}</td><td>${formatCount(here)}</td><td>${formatCount(there)}</td></tr>`,
  );
  return `<h2>What clients were told instead of an answer</h2>${table(['Code', 'Leeward', 'First target alone'], rows)}`;
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
      : `${formatCount(simulated)} of about ${formatCount(expected)} calls were simulated, through the gateway's own code on a virtual clock: each stands for ${each}. Capacities, rate limits and budgets are as many times smaller; latency, timeouts and how long a breaker stays open are as they are. A breaker sees fewer calls and so opens later, which makes the figures worse rather than better.`;
  return [
    sample,
    `Alone means: the first target of each route, one attempt for each request, no policies, the same clients with the same retries (${ratioText(alone.client_tries_per_call)} tries per call).`,
    ...(traffic.about === null ? [] : [`Traffic: ${traffic.about}`]),
    ...(weather.about === null ? [] : [`Weather: ${weather.about}`]),
    'Providers are simulated: what they answer, and how much of it, follows from the traffic and the seed, not from what is asked.',
    ...notes,
  ];
}

function violations({ violations: found }: ForecastDocument): string {
  if (found.length === 0) return '';
  return `<h2 class="bad">What must never happen and did</h2><ul class="notes">${found
    .map((text) => `<li>${escaped(text)}</li>`)
    .join('')}</ul>`;
}

function table(headings: readonly string[], rows: readonly string[]): string {
  const head = headings.map((heading) => `<th scope="col">${escaped(heading)}</th>`).join('');
  return `<div class="scroll"><table><thead><tr>${head}</tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
}
