import type { Draft } from '../../kernel/draft.ts';
import type { Citation } from '../../protocol/chat/content.ts';
import { type Fields, isFields, numberIn, textIn } from '../fields.ts';
import { MESSAGES } from './wire.ts';

interface Form {
  readonly kind: Citation['kind'];
  readonly start?: string;
  readonly end?: string;
}

const FORMS: Readonly<Record<string, Form>> = {
  char_location: { kind: 'characters', start: 'start_char_index', end: 'end_char_index' },
  page_location: { kind: 'pages', start: 'start_page_number', end: 'end_page_number' },
  content_block_location: { kind: 'blocks', start: 'start_block_index', end: 'end_block_index' },
  search_result_location: { kind: 'search-result', start: 'start_block_index', end: 'end_block_index' },
  web_search_result_location: { kind: 'web' },
};

/** A citation of any form, those that are not known included: they are `other`. */
export function readCitation(value: Fields): Citation {
  const form = FORMS[textIn(value, 'type') ?? ''];
  const citation: Draft<Citation> = { kind: form?.kind ?? 'other', source: { dialect: MESSAGES, fields: value } };
  const url = textIn(value, 'url') ?? webAddress(textIn(value, 'source'));
  if (url !== undefined) citation.url = url;
  const title = textIn(value, 'title') ?? textIn(value, 'document_title');
  if (title !== undefined) citation.title = title;
  const quote = textIn(value, 'cited_text');
  if (quote !== undefined) citation.quote = quote;
  const document = numberIn(value, 'document_index');
  if (document !== undefined) citation.document = document;
  const start = form?.start === undefined ? undefined : numberIn(value, form.start);
  if (start !== undefined) citation.start = start;
  const end = form?.end === undefined ? undefined : numberIn(value, form.end);
  if (end !== undefined) citation.end = end;
  return citation;
}

/** A search result's source is whatever its client says, often where it lies. */
function webAddress(source: string | undefined): string | undefined {
  return source !== undefined && /^https?:\/\//.test(source) ? source : undefined;
}

/** A list of citations; `null` and an empty list are none. */
export function readCitations(value: unknown): readonly Citation[] | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined;
  return value.filter(isFields).map(readCitation);
}

/** The citation as this dialect says it; `undefined` for one of another dialect that names no page of the web. */
export function writeCitation(citation: Citation): Fields | undefined {
  if (citation.source.dialect === MESSAGES) return citation.source.fields;
  if (citation.url === undefined) return undefined;
  return {
    type: 'web_search_result_location',
    cited_text: citation.quote ?? '',
    encrypted_index: '',
    title: citation.title ?? null,
    url: citation.url,
  };
}
