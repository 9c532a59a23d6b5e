import { isObject, type JsonObject } from '../json-object.ts';
import type { Block } from './blocks.ts';
import { base64Bytes, pdfPages } from './media.ts';
import type { Prompt } from './request.ts';

/** A passage that an answer rests on. */
export interface Cited {
  readonly text: string;
  readonly citation: JsonObject;
}

const QUOTE_CHARS_MAX = 300;

/** The passages to cite for a question: of each source that may be cited, the one that shares most with it. */
export function citedPassages(prompt: Prompt, words: readonly string[]): Cited[] {
  const blocks = prompt.messages.flatMap(({ blocks }) => blocks.flatMap((block) => [block, ...(block.inner ?? [])]));
  const documents = blocks.filter(({ type }) => type === 'document');
  const found = blocks.filter(({ type }) => type === 'search_result');
  return [
    ...documents.flatMap((block, index) => (citable(block) ? citedDocument(block, index, words) : [])),
    ...found.flatMap((block, index) => (citable(block) ? citedResult(block, index, words) : [])),
  ];
}

function citable({ object }: Block): boolean {
  const citations = object['citations'];
  return isObject(citations) && citations['enabled'] === true;
}

function citedDocument({ object }: Block, index: number, words: readonly string[]): Cited[] {
  const source = isObject(object['source']) ? object['source'] : {};
  const common = { document_index: index, document_title: object['title'] ?? null };
  if (source['type'] === 'text') {
    const { text, start } = bestSentence(String(source['data']), words);
    const place = { start_char_index: start, end_char_index: start + text.length, file_id: null };
    return [{ text, citation: { type: 'char_location', cited_text: text, ...common, ...place } }];
  }
  if (source['type'] === 'content') {
    const blocks = contentTexts(source['content']);
    const at = bestOf(blocks, words);
    const text = (blocks[at] ?? '').slice(0, QUOTE_CHARS_MAX);
    const place = { start_block_index: at, end_block_index: at + 1, file_id: null };
    return [{ text, citation: { type: 'content_block_location', cited_text: text, ...common, ...place } }];
  }
  const bytes = source['type'] === 'base64' ? base64Bytes(String(source['data'])) : undefined;
  const page = bytes === undefined ? 1 : pdfPages(bytes);
  const text = `The text of page ${page}.`;
  const place = { start_page_number: page, end_page_number: page + 1, file_id: null };
  return [{ text, citation: { type: 'page_location', cited_text: text, ...common, ...place } }];
}

function citedResult({ object }: Block, index: number, words: readonly string[]): Cited[] {
  const blocks = contentTexts(object['content']);
  const at = bestOf(blocks, words);
  const text = (blocks[at] ?? '').slice(0, QUOTE_CHARS_MAX);
  const citation = {
    type: 'search_result_location',
    cited_text: text,
    search_result_index: index,
    source: object['source'],
    title: object['title'] ?? null,
    start_block_index: at,
    end_block_index: at + 1,
  };
  return [{ text, citation }];
}

function contentTexts(content: unknown): string[] {
  if (typeof content === 'string') return [content];
  if (!Array.isArray(content)) return [''];
  return content.map((block: unknown) => (isObject(block) && typeof block['text'] === 'string' ? block['text'] : ''));
}

const SENTENCES = /[^.!?\n]+[.!?\n]*\s*/g;

function bestSentence(text: string, words: readonly string[]): { text: string; start: number } {
  const sentences = [...text.matchAll(SENTENCES)];
  const best =
    sentences[
      bestOf(
        sentences.map(([sentence]) => sentence),
        words,
      )
    ];
  return { text: (best?.[0] ?? text).slice(0, QUOTE_CHARS_MAX), start: best?.index ?? 0 };
}

function bestOf(texts: readonly string[], words: readonly string[]): number {
  const shared = texts.map((text) => {
    const lower = text.toLowerCase();
    return words.filter((word) => lower.includes(word.toLowerCase())).length;
  });
  return Math.max(0, shared.indexOf(Math.max(...shared)));
}
