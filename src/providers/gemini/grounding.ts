import type { Draft } from '../../kernel/draft.ts';
import type { Citation } from '../../protocol/chat/content.ts';
import { type Fields, isFields, numberIn, textIn } from '../fields.ts';
import { GEMINI, objectsIn } from './wire.ts';

/** A text of a candidate, as far as something may be said of it. */
export interface GroundedText {
  readonly text: string;
  /** Its place among the parts of its content, where that is known. */
  readonly partIndex?: number;
}

/** A citation, and which of the texts it speaks of. */
export interface PlacedCitation {
  readonly textIndex: number;
  readonly citation: Citation;
}

/**
 * What a candidate's texts rest on: the pages that a search found
 * (`groundingMetadata`) and the sources that were recited (`citationMetadata`).
 * Segments are told in bytes of UTF-8 of a part, or of all texts together where
 * a stream has cut the part; here they are told in characters of one text.
 */
export function citationsOf(candidate: Fields, texts: readonly GroundedText[]): PlacedCitation[] {
  if (texts.length === 0) return [];
  const placed: PlacedCitation[] = [];
  const metadata = candidate['groundingMetadata'];
  if (isFields(metadata)) grounding(metadata, texts, placed);
  const recited = candidate['citationMetadata'];
  if (isFields(recited)) {
    for (const source of [...objectsIn(recited['citationSources']), ...objectsIn(recited['citations'])]) {
      const url = textIn(source, 'uri');
      if (url !== undefined) placed.push(located(bare(url, textIn(source, 'title'), source), source, texts));
    }
  }
  return placed;
}

function grounding(metadata: Fields, texts: readonly GroundedText[], placed: PlacedCitation[]): void {
  const chunks = objectsIn(metadata['groundingChunks']).map(pageOf);
  const supports = objectsIn(metadata['groundingSupports']);
  for (const support of supports) {
    const { segment } = support;
    const indices: unknown[] = Array.isArray(support['groundingChunkIndices']) ? support['groundingChunkIndices'] : [];
    for (const index of indices) {
      const page = typeof index === 'number' ? chunks[index] : undefined;
      if (page !== undefined) {
        const source = { ...page.source.fields, ...(isFields(segment) ? { segment } : {}) };
        const citation: Citation = { ...page, source: { dialect: GEMINI, fields: source } };
        placed.push(isFields(segment) ? located(citation, segment, texts) : { textIndex: texts.length - 1, citation });
      }
    }
  }
  if (supports.length > 0) return;
  // Pages were read and no sentence is said to rest on one of them: they stand for the whole answer.
  for (const page of chunks) if (page !== undefined) placed.push({ textIndex: texts.length - 1, citation: page });
}

const FORMS = ['web', 'maps', 'retrievedContext', 'image'] as const;

function pageOf(chunk: Fields): Citation | undefined {
  for (const form of FORMS) {
    const page = chunk[form];
    if (!isFields(page)) continue;
    const url = textIn(page, 'uri') ?? textIn(page, 'sourceUri');
    if (url === undefined) return undefined;
    const citation: Draft<Citation> = { ...bare(url, textIn(page, 'title'), chunk) };
    const quote = textIn(page, 'text');
    if (quote !== undefined) citation.quote = quote;
    return citation;
  }
  return undefined;
}

function bare(url: string, title: string | undefined, fields: Fields): Citation {
  const citation: Draft<Citation> = { kind: 'web', url, source: { dialect: GEMINI, fields } };
  if (title !== undefined) citation.title = title;
  return citation;
}

/** A citation with its place; one whose place is not understood stands at the last text without one. */
function located(citation: Citation, segment: Fields, texts: readonly GroundedText[]): PlacedCitation {
  const place = placeOf(segment, texts);
  if (place === undefined) return { textIndex: texts.length - 1, citation };
  const { textIndex, start, end } = place;
  return { textIndex, citation: { ...citation, textStart: start, textEnd: end } };
}

interface Span {
  readonly textIndex: number;
  readonly start: number;
  readonly end: number;
}

function placeOf(segment: Fields, texts: readonly GroundedText[]): Span | undefined {
  const quoted = textIn(segment, 'text');
  const startBytes = numberIn(segment, 'startIndex') ?? 0;
  const endBytes = numberIn(segment, 'endIndex');
  if (endBytes !== undefined) {
    const partIndex = numberIn(segment, 'partIndex') ?? 0;
    const own = texts.findIndex((text) => text.partIndex === partIndex);
    for (const found of [inPart(texts, own, startBytes, endBytes), inAll(texts, startBytes, endBytes)]) {
      if (found !== undefined && (quoted === undefined || saidAt(texts, found) === quoted)) return found;
    }
  }
  if (quoted === undefined || quoted === '') return undefined;
  const textIndex = texts.findIndex(({ text }) => text.includes(quoted));
  const start = texts[textIndex]?.text.indexOf(quoted) ?? -1;
  return start < 0 ? undefined : { textIndex, start, end: start + quoted.length };
}

function saidAt(texts: readonly GroundedText[], { textIndex, start, end }: Span): string | undefined {
  return texts[textIndex]?.text.slice(start, end);
}

function inPart(texts: readonly GroundedText[], textIndex: number, from: number, to: number): Span | undefined {
  const text = texts[textIndex]?.text;
  if (text === undefined) return undefined;
  const bytes = Buffer.from(text, 'utf8');
  if (to > bytes.length || from > to) return undefined;
  const start = bytes.toString('utf8', 0, from).length;
  return { textIndex, start, end: start + bytes.toString('utf8', from, to).length };
}

function inAll(texts: readonly GroundedText[], from: number, to: number): Span | undefined {
  let before = 0;
  for (const [textIndex, { text }] of texts.entries()) {
    const length = Buffer.byteLength(text, 'utf8');
    if (from < before + length) return inPart(texts, textIndex, from - before, Math.min(to - before, length));
    before += length;
  }
  return undefined;
}
