import { formatCount, formatDuration, visibleText } from '../../observability/format.ts';
import type { TargetWeatherView } from '../../routing/weather-words.ts';
import { foreign, type Html, html } from './html.ts';
import { mark, type Tone } from './marks.ts';

const TARGETS_MAX = 100;

/** The targets that were called, closed ones first. */
export function renderTargets(targets: readonly TargetWeatherView[]): Html {
  const ordered = [...targets].sort((one, other) => rank(one) - rank(other) || (one.key < other.key ? -1 : 1));
  const shown = ordered.slice(0, TARGETS_MAX);
  const hidden = ordered.length - shown.length;
  const more =
    hidden > 0 ? html`<li class="provider">and ${hidden} more: <code>leeward targets</code></li>` : undefined;
  return html`${shown.map(targetItem)}${more}`;
}

/** Changes when something worth looking at changes, and about once in ten seconds while a target waits to open. */
export function targetsSignature(targets: readonly TargetWeatherView[]): string {
  return JSON.stringify(
    targets.map((target) => [
      target.key,
      standing(target).word,
      target.closure?.reason,
      target.closure?.forMs === undefined ? undefined : Math.ceil(target.closure.forMs / 10_000),
      Math.floor(target.concurrencyLimit ?? 0),
      significant(target.firstTokenP95Ms),
    ]),
  );
}

/** Two digits of it: the rest changes with each call. */
function significant(value: number | undefined): number | undefined {
  return value === undefined ? undefined : Number(value.toPrecision(2));
}

function rank({ closure }: TargetWeatherView): number {
  return closure === undefined ? 1 : 0;
}

function standing(target: TargetWeatherView): { readonly tone: Tone; readonly word: string } {
  if (target.closure !== undefined) {
    // Being full or throttled passes by itself; a breaker or a refused key wants to be looked at.
    const passing = ['concurrency', 'headroom', 'cool-down'].includes(target.closure.kind);
    return { tone: passing ? 'warn' : 'bad', word: 'closed' };
  }
  const states = [target.breaker?.state, target.slow?.state];
  if (states.includes('half-open')) return { tone: 'busy', word: 'probing' };
  if (states.includes('returning')) return { tone: 'busy', word: 'returning' };
  return { tone: 'good', word: 'open' };
}

function targetItem(target: TargetWeatherView): Html {
  const { tone, word } = standing(target);
  return html`<li class="provider"><p class="provider-line"><span class="name" title="${visibleText(target.key, 200)}">${foreign(target.key, 80)}</span>
<span class="standing">${mark(tone)}<span class="${tone}">${word}</span></span></p>
<p class="provider-facts">${factsOf(target).map((fact) => html`<span>${fact}</span>`)}</p>${why(target)}</li>`;
}

function factsOf({ inFlight, concurrencyLimit, firstTokenP95Ms, ended }: TargetWeatherView): string[] {
  const limit = concurrencyLimit === undefined ? '' : ` of ${formatCount(Math.floor(concurrencyLimit))}`;
  return [
    `${formatCount(inFlight)}${limit} in flight`,
    firstTokenP95Ms === undefined ? undefined : `first token p95 ${formatDuration(firstTokenP95Ms)}`,
    `${formatCount(ended.ok)} ok`,
    ended.failed === 0 ? undefined : `${formatCount(ended.failed)} failed`,
    ended.throttled === 0 ? undefined : `${formatCount(ended.throttled)} throttled`,
  ].filter((fact) => fact !== undefined);
}

function why({ closure }: TargetWeatherView): Html | undefined {
  if (closure === undefined) return undefined;
  const until = closure.forMs === undefined ? '' : `, for ${formatDuration(closure.forMs)} more`;
  const who = closure.asked ? ', as the provider asked' : '';
  return html`<p class="provider-detail">${foreign(closure.reason, 300)}${until}${who}</p>`;
}
