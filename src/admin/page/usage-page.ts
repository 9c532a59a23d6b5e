import { formatCount, formatUsd } from '../../observability/format.ts';
import { USAGE_GROUPINGS, type UsageGrouping } from '../../protocol/usage-grouping.ts';
import { foreign, type Html, html } from './html.ts';
import { documentText, logo } from './page.ts';
import type { PageUsage, PageUsageReport } from './page-data.ts';
import { type PageAnswer, pageHeaders } from './page-headers.ts';

/** What a group narrows by when it is followed. Times narrow the period, which links do not. */
const NARROWS: ReadonlySet<string> = new Set(USAGE_GROUPINGS.filter((group) => !isTime(group)));
/** The hours hold one of them at a time. */
const NAMES: ReadonlySet<string> = new Set(['end_user', 'task', 'tag']);
const DAY_MS = 86_400_000;
const PERIODS = [1, 7, 30, 90, 365] as const;

type Figures = PageUsageReport['total'];

/**
 * What was used and cost, in groups; complete without a script.
 *
 * @param query as it was asked: `group_by`, `from`, `to` and what it is narrowed by
 * @param now milliseconds since the epoch
 */
export function renderUsage(usage: PageUsage, query: URLSearchParams, now: number): PageAnswer {
  const body = html`<header>
<h1>${logo()}Leeward</h1>
<p><a href="/">calls and providers</a></p>
</header>
<main>
<section aria-labelledby="usage-title">
<div class="section-line"><h2 id="usage-title">Usage</h2>${'report' in usage ? period(usage.report) : undefined}</div>
<nav class="choices" aria-label="UsageGrouping by">${USAGE_GROUPINGS.map((group) => groupLink(group, query))}</nav>
<nav class="choices" aria-label="Period">${PERIODS.map((days) => periodLink(days, query, now))}</nav>
${narrowed(query)}
${'report' in usage ? report(usage.report, query) : html`<p class="empty">${foreign(usage.refused, 500)}</p>`}
</section>
</main>`;
  const status = 'report' in usage ? 200 : 400;
  return { status, headers: pageHeaders(), body: documentText('Leeward: usage', body, { script: false }) };
}

function report(found: PageUsageReport, query: URLSearchParams): Html {
  if (found.data.length === 0) return html`<p class="empty">Nothing was used then.</p>`;
  const rows = found.data.map(
    ({ group, ...figures }) =>
      html`<tr><th scope="row">${groupCell(group, found.group_by, query)}</th>${cells(figures)}</tr>`,
  );
  const next =
    found.next_cursor === null
      ? undefined
      : html`<p><a href="${address(query, { cursor: found.next_cursor })}">more groups</a></p>`;
  return html`<div class="wide"><table>
<thead><tr><th scope="col">${foreign(found.group_by.replace('_', ' '))}</th>${HEADINGS.map((heading) => html`<th scope="col" class="figure">${heading}</th>`)}</tr></thead>
<tbody>${rows}</tbody>
<tfoot><tr><th scope="row">total</th>${cells(found.total)}</tr></tfoot>
</table></div>
${tasks(found.tasks)}${next}`;
}

const HEADINGS = [
  'Calls',
  'Attempts',
  'Errors',
  'Tokens in',
  'Cached',
  'Out',
  'Cost',
  'Charge',
  'Reported',
  'Without cost',
];

function cells(of: Figures): Html[] {
  return [
    formatCount(of.calls),
    formatCount(of.attempts),
    formatCount(of.errors),
    count(of.input_tokens),
    count(of.cached_input_tokens),
    count(of.output_tokens),
    money(of.cost_nano_usd),
    money(of.charge_nano_usd),
    money(of.reported_nano_usd),
    of.calls_without_cost === 0 ? '' : formatCount(of.calls_without_cost),
  ].map((text) => html`<td class="figure">${text}</td>`);
}

function tasks(of: PageUsageReport['tasks']): Html | undefined {
  if (of === null || of.tasks === 0) return undefined;
  const each = of.cost_per_task === null ? '–' : formatUsd(BigInt(of.cost_per_task.nano_usd));
  const success = of.cost_per_successful_task;
  const judged =
    of.judged === 0
      ? 'how they came out nobody said'
      : `${formatCount(of.successful)} of ${formatCount(of.judged)} judged succeeded${success === null ? '' : `, ${formatUsd(BigInt(success.nano_usd))} for each success`}`;
  return html`<p class="hint">${formatCount(of.tasks)} ${of.tasks === 1 ? 'task' : 'tasks'} at ${each} each; ${judged}.</p>`;
}

/** A name that leads to its own days; what has none, or is a time, leads nowhere. */
function groupCell(group: string | null, groupBy: string, query: URLSearchParams): Html {
  if (group === null) return html`<span class="hint">none</span>`;
  if (!NARROWS.has(groupBy)) return html`${group}`;
  return html`<a href="${address(narrowedBy(query, groupBy, group), { group_by: 'day', cursor: null })}">${foreign(group, 120)}</a>`;
}

function narrowedBy(query: URLSearchParams, name: string, value: string): URLSearchParams {
  const next = new URLSearchParams(query);
  if (NAMES.has(name)) for (const other of NAMES) next.delete(other);
  next.set(name, value);
  return next;
}

function groupLink(group: UsageGrouping, query: URLSearchParams): Html {
  const chosen = (query.get('group_by') ?? 'day') === group;
  // A name and another one cannot be asked for together.
  const next = new URLSearchParams(query);
  if (NAMES.has(group)) for (const other of NAMES) if (other !== group) next.delete(other);
  return choice(group.replace('_', ' '), address(next, { group_by: group, cursor: null }), chosen);
}

function periodLink(days: number, query: URLSearchParams, now: number): Html {
  const from = new Date(now - days * DAY_MS).toISOString().slice(0, 10);
  const text = days === 1 ? 'since yesterday' : `${days} days`;
  return choice(text, address(query, { from, to: null, cursor: null }), query.get('from') === from);
}

function choice(text: string, href: string, chosen: boolean): Html {
  return chosen ? html`<a href="${href}" aria-current="true">${text}</a> ` : html`<a href="${href}">${text}</a> `;
}

/** What the report is narrowed by, each with a way out. */
function narrowed(query: URLSearchParams): Html | undefined {
  const given = [...query].filter(([name]) => NARROWS.has(name));
  if (given.length === 0) return undefined;
  const parts = given.map(
    ([name, value]) =>
      html`<span>${name.replace('_', ' ')} ${foreign(value, 120)} <a href="${address(query, { [name]: null, cursor: null })}" aria-label="without ${name}">×</a></span> `,
  );
  return html`<p class="choices">only: ${parts}</p>`;
}

function period({ from, to }: PageUsageReport): Html {
  return html`<p class="hint">from ${from.slice(0, 13)}h to ${to.slice(0, 13)}h, UTC</p>`;
}

/** The page's address with some of its query changed; null takes a part away. */
function address(query: URLSearchParams, changes: Readonly<Record<string, string | null>>): string {
  const next = new URLSearchParams(query);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) next.delete(name);
    else next.set(name, value);
  }
  const text = next.toString();
  return text === '' ? '/usage' : `/usage?${text}`;
}

function isTime(group: UsageGrouping): boolean {
  return group === 'day' || group === 'hour' || group === 'month';
}

function count(tokens: number | null): string {
  return tokens === null ? '?' : formatCount(tokens);
}

function money(digits: string | null): string {
  return digits === null ? '–' : formatUsd(BigInt(digits));
}
