import { type Html, html } from './html.ts';

/** How something stands, for a mark beside its word and for a class name: never told by colour alone. */
export type Tone = 'good' | 'bad' | 'warn' | 'busy' | 'still';

/** One path per tone, drawn in a box of 12 by 12. */
const SHAPES: Record<Tone, Html> = {
  good: html`<path d="M2.5 6.5 5 9l4.5-6"/>`,
  bad: html`<path d="M3 3l6 6M9 3l-6 6"/>`,
  warn: html`<path d="M6 2v5M6 9.4v.6"/>`,
  busy: html`<path d="M6 1.8a4.2 4.2 0 1 1-4.2 4.2"/>`,
  still: html`<path d="M3 6h6"/>`,
};

/** A small drawing in the text's own colour; the word beside it says the same, so readers aloud skip it. */
export function mark(tone: Tone): Html {
  return html`<svg class="mark ${tone}" viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">${SHAPES[tone]}</svg>`;
}
