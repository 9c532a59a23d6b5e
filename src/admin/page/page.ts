import { formatDuration } from '../../observability/format.ts';
import { renderAlerts } from './alerts.ts';
import { PAGE_SCRIPT_URL, PAGE_STYLE_URL } from './assets.ts';
import { renderCallRow } from './call-row.ts';
import { foreign, type Html, html } from './html.ts';
import type { PageData, ServerFacts } from './page-data.ts';
import { type PageAnswer, pageHeaders } from './page-headers.ts';
import { renderProviders } from './providers.ts';
import { renderTargets } from './targets.ts';

/** Rows on the page, and in the live feed. */
export const ROWS_MAX = 50;

/** A leaning sail in the accent colour. */
const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Cpath fill='%230b7285' d='M7 1v11H2C2 7 4 3 7 1zm2 3c3 1 5 4 5 8H9zM2 13.5h12v1.5H2z'/%3E%3C/svg%3E";

/**
 * The whole page as it stands now; complete without the script.
 *
 * @param now milliseconds since the epoch
 */
export function renderPage(data: PageData, now: number): PageAnswer {
  const body = html`<header>
<h1>${logo()}Leeward</h1>
<p id="server">${renderServer(data.server, now)}</p>
${data.usage === undefined ? undefined : html`<p><a href="/usage">usage and cost</a></p>`}
</header>
<main>
<section aria-labelledby="providers-title">
<h2 id="providers-title">Providers</h2>
<ul id="providers">${renderProviders(data.providers())}</ul>
<p class="empty">No provider is configured. Set a key such as <code>OPENAI_API_KEY</code> and start again, or name one in <code>leeward.yaml</code>.</p>
</section>
<section aria-labelledby="targets-title" class="targets-section">
<h2 id="targets-title">Targets</h2>
<ul id="targets">${renderTargets(data.targets?.() ?? [])}</ul>
</section>
${renderAlerts(data.alerts?.() ?? [])}<section aria-labelledby="calls-title">
<div class="section-line"><h2 id="calls-title">Calls</h2><p class="hint">the last ${ROWS_MAX}, newest first</p>
<p id="live" hidden><span id="live-state" role="status"></span><button type="button" id="live-toggle">Pause</button></p><noscript><p class="hint">Reload to see newer ones.</p></noscript></div>
${headings()}
<ol id="calls">${renderCalls(data, now)}</ol>
<div class="empty"><p>No call yet. This makes one:</p>
<pre class="command"><code>${data.exampleCurl}</code></pre></div>
</section>
</main>`;
  return { status: 200, headers: pageHeaders(), body: documentText('Leeward', body, { now, script: true }) };
}

/** The rows of the last {@link ROWS_MAX} calls, newest first. */
export function renderCalls(data: PageData, now: number): Html {
  const rows = data.calls.list(ROWS_MAX).map((call) => renderCallRow(call, now, data));
  return html`${rows}`;
}

/** The header's facts. Its words change only with the server's state; the time it is up grows in the script. */
export function renderServer(server: ServerFacts, now: number): Html {
  const upMs = Math.max(0, now - server.startedAt);
  return html`<span>${server.version}</span> <span>${foreign(server.mode)} mode</span> <span>store: ${foreign(server.store(), 120)}</span> <span>configuration ${foreign(server.configVersion(), 40)}</span>${renderConfigProblem(server)} <span>up <span class="elapsed" data-since="${server.startedAt}">${formatDuration(upMs)}</span></span>`;
}

/** The first line of what is wrong with the file in place; the log and `leeward config validate` have all of it. */
function renderConfigProblem(server: ServerFacts): Html | undefined {
  const [first] = server.configProblem?.()?.split('\n') ?? [];
  if (first === undefined) return undefined;
  return html` <strong class="config-problem" role="alert">The file in place cannot be used, ${foreign(server.configVersion(), 40)} stays in force: ${foreign(first, 300)}</strong>`;
}

/** What a visitor without a session gets. Says nothing about the server but its name. */
export function renderClaimNeeded(): PageAnswer {
  const body = html`<main class="claim">
<h1>${logo()}Leeward</h1>
<p>This page opens with a one-time link. A link works once, within ten minutes; the browser that used it then stays in for twelve hours.</p>
<p>Use the <b>Page</b> line that <code>leeward dev</code> printed, or make a new link:</p>
<pre class="command"><code>leeward page-link</code></pre>
</main>`;
  return { status: 401, headers: pageHeaders(), body: documentText('Leeward: link needed', body, { script: false }) };
}

export function documentText(title: string, body: Html, options: { now?: number; script: boolean }): string {
  const script = options.script ? html`<script src="${PAGE_SCRIPT_URL}" defer></script>` : undefined;
  const now = options.now === undefined ? undefined : html` data-now="${options.now}"`;
  return html`<!doctype html>
<html lang="en"${now}>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="${ICON}">
<link rel="stylesheet" href="${PAGE_STYLE_URL}">
${script}
</head>
<body>
${body}
</body>
</html>
`.toString();
}

export function logo(): Html {
  return html`<svg class="logo" viewBox="0 0 16 16" width="18" height="18" aria-hidden="true"><path d="M7 1v11H2C2 7 4 3 7 1zm2 3c3 1 5 4 5 8H9zM2 13.5h12v1.5H2z"/></svg>`;
}

/** Seen on wide screens only; each number also carries its own name, which narrow screens and readers aloud use. */
function headings(): Html {
  return html`<div class="headings" aria-hidden="true"><span id="time-heading">UTC</span><span>Model asked → answered by</span><span>Status</span><span class="figure">Attempts</span><span class="figure">Tokens in</span><span class="figure">Out</span><span class="figure">Cost</span><span class="figure">First token</span><span class="figure">Total</span></div>`;
}
