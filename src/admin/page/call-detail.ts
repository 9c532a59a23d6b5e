import { nano } from '../../kernel/amounts.ts';
import { usdText } from '../../kernel/usd-text.ts';
import { formatCount, formatDuration, formatUsd } from '../../observability/format.ts';
import type { AttemptView, CallView } from '../../protocol/call-view.ts';
import type { Usage, UsageSource } from '../../protocol/usage.ts';
import { attemptStanding, targetName } from './call-summary.ts';
import { foreign, type Html, html } from './html.ts';
import { mark } from './marks.ts';
import type { CommandFacts } from './page-data.ts';

const KEY_SHELL = '$LEEWARD_API_KEY';

const COUNTERS: Record<UsageSource, string> = {
  provider: 'the provider',
  estimated: 'our estimate',
  reserved: 'the hold',
};

/** What opens under a call's line: its attempts, what is known about the call, and the command that gives the same as JSON. */
export function callDetail(call: CallView, now: number, commands: CommandFacts): Html {
  const spanMs = Math.max(1, call.totalMs ?? now - call.startedAt);
  return html`<div class="detail">
<ol class="attempts">${call.attempts.map((attempt) => attemptItem(attempt, call, spanMs, now))}</ol>
<dl class="facts">${callFacts(call)}</dl>
<pre class="command"><code>${callCommand(call.id, commands)}</code></pre>
</div>`;
}

/** The command that asks for one call as JSON. */
export function callCommand(callId: string, commands: CommandFacts): string {
  const key = commands.keyShell ?? KEY_SHELL;
  return `curl ${commands.server.baseUrl}/v1/calls/${callId} -H "Authorization: Bearer ${key}"`;
}

function attemptItem(attempt: AttemptView, call: CallView, spanMs: number, now: number): Html {
  const { tone, status, word } = attemptStanding(attempt);
  const code = status === undefined ? undefined : html`<span class="code">${String(status)}</span> `;
  const error =
    attempt.errorMessage === undefined ? undefined : html`<p class="error">${foreign(attempt.errorMessage)}</p>`;
  return html`<li class="attempt"><p class="attempt-line"><span class="number">${attempt.attempt}</span>
<span class="target">${foreign(targetName(attempt))}</span>
<span class="standing">${mark(tone)}<span class="${tone}">${code}<span class="word">${foreign(word)}</span></span></span></p>
${timeline(attempt, call.startedAt, spanMs, now)}
${error}<dl class="facts">${attemptFacts(attempt, call)}</dl></li>`;
}

/** When the attempt ran within its call: a pale bar until the first token, a full one from there. In percent of the call. */
function timeline(attempt: AttemptView, callStartedAt: number, spanMs: number, now: number): Html {
  const startPct = within((100 * (attempt.startedAt - callStartedAt)) / spanMs, 99);
  const totalMs = attempt.totalMs ?? now - attempt.startedAt;
  const widthPct = within((100 * totalMs) / spanMs, 100 - startPct, 0.5);
  const waitPct =
    attempt.firstTokenMs === undefined ? widthPct : within((100 * attempt.firstTokenMs) / spanMs, widthPct);
  return html`<svg class="timeline${attempt.outcome === 'failed' ? ' lost' : ''}" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true"><rect class="rail" width="100" height="4"/><rect class="wait" x="${startPct}" width="${waitPct}" height="4"/><rect class="flow" x="${startPct + waitPct}" width="${widthPct - waitPct}" height="4"/></svg>`;
}

function within(value: number, max: number, min = 0): number {
  return Math.round(100 * Math.min(max, Math.max(min, value))) / 100;
}

function attemptFacts(attempt: AttemptView, call: CallView): Html[] {
  const startedAfterMs = Math.max(0, attempt.startedAt - call.startedAt);
  return factList([
    ['why', foreign(attempt.routeReason)],
    ['credential', optional(attempt.credential)],
    ['started after', formatDuration(startedAfterMs)],
    ['first token', attempt.firstTokenMs === undefined ? undefined : formatDuration(attempt.firstTokenMs)],
    ['total', attempt.totalMs === undefined ? undefined : formatDuration(attempt.totalMs)],
    ['tokens', attempt.usage === undefined ? undefined : usageText(attempt.usage)],
    ['counted by', attempt.usageSource === undefined ? undefined : COUNTERS[attempt.usageSource]],
    ['cost', attemptCost(attempt)],
    ['finish', optional(attempt.finishReason)],
    ['error', optional(attempt.errorCode)],
    ['upstream id', optional(attempt.upstreamRequestId)],
  ]);
}

function callFacts(call: CallView): Html[] {
  return factList([
    ['call', html`<a href="#${call.id}">${call.id}</a>`],
    ['operation', html`${call.operation}, ${call.dialect}, ${call.stream ? 'streamed' : 'not streamed'}`],
    ['route', optional(call.route)],
    ['key', foreign(call.keyId)],
    ['project', foreign(`${call.organisation}/${call.project}`)],
    ['end user', optional(call.endUser)],
    ['task', optional(call.task)],
    ['tags', optional(call.tags?.join(', '))],
    ['configuration', foreign(call.configVersion)],
    ['client request id', optional(call.clientRequestId)],
    ['trace', optional(call.traceId)],
  ]);
}

function factList(facts: readonly (readonly [string, Html | string | undefined])[]): Html[] {
  return facts
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`);
}

function optional(text: string | undefined): Html | undefined {
  return text === undefined || text === '' ? undefined : foreign(text);
}

function usageText(usage: Usage): string {
  const parts = [
    tokens(usage.inputTokens, 'in', usage.cachedInputTokens, 'cached'),
    tokens(usage.outputTokens, 'out', usage.reasoningTokens, 'reasoning'),
  ];
  return parts.join(', ');
}

function tokens(count: number | undefined, word: string, part: number | undefined, partWord: string): string {
  const whole = `${count === undefined ? 'unknown' : formatCount(count)} ${word}`;
  return part === undefined || part === 0 ? whole : `${whole} (${formatCount(part)} ${partWord})`;
}

function attemptCost(attempt: AttemptView): Html | string | undefined {
  if (attempt.costNanoUsd !== undefined) {
    return html`<span title="${usdText(nano(attempt.costNanoUsd))} USD">${formatUsd(attempt.costNanoUsd)}</span>`;
  }
  if (attempt.usage !== undefined) return 'unpriced';
  return attempt.outcome === undefined || attempt.outcome === 'failed' ? undefined : 'unknown';
}
