import type { Draft } from '../../kernel/draft.ts';
import type {
  ContentPart,
  HostedCallPart,
  HostedResultPart,
  OtherPart,
  ReasoningPart,
  RedactedReasoningPart,
  Signature,
  TextPart,
  ToolCallPart,
  ToolReferencePart,
  ToolResultPart,
} from '../../protocol/chat/content.ts';
import { readSeal, type Seal, UNSIGNED } from '../../protocol/chat/seals.ts';
import { type Fields, isFields, type Refuse, textIn } from '../fields.ts';
import { argumentsOf } from '../tool-input.ts';
import { readCacheMarker } from './cache-marker.ts';
import { readCitations } from './citations.ts';
import { hostedToolOf } from './hosted-tools.ts';
import { readDocument, readImage, readSearchResult } from './media-reader.ts';
import { MESSAGES, restOf } from './wire.ts';

const TEXT = new Set(['type', 'text', 'citations', 'cache_control']);
const TOOL_REFERENCE = new Set(['type', 'tool_name', 'cache_control']);
const TOOL_USE = new Set(['type', 'id', 'name', 'input', 'cache_control']);
const TOOL_RESULT = new Set(['type', 'tool_use_id', 'content', 'is_error', 'cache_control']);
const THINKING = new Set(['type', 'thinking', 'signature', 'cache_control']);
const REDACTED = new Set(['type', 'data', 'cache_control']);

/**
 * The content of a message, of a system prompt, of a tool's result: a text, or
 * a list of blocks. The same for what a client sends and what a provider
 * answers, because either comes back as the other.
 */
export function readContent(value: unknown, place: string, refuse: Refuse): ContentPart[] {
  return typeof value === 'string' ? [{ type: 'text', text: value }] : readBlocks(value, place, refuse);
}

export function readBlocks(value: unknown, place: string, refuse: Refuse): ContentPart[] {
  if (!Array.isArray(value)) return refuse(place, 'must be a text or a list of content blocks');
  const parts: ContentPart[] = [];
  let signature: Signature | undefined;
  for (const [index, block] of value.entries()) {
    const ofCall = callSignature(block);
    signature = ofCall ?? signature;
    if (ofCall !== undefined) continue;
    const part = readBlock(block, `${place}[${index}]`, refuse);
    if (part.type === 'tool-call' && signature !== undefined) {
      parts.push({ ...part, signature });
      signature = undefined;
    } else parts.push(part);
  }
  return parts;
}

/** What belongs to the call that follows: it stands in a thought without words, as a client is given it. */
function callSignature(block: unknown): Signature | undefined {
  if (!isFields(block) || block['type'] !== 'thinking') return undefined;
  const text = textIn(block, 'signature');
  const seal = text?.startsWith(UNSIGNED) === true ? readSeal(MESSAGES, text, 'signature') : undefined;
  return seal?.what === 'call' ? seal.signature : undefined;
}

/** Any block. One of a type that is not known, or of a known type with a source that is not, is a part `other`. */
export function readBlock(value: unknown, place: string, refuse: Refuse): ContentPart {
  if (!isFields(value)) return refuse(place, 'must be an object');
  const type = textIn(value, 'type') ?? refuse(`${place}.type`, 'must be a text');
  const part = readKnown(type, value, place, refuse) ?? readHosted(type, value) ?? readOther(type, value);
  const cache = readCacheMarker(value['cache_control'], `${place}.cache_control`, refuse);
  return cache === undefined ? part : { ...part, cache };
}

function readKnown(type: string, block: Fields, place: string, refuse: Refuse): ContentPart | undefined {
  switch (type) {
    case 'text':
      return readText(block, place, refuse);
    case 'image':
      return readImage(block, place, refuse);
    case 'document':
      return readDocument(block, place, refuse, readBlocks);
    case 'search_result':
      return readSearchResult(block, place, refuse, readBlocks);
    case 'tool_reference':
      return readToolReference(block, place, refuse);
    case 'tool_use':
      return readToolUse(block, place, refuse);
    case 'tool_result':
      return readToolResult(block, place, refuse);
    case 'thinking':
      return readThinking(block, place, refuse);
    case 'redacted_thinking':
      return readRedacted(block, place, refuse);
    default:
      return undefined;
  }
}

function readText(block: Fields, place: string, refuse: Refuse): TextPart {
  const part: Draft<TextPart> = {
    type: 'text',
    text: textIn(block, 'text') ?? refuse(`${place}.text`, 'must be a text'),
  };
  const citations = readCitations(block['citations']);
  if (citations !== undefined) part.citations = citations;
  const rest = restOf(block, TEXT);
  if (rest !== undefined) part.rest = rest;
  return part;
}

function readToolReference(block: Fields, place: string, refuse: Refuse): ToolReferencePart {
  const part: Draft<ToolReferencePart> = {
    type: 'tool-reference',
    name: textIn(block, 'tool_name') ?? refuse(`${place}.tool_name`, 'must be a text'),
  };
  const rest = restOf(block, TOOL_REFERENCE);
  if (rest !== undefined) part.rest = rest;
  return part;
}

function readToolUse(block: Fields, place: string, refuse: Refuse): ToolCallPart {
  const part: Draft<ToolCallPart> = {
    type: 'tool-call',
    kind: 'function',
    id: textIn(block, 'id') ?? refuse(`${place}.id`, 'must be a text'),
    name: textIn(block, 'name') ?? refuse(`${place}.name`, 'must be a text'),
    arguments: argumentsOf(block['input']),
  };
  const rest = restOf(block, TOOL_USE);
  if (rest !== undefined) part.rest = rest;
  return part;
}

function readToolResult(block: Fields, place: string, refuse: Refuse): ToolResultPart {
  const { content, is_error: isError } = block;
  const part: Draft<ToolResultPart> = {
    type: 'tool-result',
    callId: textIn(block, 'tool_use_id') ?? refuse(`${place}.tool_use_id`, 'must be a text'),
    parts: content === undefined || content === null ? [] : readContent(content, `${place}.content`, refuse),
  };
  if (typeof isError === 'boolean') part.isError = isError;
  const rest = restOf(block, TOOL_RESULT);
  if (rest !== undefined) part.rest = rest;
  return part;
}

function readThinking(block: Fields, place: string, refuse: Refuse): ReasoningPart {
  const text = textIn(block, 'thinking') ?? refuse(`${place}.thinking`, 'must be a text');
  const seal = readSeal(MESSAGES, textIn(block, 'signature') ?? '', 'signature');
  const part: Draft<ReasoningPart> = seal === undefined ? { type: 'reasoning' } : sealedThought(seal);
  if (text !== '') part.text = text;
  const rest = restOf(block, THINKING);
  if (rest !== undefined) part.rest ??= rest;
  return part;
}

/** What a thought's maker wants back with it. */
function sealedThought({ what, signature, ...thought }: Seal): ReasoningPart {
  if (signature === undefined) return { type: 'reasoning', ...thought };
  return { type: 'reasoning', ...thought, [what === 'signature' ? 'signature' : 'encrypted']: signature };
}

function readRedacted(block: Fields, place: string, refuse: Refuse): ReasoningPart | RedactedReasoningPart {
  const data = textIn(block, 'data') ?? refuse(`${place}.data`, 'must be a text');
  const seal = readSeal(MESSAGES, data, 'redacted');
  if (seal?.what === 'encrypted') return sealedThought(seal);
  const part: Draft<RedactedReasoningPart> = {
    type: 'redacted-reasoning',
    data: seal?.signature ?? { value: data, dialect: MESSAGES },
  };
  const rest = restOf(block, REDACTED);
  if (rest !== undefined) part.rest = rest;
  return part;
}

const RESULT = '_tool_result';

/** What the provider's own tools were asked and what they answered, by the form of their types' names. */
export function readHosted(type: string, block: Fields): HostedCallPart | HostedResultPart | undefined {
  const source = { dialect: MESSAGES, fields: block } as const;
  const callId = textIn(block, 'tool_use_id');
  if (type.endsWith(RESULT) && callId !== undefined) {
    return { type: 'hosted-result', tool: hostedToolOf(type), callId, source };
  }
  const id = textIn(block, 'id');
  const name = textIn(block, 'name');
  if ((type !== 'server_tool_use' && type !== 'mcp_tool_use') || id === undefined || name === undefined) {
    return undefined;
  }
  const tool = hostedToolOf(type === 'mcp_tool_use' ? type : name);
  return { type: 'hosted-call', tool, id, name, arguments: argumentsOf(block['input']), source };
}

/** A block that is kept as it is. */
export function readOther(type: string, block: Fields): OtherPart {
  return { type: 'other', name: type, source: { dialect: MESSAGES, fields: block } };
}
