import type { ChatMessage } from '../../protocol/chat/call.ts';
import type { ContentPart } from '../../protocol/chat/content.ts';
import type { WireObject } from '../openai/wire.ts';
import { assistantItems } from './assistant-writer.ts';
import { type CallWriting, markCache } from './call-losses.ts';
import { contentJson } from './part-writer.ts';
import { toolResultJson } from './result-writer.ts';
import { ownFields, RESPONSES, withRest } from './wire.ts';

export interface WrittenInput {
  readonly instructions?: string;
  readonly input: readonly WireObject[];
}

/**
 * The messages of a call as instructions and input items. What stands first as
 * the client's instructions is that here too; everything else keeps its place.
 */
export function inputJson(writing: CallWriting): WrittenInput {
  const { messages } = writing.call;
  const [first, ...others] = messages;
  const customCalls = customCallIds(messages);
  const items = (message: ChatMessage, at: number) => messageItems(message, at, customCalls, writing);
  const rest = others.flatMap((message, at) => items(message, at + 1));
  // The API wants an input, whatever the instructions are.
  if (first === undefined || rest.length === 0 || !isInstructions(first, writing)) {
    return { input: spokenOfJson([...(first === undefined ? [] : items(first, 0)), ...rest], writing) };
  }
  for (const [at, { cache }] of first.parts.entries()) markCache({}, cache, writing.placeOf(0, at), writing);
  const instructions = first.parts.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n\n');
  return instructions === '' ? { input: rest } : { instructions, input: rest };
}

/** In JSON mode the API wants the word in what it is told ("must contain the word 'json'"); Gemini's clients need not say it. */
function spokenOfJson(input: readonly WireObject[], { call }: CallWriting): readonly WireObject[] {
  if (call.responseFormat?.type !== 'json' || call.client !== 'gemini') return input;
  if (/json/i.test(JSON.stringify(input))) return input;
  return [...input, { type: 'message', role: 'developer', content: 'Answer in JSON.' }];
}

/**
 * Instructions are one text: with pictures, or with a marker in it that the
 * target knows, they are an item. So they are in JSON mode, where the API looks
 * for the word in the input alone.
 */
function isInstructions({ role, parts, rest }: ChatMessage, { call, traits }: CallWriting): boolean {
  if (role !== 'system' || rest?.dialect === RESPONSES) return false;
  if (call.responseFormat?.type === 'json' && call.client !== undefined && call.client !== RESPONSES) return false;
  const marks = traits.cacheMarkers === 'prompt_cache_breakpoint';
  return parts.every((part) => part.type === 'text' && !(marks && part.cache !== undefined));
}

function customCallIds(messages: readonly ChatMessage[]): ReadonlySet<string> {
  const calls = messages.flatMap(({ parts }) => parts).filter((part) => part.type === 'tool-call');
  return new Set(calls.filter(({ kind }) => kind === 'custom').map(({ id }) => id));
}

function messageItems(
  message: ChatMessage,
  at: number,
  customCalls: ReadonlySet<string>,
  writing: CallWriting,
): WireObject[] {
  const placeOf = (part: number) => writing.placeOf(at, part);
  if (message.role === 'assistant') return assistantItems(message, placeOf, writing);
  const results: WireObject[] = [];
  const said: { readonly part: ContentPart; readonly place: string }[] = [];
  for (const [index, part] of message.parts.entries()) {
    if (part.type === 'tool-result') {
      results.push(toolResultJson(part, customCalls.has(part.callId), placeOf(index), writing));
    } else if (isOwnItem(part)) results.push(part.source.fields);
    else said.push({ part, place: placeOf(index) });
  }
  // What only answers calls is no message; one that says nothing at all is what the client sent.
  if (said.length === 0 && results.length > 0) return results;
  const content = contentJson(
    said.map(({ part }) => part),
    (index) => said[index]?.place ?? placeOf(index),
    writing,
  );
  return [...results, withRest({ type: 'message', role: message.role, content }, message.rest)];
}

type Sourced = Extract<ContentPart, { type: 'hosted-call' | 'hosted-result' | 'other' }>;

/** Items of this dialect that stand among what a user says: what the client's end of a hosted tool did. */
function isOwnItem(part: ContentPart): part is Sourced {
  if (part.type !== 'hosted-call' && part.type !== 'hosted-result' && part.type !== 'other') return false;
  const { type } = ownFields(part.source);
  return typeof type === 'string' && !type.startsWith('input_');
}
