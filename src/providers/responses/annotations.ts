import type { Draft } from '../../kernel/draft.ts';
import type { Citation } from '../../protocol/chat/content.ts';
import { isObject, someText, type WireObject } from '../openai/wire.ts';
import { ownRestOf, RESPONSES } from './wire.ts';

/** What a text rests on, as the `annotations` of an `output_text` tell it. */
export function readAnnotations(value: unknown): Citation[] {
  return Array.isArray(value) ? value.filter(isObject).map(readAnnotation) : [];
}

/** One annotation of any type: pages of the web are `web`, files of the vendor's own stores and all others `other`. */
export function readAnnotation(annotation: WireObject): Citation {
  const { type, url, title, filename, start_index: start, end_index: end } = annotation;
  const citation: Draft<Citation> = {
    kind: type === 'url_citation' ? 'web' : 'other',
    source: ownRestOf(annotation),
  };
  if (typeof url === 'string') citation.url = url;
  const named = someText(title) ?? someText(filename);
  if (named !== undefined) citation.title = named;
  if (typeof start === 'number') citation.textStart = start;
  if (typeof end === 'number') citation.textEnd = end;
  return citation;
}

/** Where the text that cites stands in its part, characters from 0. */
export interface TextRange {
  readonly start: number;
  readonly end: number;
}

/** Citations as annotations: this dialect's own as they came; of others', those that name a page of the web. */
export function annotationsJson(citations: readonly Citation[], { start, end }: TextRange): WireObject[] {
  return citations.flatMap(({ kind, url, title, textStart, textEnd, source }) => {
    if (source.dialect === RESPONSES) return [source.fields];
    if (url === undefined || kind !== 'web') return [];
    return [
      { type: 'url_citation', url, title: title ?? '', start_index: textStart ?? start, end_index: textEnd ?? end },
    ];
  });
}
