import type { Draft } from '../../kernel/draft.ts';
import type { Citation } from '../../protocol/chat/content.ts';
import { isObject, ownRestOf, someText, type WireObject } from './wire.ts';

/** What a text rests on, as a message's `annotations` tell it. */
export function readAnnotations(value: unknown): Citation[] {
  return Array.isArray(value) ? value.filter(isObject).map(readAnnotation) : [];
}

function readAnnotation(annotation: WireObject): Citation {
  const source = ownRestOf(annotation);
  const { url_citation: web } = annotation;
  if (annotation['type'] !== 'url_citation' || !isObject(web)) return { kind: 'other', source };
  const citation: Draft<Citation> = { kind: 'web', source };
  const { url, title, content, start_index: start, end_index: end } = web;
  if (typeof url === 'string') citation.url = url;
  if (typeof title === 'string') citation.title = title;
  // OpenRouter tells the passage too.
  if (typeof content === 'string') citation.quote = content;
  if (typeof start === 'number') citation.textStart = start;
  if (typeof end === 'number') citation.textEnd = end;
  return citation;
}

/**
 * The pages that Perplexity and xAI name beside the choices, with or without
 * their titles, as recorded answers have them. They stand for the whole text.
 */
export function readSearchResults(answer: WireObject): Citation[] {
  const { search_results: results, citations } = answer;
  if (Array.isArray(results) && results.length > 0) {
    return results.filter(isObject).flatMap((result) => {
      const url = someText(result['url']);
      if (url === undefined) return [];
      const title = someText(result['title']);
      const quote = someText(result['snippet']);
      return [
        {
          kind: 'web',
          url,
          ...(title === undefined ? {} : { title }),
          ...(quote === undefined ? {} : { quote }),
          source: ownRestOf(result),
        },
      ];
    });
  }
  if (!Array.isArray(citations)) return [];
  return citations.flatMap((url) =>
    typeof url === 'string' ? [{ kind: 'web', url, source: ownRestOf({ url }) }] : [],
  );
}

/** Where the text that cites stands in the whole text, characters from 0. */
export interface TextRange {
  readonly start: number;
  readonly end: number;
}

/**
 * Citations of a text as `annotations`. One that has no place on the web has no
 * word here, and one that this dialect told beside its choices is told there again.
 */
export function annotationsJson(citations: readonly Citation[], { start, end }: TextRange): WireObject[] {
  return citations.flatMap(({ kind, url, title, textStart, textEnd, source }) => {
    if (source.dialect === 'openai-chat') return typeof source.fields['type'] === 'string' ? [source.fields] : [];
    if (url === undefined || kind !== 'web') return [];
    const cited = { start_index: textStart ?? start, end_index: textEnd ?? end, url, title: title ?? '' };
    return [{ type: 'url_citation', url_citation: cited }];
  });
}
