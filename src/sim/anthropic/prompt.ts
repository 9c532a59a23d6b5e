import { isObject, type JsonObject } from '../json-object.ts';
import type { TokenCounter } from '../tokenizer.ts';
import type { Block } from './blocks.ts';
import type { CacheTtl } from './cache-control.ts';
import { base64Bytes, imageTokens, pdfPages, pdfTokens } from './media.ts';
import type { Prompt } from './request.ts';

const TOKENS_PER_MESSAGE = 3;
const TOKENS_PER_ANSWER = 4;
/** What a file costs that lies elsewhere: as a document of a few pages. */
const PAGES_UNSEEN = 3;

/** One block of a prompt in the order in which it is read, for the purpose of recognising it. */
export interface PromptPart {
  readonly text: string;
  readonly tokens: number;
  readonly marker?: CacheTtl;
}

/** Tools, then instructions, then messages: the order in which a prompt is cached. */
export function promptParts(prompt: Prompt, counter: TokenCounter): PromptPart[] {
  const parts: PromptPart[] = [];
  for (const { object, marker } of prompt.tools.given)
    parts.push(part(object, counter.count(unmarked(object)), marker));
  if (prompt.schema !== undefined) {
    const text = JSON.stringify(prompt.schema);
    parts.push({ text, tokens: counter.count(text) });
  }
  for (const block of prompt.system) parts.push(blockPart(block, 0, counter));
  for (const { role, blocks } of prompt.messages) {
    blocks.forEach((block, at) => {
      const wrapping = at === 0 ? TOKENS_PER_MESSAGE : 0;
      const { text, ...counted } = blockPart(block, wrapping, counter);
      parts.push({ ...counted, text: `${role}:${text}` });
    });
  }
  return prompt.marker === undefined ? parts : markedAtEnd(parts, prompt.marker);
}

export function promptTokens(parts: readonly PromptPart[]): number {
  return parts.reduce((tokens, one) => tokens + one.tokens, TOKENS_PER_ANSWER);
}

function part(object: JsonObject, tokens: number, marker: CacheTtl | undefined): PromptPart {
  return { text: unmarked(object), tokens, ...(marker === undefined ? {} : { marker }) };
}

function blockPart(block: Block, wrappingTokens: number, counter: TokenCounter): PromptPart {
  return part(block.object, wrappingTokens + blockTokens(block, counter), block.marker);
}

/** A marker on the whole request stands on its last block, unless that one has its own. */
function markedAtEnd(parts: readonly PromptPart[], marker: CacheTtl): PromptPart[] {
  return parts.map((one, at) => (at === parts.length - 1 ? { ...one, marker: one.marker ?? marker } : one));
}

/** A block as it is recognised: where markers stand changes nothing about it. */
function unmarked(object: JsonObject): string {
  return JSON.stringify(object, (key, value: unknown) => (key === 'cache_control' ? undefined : value));
}

function blockTokens(block: Block, counter: TokenCounter): number {
  const { type, object, text } = block;
  switch (type) {
    case 'image':
      return imageTokens(bytesOf(object));
    case 'document':
      return counter.count(text) + fileTokens(object);
    case 'tool_use':
    case 'server_tool_use':
      return counter.count(String(object['name'])) + counter.count(JSON.stringify(object['input']));
    case 'tool_result': {
      const id = counter.count(String(object['tool_use_id']));
      return (block.inner ?? []).reduce((tokens, inner) => tokens + blockTokens(inner, counter), id);
    }
    case 'text':
    case 'thinking':
    case 'search_result':
      return counter.count(text);
    case 'redacted_thinking':
      return Math.ceil(String(object['data']).length / 6);
    default:
      return counter.count(unmarked(object));
  }
}

function bytesOf(object: JsonObject): Buffer | undefined {
  const source = object['source'];
  if (!isObject(source) || source['type'] !== 'base64') return undefined;
  return base64Bytes(String(source['data']));
}

function fileTokens(object: JsonObject): number {
  const source = object['source'];
  if (!isObject(source) || source['type'] === 'text' || source['type'] === 'content') return 0;
  const bytes = bytesOf(object);
  return pdfTokens(bytes === undefined ? PAGES_UNSEEN : pdfPages(bytes));
}
