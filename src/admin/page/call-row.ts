import { nano } from '../../kernel/amounts.ts';
import { usdText } from '../../kernel/usd-text.ts';
import { callCost, formatCost, formatCount, formatDuration } from '../../observability/format.ts';
import type { CallView } from '../../protocol/call-view.ts';
import { callDetail } from './call-detail.ts';
import { callFirstTokenMs, callPath, callStanding, type TriedTarget } from './call-summary.ts';
import { foreign, type Html, html } from './html.ts';
import { instant } from './instants.ts';
import { mark } from './marks.ts';
import type { CommandFacts } from './page-data.ts';

/**
 * One call as a list item: its line, and under it what each attempt did. The
 * live feed sends the same markup again when the call changes.
 *
 * @param now milliseconds since the epoch, for the elapsed time of a running call
 */
export function renderCallRow(call: CallView, now: number, commands: CommandFacts): Html {
  return html`<li class="call" id="${call.id}"><details><summary>
<span class="time">${instant(call.startedAt)}</span>
<span class="path">${pathCell(call)}</span>
<span class="standing">${standingCell(call)}</span>
${figure(call.attempts.length === 1 ? 'attempts single' : 'attempts', 'attempts', call.attempts.length)}
${figure('in', 'in', inputCell(call))}
${figure('out', 'out', call.attempts.at(-1)?.usage?.outputTokens)}
${figure('cost', 'cost', costCell(call))}
${figure('first', 'first token', durationOrUndefined(callFirstTokenMs(call)))}
${figure('total', 'total', totalCell(call, now))}
</summary>${callDetail(call, now, commands)}</details></li>`;
}

/** A number with its name, which wide screens show once, in the heading. */
function figure(name: string, label: string, value: Html | string | number | undefined): Html {
  const shown = typeof value === 'number' ? formatCount(value) : value;
  const blank = shown === undefined || shown === '–';
  return html`<span class="figure ${name}${blank ? ' blank' : ''}"><span class="label">${label} </span>${shown ?? '–'}</span>`;
}

function pathCell(call: CallView): Html {
  const reason = call.attempts.at(-1)?.routeReason;
  const operation = call.operation === 'chat' ? undefined : html` <span class="operation">${call.operation}</span>`;
  const why = reason === undefined ? undefined : html`<span class="why">${foreign(reason)}</span>`;
  return html`<span class="targets">${targets(call)}${operation}</span>${why}`;
}

/** `demo → a/one b/two`, the failed ones struck through; the name alone where the caller named the target and it answered. */
function targets(call: CallView): Html {
  const { failed, answered } = callPath(call);
  const last = answer(answered, call.totalMs === undefined);
  if (failed.length === 0 && answered === call.modelAsked) return last;
  return html`<span class="asked">${foreign(call.modelAsked)}</span> <span class="arrow">→</span> ${failed.map(struck)}${last}`;
}

function struck(target: TriedTarget): Html {
  const times = target.times > 1 ? html` ×${target.times}` : undefined;
  return html`<span class="failed"><span class="label">failed: </span><s>${foreign(target.name)}</s>${times}</span> `;
}

function answer(target: string | undefined, running: boolean): Html {
  if (target === undefined) return html`<span class="none">no answer</span>`;
  return html`<span class="${running ? 'trying' : 'answered'}">${foreign(target)}</span>`;
}

function standingCell(call: CallView): Html {
  const { tone, status, word } = callStanding(call);
  const code = status === undefined ? undefined : html`<span class="code">${String(status)}</span> `;
  return html`${mark(tone)}<span class="${tone}">${code}<span class="word">${foreign(word)}</span></span>`;
}

function inputCell(call: CallView): Html | undefined {
  const usage = call.attempts.at(-1)?.usage;
  if (usage?.inputTokens === undefined) return undefined;
  const { cachedInputTokens: cached } = usage;
  const note =
    cached === undefined || cached === 0 ? undefined : html` <span class="cached">${formatCount(cached)} cached</span>`;
  return html`${formatCount(usage.inputTokens)}${note}`;
}

function costCell(call: CallView): Html | string | undefined {
  if (call.totalMs === undefined) return undefined;
  const cost = callCost(call);
  const text = formatCost(cost);
  return 'nanoUsd' in cost ? html`<span title="${usdText(nano(cost.nanoUsd))} USD">${text}</span>` : text;
}

function totalCell(call: CallView, now: number): Html | string {
  return call.totalMs === undefined ? elapsed(call.startedAt, now) : formatDuration(call.totalMs);
}

/** A duration that still grows; the script keeps it growing. */
function elapsed(since: number, now: number): Html {
  return html`<span class="elapsed" data-since="${since}">${formatDuration(Math.max(0, now - since))}</span>`;
}

function durationOrUndefined(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : formatDuration(ms);
}
