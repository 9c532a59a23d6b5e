import { formatCount, visibleText } from '../../observability/format.ts';
import { foreign, type Html, html } from './html.ts';
import { instant } from './instants.ts';
import { mark, type Tone } from './marks.ts';
import type { ProviderHealth, ProviderState } from './page-data.ts';

const PROVIDERS_MAX = 100;

const WORDS: Record<ProviderHealth, { readonly tone: Tone; readonly word: string }> = {
  ok: { tone: 'good', word: 'ok' },
  refused: { tone: 'bad', word: 'refused' },
  unreachable: { tone: 'bad', word: 'unreachable' },
  unchecked: { tone: 'still', word: 'not checked' },
  degraded: { tone: 'warn', word: 'degraded' },
};

/** The providers as list items, in the order given. */
export function renderProviders(providers: readonly ProviderState[]): Html {
  const shown = providers.slice(0, PROVIDERS_MAX);
  const hidden = providers.length - shown.length;
  const more = hidden > 0 ? html`<li class="provider">and ${hidden} more</li>` : undefined;
  return html`${shown.map(providerItem)}${more}`;
}

/** Changes when something worth looking at changes; the instant of the last good answer alone is not. */
export function providersSignature(providers: readonly ProviderState[]): string {
  return JSON.stringify(providers.map(({ lastOkAt, ...state }) => state));
}

function providerItem(provider: ProviderState): Html {
  const { tone, word } = WORDS[provider.state];
  const models = provider.models === undefined ? undefined : html` <span>${modelCount(provider.models)}</span>`;
  const trouble =
    provider.state === 'ok' || provider.lastError === undefined
      ? undefined
      : html`<p class="last-error">${provider.lastErrorAt === undefined ? undefined : instant(provider.lastErrorAt)} ${foreign(provider.lastError, 300)}</p>`;
  const detail =
    provider.detail === undefined ? undefined : html`<p class="provider-detail">${foreign(provider.detail, 300)}</p>`;
  const lastOk =
    provider.state === 'ok' || provider.lastOkAt === undefined
      ? undefined
      : html` <span>last ok ${instant(provider.lastOkAt)}</span>`;
  return html`<li class="provider"><p class="provider-line" title="${visibleText(provider.baseUrl ?? provider.preset, 200)}"><span class="name">${foreign(provider.name)}</span>
<span class="standing">${mark(tone)}<span class="${tone}">${word}</span></span></p>
<p class="provider-facts"><span>${foreign(provider.source)}</span>${models}${lastOk}</p>${detail}${trouble}</li>`;
}

function modelCount(count: number): string {
  return count === 1 ? '1 model' : `${formatCount(count)} models`;
}
