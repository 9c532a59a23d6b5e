import { GatewayError } from '../../kernel/errors.ts';
import type { ChatMessage } from '../../protocol/chat/call.ts';
import type { Loss } from '../../protocol/chat/codec.ts';
import type {
  CacheMarker,
  ContentPart,
  Rest,
  TextPart,
  ToolCallPart,
  ToolResultPart,
} from '../../protocol/chat/content.ts';
import { placeOf } from '../../protocol/chat/places.ts';
import type { Fields } from '../fields.ts';
import { inputOf, PLAIN_INPUT, wrappedArguments } from '../tool-input.ts';
import { writeCacheMarker } from './cache-marker.ts';
import { writeCitation } from './citations.ts';
import { writeDocumentSource, writeImageSource } from './media-writer.ts';
import type { ToolCallIds } from './tool-call-ids.ts';
import { MESSAGES, ownRest } from './wire.ts';

/** Whatever the parts of one call need to know of each other. */
export interface BlockContext {
  readonly role: ChatMessage['role'];
  readonly ids: ToolCallIds;
  readonly losses: Loss[];
  /** Whether the client has calls and thoughts beside a message's content, as those of Chat Completions do. */
  readonly apart: boolean;
}

/** Parts as blocks of a request. What cannot be sent at all is refused, a thought that is not Anthropic's stays behind. */
export function writeBlocks(parts: readonly ContentPart[], place: string, context: BlockContext): Fields[] {
  return writeParts(parts, (at) => placeOf(parts[at], `${place}[${at}]`), context);
}

/** @param nameOf the client's name for the n-th part */
export function writeParts(
  parts: readonly ContentPart[],
  nameOf: (part: number) => string,
  context: BlockContext,
): Fields[] {
  const blocks: Fields[] = [];
  let calls = 0;
  for (const [index, part] of parts.entries()) {
    const place = nameOf(index);
    const beside = context.apart && part.type === 'tool-call';
    const field = beside ? placeOf(part, `${ownerOf(place)}.tool_calls[${calls++}]`) : place;
    const block = writeBlock(part, field, context);
    if (block !== undefined) blocks.push(withCommon(block, part));
    else if (part.cache !== undefined) markLast(blocks, part.cache, field, context);
  }
  return blocks;
}

/** What is marked says nothing and is not sent: what comes before it is as far as the cache reaches. */
function markLast(blocks: Fields[], cache: CacheMarker, field: string, { losses }: BlockContext): void {
  const last = blocks.at(-1);
  if (last !== undefined && last['cache_control'] === undefined && !UNMARKED.has(last['type'])) {
    blocks[blocks.length - 1] = { ...last, cache_control: writeCacheMarker(cache) };
  } else losses.push({ field: `${field}.cache_control`, reason: 'it marks an empty text with nothing before it' });
}

/** The API marks no thoughts. */
const UNMARKED: ReadonlySet<unknown> = new Set(['thinking', 'redacted_thinking']);

/** The message that a part of its content belongs to. */
function ownerOf(place: string): string {
  return place.replace(/\.content(?:\[\d+\])?$/, '');
}

function withCommon(block: Fields, part: { readonly cache?: CacheMarker; readonly rest?: Rest }): Fields {
  const rest = ownRest(part.rest);
  const { cache } = part;
  if (cache === undefined && rest === undefined) return block;
  return {
    ...block,
    ...rest,
    ...(cache === undefined ? {} : { cache_control: writeCacheMarker(cache) }),
  };
}

function writeBlock(part: ContentPart, place: string, context: BlockContext): Fields | undefined {
  switch (part.type) {
    case 'text':
      return writeText(part);
    case 'refusal':
      return part.text.trim() === '' ? undefined : { type: 'text', text: part.text };
    case 'image':
      return { type: 'image', source: sent(writeImageSource(part), place) };
    case 'file':
      return writeDocument(part, place, context);
    case 'search-result':
      return {
        type: 'search_result',
        source: part.source,
        title: part.title,
        content: writeBlocks(part.parts, `${place}.content`, context),
        ...citable(part.citable),
      };
    case 'tool-reference':
      return { type: 'tool_reference', tool_name: part.name };
    case 'tool-call':
      return writeToolUse(part, place, context);
    case 'tool-result':
      return writeToolResult(part, place, context);
    case 'reasoning':
    case 'redacted-reasoning':
      return writeThought(part, place, context);
    case 'hosted-call':
    case 'hosted-result':
    case 'other':
      return writeKept(part, place, context);
    case 'audio':
    case 'video':
      return refused(place, `this API takes no ${part.type}`);
  }
}

/** The API refuses texts of nothing but white space; such a text says nothing. */
function writeText(part: TextPart): Fields | undefined {
  if (part.text.trim() === '') return undefined;
  const own = part.citations?.filter(({ source }) => source.dialect === MESSAGES).map(writeCitation);
  return own === undefined || own.length === 0
    ? { type: 'text', text: part.text }
    : { type: 'text', text: part.text, citations: own };
}

function writeDocument(part: Extract<ContentPart, { type: 'file' }>, place: string, context: BlockContext): Fields {
  const source = writeDocumentSource(part, (parts) => writeBlocks(parts, `${place}.source.content`, context));
  return {
    type: 'document',
    source: sent(source, place),
    ...(part.name === undefined ? {} : { title: part.name }),
    ...(part.context === undefined ? {} : { context: part.context }),
    ...citable(part.citable),
  };
}

function citable(enabled: boolean | undefined): Fields {
  return enabled === undefined ? {} : { citations: { enabled } };
}

function writeToolUse(part: ToolCallPart, place: string, context: BlockContext): Fields {
  return { type: 'tool_use', id: context.ids.written(part.id), name: part.name, input: inputFor(part, place, context) };
}

function inputFor(part: ToolCallPart, place: string, { apart, losses }: BlockContext): object {
  if (part.kind === 'custom') return { [PLAIN_INPUT]: part.arguments };
  const input = inputOf(part.arguments);
  if (input !== undefined) return input;
  losses.push({
    field: apart ? `${place}.function.arguments` : `${place}.arguments`,
    reason: 'they are no JSON object, so they are sent as the text of one',
  });
  return wrappedArguments(part.arguments);
}

function writeToolResult(part: ToolResultPart, place: string, context: BlockContext): Fields {
  const content = asContent(writeBlocks(part.parts, `${place}.content`, context));
  return {
    type: 'tool_result',
    tool_use_id: context.ids.written(part.callId),
    ...(content === undefined ? {} : { content }),
    ...(part.isError === undefined ? {} : { is_error: part.isError }),
  };
}

/** One plain text is sent as the text that it is; nothing at all is left out. */
export function asContent(blocks: readonly Fields[]): string | readonly Fields[] | undefined {
  const [first] = blocks;
  if (first === undefined) return undefined;
  const plain = blocks.length === 1 && first['type'] === 'text' && Object.keys(first).length === 2;
  return plain ? (first['text'] as string) : blocks;
}

/** The API checks its models' thoughts by their signatures, and refuses a request with one that it did not sign. */
function writeThought(
  part: Extract<ContentPart, { type: 'reasoning' | 'redacted-reasoning' }>,
  place: string,
  { apart, losses }: BlockContext,
): Fields | undefined {
  if (part.type === 'redacted-reasoning') {
    if (part.data.dialect === MESSAGES) return { type: 'redacted_thinking', data: part.data.value };
  } else if (part.signature?.dialect === MESSAGES) {
    return { type: 'thinking', thinking: part.text ?? '', signature: part.signature.value };
  } else if (part.encrypted?.dialect === MESSAGES) {
    return { type: 'redacted_thinking', data: part.encrypted.value };
  }
  const sealed = part.type === 'redacted-reasoning' || part.signature !== undefined || part.encrypted !== undefined;
  const beside = `${ownerOf(place)}.${sealed ? 'reasoning_details' : 'reasoning_content'}`;
  loseThought(placeOf(part, apart ? beside : place), losses);
  return undefined;
}

/** A message may have many of them, and is named once. */
function loseThought(field: string, losses: Loss[]): void {
  if (losses.some((loss) => loss.field === field)) return;
  losses.push({ field, reason: 'a thought that has no signature of this provider is not sent to it' });
}

/**
 * What this dialect said goes back as it came. What the assistant of another
 * one said in a form that is not known is a form of thought, and stays behind.
 */
function writeKept(
  part: Extract<ContentPart, { type: 'hosted-call' | 'hosted-result' | 'other' }>,
  place: string,
  { role, losses, apart }: BlockContext,
): Fields | undefined {
  if (part.source.dialect === MESSAGES) return part.source.fields;
  if (part.type !== 'other') return refused(place, 'what a tool of another provider did cannot be told this one');
  if (role !== 'assistant') return refused(place, 'a part of this type is not known here');
  loseThought(placeOf(part, apart ? `${ownerOf(place)}.reasoning_details` : place), losses);
  return undefined;
}

function sent(source: Fields | string, place: string): Fields {
  return typeof source === 'string' ? refused(place, source) : source;
}

/** What a client wants to be read and this provider cannot read. */
export function refused(field: string, why: string): never {
  throw new GatewayError('unsupported_parameter', {
    message: `${field} cannot be sent to a provider that speaks Anthropic's Messages: ${why}.`,
    param: field,
    retry: 'other-target',
  });
}
