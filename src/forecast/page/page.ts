import { formatCount, formatDuration } from '../../observability/format.ts';
import { type ForecastDocument, OWN_TEXT, type SideJson } from '../forecast-document.ts';
import { errorRows, readings, sideRows, subtitleOf, titleOf } from '../report-rows.ts';
import { moneyText, ratioText, shareText } from '../report-words.ts';
import { dayPlots } from './day-plots.ts';
import { FORECAST_STYLE } from './style.ts';
import { escaped } from './text.ts';

/** A forecast as one page that needs nothing else: no script, no font, no other file. */
export function forecastPage(document: ForecastDocument): string {
  const title = titleOf(document);
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
<p class="muted">${escaped(subtitleOf(document))}</p>
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
  return table(['', 'Leeward', 'First target alone'], rows, 'sides');
}

function targets({ gateway, alone }: ForecastDocument): string {
  const before = new Map(alone.targets.map((one) => [one.target, one]));
  const rows = gateway.targets.map(
    (one) =>
      `<tr><td>${escaped(one.target)}</td><td>${escaped(one.tier ?? '–')}</td><td>${formatCount(one.attempts)}</td><td>${formatCount(one.answered)}</td><td>${shareText(one.share_of_answers)}</td><td>${moneyText(one.cost)}</td><td>${shareText(before.get(one.target)?.share_of_answers ?? null)}</td></tr>`,
  );
  const text =
    gateway.answered_by_text === 0
      ? []
      : [
          `<tr><td>${OWN_TEXT}</td><td></td><td></td><td>${formatCount(gateway.answered_by_text)}</td><td></td><td></td><td></td></tr>`,
        ];
  const tiers = gateway.tiers.map(
    (one) =>
      `<tr><td>all ${escaped(one.tier ?? 'without a price tier')}</td><td></td><td></td><td>${formatCount(one.answered)}</td><td>${shareText(one.share_of_answers)}</td><td>${moneyText(one.cost)}</td><td></td></tr>`,
  );
  const headings = ['Target', 'Tier', 'Attempts', 'Answered', 'Share', 'Cost in the sample', 'Share alone'];
  return table(headings, [...rows, ...text, ...tiers]);
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

function violations({ violations: found }: ForecastDocument): string {
  if (found.length === 0) return '';
  return `<h2 class="bad">What must never happen and did</h2><ul class="notes">${found
    .map((text) => `<li>${escaped(text)}</li>`)
    .join('')}</ul>`;
}

function table(headings: readonly string[], rows: readonly string[], className = 'figures'): string {
  const head = headings.map((heading) => `<th scope="col">${escaped(heading)}</th>`).join('');
  return `<div class="scroll"><table class="${className}"><thead><tr>${head}</tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
}
