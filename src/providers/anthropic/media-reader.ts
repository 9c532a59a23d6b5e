import type { Draft } from '../../kernel/draft.ts';
import type { ContentPart, FilePart, ImagePart, MediaSource, SearchResultPart } from '../../protocol/chat/content.ts';
import { type Fields, isFields, type Refuse, textIn } from '../fields.ts';
import { MESSAGES, restOf } from './wire.ts';

const IMAGE = new Set(['type', 'source', 'cache_control']);
const DOCUMENT = new Set(['type', 'source', 'cache_control', 'title', 'context', 'citations']);
const SEARCH_RESULT = new Set(['type', 'source', 'title', 'content', 'cache_control', 'citations']);

/** Reads the blocks that a block is made of. */
export type ReadBlocks = (value: unknown, place: string, refuse: Refuse) => ContentPart[];

export function readImage(block: Fields, place: string, refuse: Refuse): ImagePart | undefined {
  const source = readSource(block['source'], `${place}.source`, refuse, noParts);
  if (source === undefined) return undefined;
  const part: Draft<ImagePart> = { type: 'image', source };
  const rest = restOf(block, IMAGE);
  if (rest !== undefined) part.rest = rest;
  return part;
}

export function readDocument(
  block: Fields,
  place: string,
  refuse: Refuse,
  readBlocks: ReadBlocks,
): FilePart | undefined {
  const source = readSource(block['source'], `${place}.source`, refuse, readBlocks);
  if (source === undefined) return undefined;
  const part: Draft<FilePart> = { type: 'file', source };
  const name = textIn(block, 'title');
  if (name !== undefined) part.name = name;
  const context = textIn(block, 'context');
  if (context !== undefined) part.context = context;
  const citable = citableOf(block['citations']);
  if (citable !== undefined) part.citable = citable;
  const rest = restOf(block, DOCUMENT);
  if (rest !== undefined) part.rest = rest;
  return part;
}

export function readSearchResult(
  block: Fields,
  place: string,
  refuse: Refuse,
  readBlocks: ReadBlocks,
): SearchResultPart {
  const part: Draft<SearchResultPart> = {
    type: 'search-result',
    title: textIn(block, 'title') ?? refuse(`${place}.title`, 'must be a text'),
    source: textIn(block, 'source') ?? refuse(`${place}.source`, 'must be a text'),
    parts: readBlocks(block['content'], `${place}.content`, refuse),
  };
  const citable = citableOf(block['citations']);
  if (citable !== undefined) part.citable = citable;
  const rest = restOf(block, SEARCH_RESULT);
  if (rest !== undefined) part.rest = rest;
  return part;
}

function citableOf(citations: unknown): boolean | undefined {
  const enabled = isFields(citations) ? citations['enabled'] : undefined;
  return typeof enabled === 'boolean' ? enabled : undefined;
}

/** @returns `undefined` for a source of a type that is not known */
function readSource(value: unknown, place: string, refuse: Refuse, readBlocks: ReadBlocks): MediaSource | undefined {
  if (!isFields(value)) return refuse(place, 'must be an object');
  const text = (name: string): string => textIn(value, name) ?? refuse(`${place}.${name}`, 'must be a text');
  switch (value['type']) {
    case 'base64':
      return { kind: 'bytes', mediaType: text('media_type'), base64: text('data') };
    case 'url':
      return { kind: 'url', url: text('url') };
    case 'file':
      return { kind: 'stored', id: text('file_id'), dialect: MESSAGES };
    case 'text':
      return { kind: 'text', text: text('data'), mediaType: textIn(value, 'media_type') ?? 'text/plain' };
    case 'content':
      return { kind: 'parts', parts: documentParts(value['content'], `${place}.content`, refuse, readBlocks) };
    default:
      return undefined;
  }
}

/** A picture is not made of blocks. */
const noParts: ReadBlocks = (_value, place, refuse) => refuse(place, 'is not known in an image');

function documentParts(value: unknown, place: string, refuse: Refuse, readBlocks: ReadBlocks): ContentPart[] {
  return typeof value === 'string' ? [{ type: 'text', text: value }] : readBlocks(value, place, refuse);
}
