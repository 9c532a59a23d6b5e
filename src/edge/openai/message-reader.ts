import type { Draft } from '../../kernel/draft.ts';
import type { ChatMessage } from '../../protocol/chat/call.ts';
import type { ContentPart, ToolResultPart } from '../../protocol/chat/content.ts';
import { standsAt } from '../../protocol/chat/places.ts';
import { readAssistant } from '../../providers/openai/assistant-message.ts';
import { readContent } from '../../providers/openai/content-parts.ts';
import { REASONING_NAMES } from '../../providers/openai/reasoning.ts';
import { isObject, restOf, someText, type WireObject } from '../../providers/openai/wire.ts';
import { misfit } from '../openai-fields.ts';
import { invalidField } from '../request-object.ts';

const PLAIN_NAMES = new Set(['role', 'content', 'name']);
const RESULT_NAMES = new Set(['role', 'content', 'name', 'tool_call_id']);
const ROLES = ['system', 'developer', 'user', 'assistant', 'tool', 'function'];

/**
 * The messages of a request. Results that follow each other belong to the calls
 * of one turn, and are one message of the user's in the centre.
 *
 * @throws `invalid_request` naming the field
 */
export function readMessages(value: unknown): ChatMessage[] {
  if (!Array.isArray(value)) throw misfit('messages', 'an array');
  const reading: Reading = { messages: [], results: undefined, olderCalls: new Map() };
  for (const [at, message] of value.entries()) {
    const place = `messages[${at}]`;
    if (!isObject(message)) throw misfit(place, 'an object');
    readMessage(message, place, at, reading);
  }
  return reading.messages;
}

interface Reading {
  readonly messages: ChatMessage[];
  /** The results of the turn that is being read. */
  results: ToolResultPart[] | undefined;
  /** The last call of each function, in the older form that gives no ids. */
  readonly olderCalls: Map<string, string>;
}

function readMessage(message: WireObject, place: string, at: number, reading: Reading): void {
  const { role } = message;
  if (role === 'tool' || role === 'function') {
    addResult(readResult(message, place, reading), reading);
    return;
  }
  reading.results = undefined;
  switch (role) {
    case 'system':
    case 'developer':
    case 'user':
      reading.messages.push(readPlain(message, role, place));
      break;
    case 'assistant':
      reading.messages.push(readTurn(message, place, at, reading));
      break;
    default:
      throw invalidField(
        `${place}.role`,
        `Invalid value for '${place}.role': give one of ${ROLES.map((each) => `'${each}'`).join(', ')}.`,
      );
  }
}

function readPlain(message: WireObject, role: ChatMessage['role'], place: string): ChatMessage {
  if (message['content'] === undefined || message['content'] === null) {
    throw invalidField(`${place}.content`, `Missing required parameter: '${place}.content'.`);
  }
  const read: Draft<ChatMessage> = { role, parts: readContent(message['content'], `${place}.content`, misfit) };
  putName(read, message);
  const rest = restOf(message, PLAIN_NAMES);
  if (rest !== undefined) read.rest = rest;
  return read;
}

function putName(read: Draft<ChatMessage>, { name }: WireObject): void {
  if (typeof name === 'string') read.name = name;
}

function readTurn(message: WireObject, place: string, at: number, reading: Reading): ChatMessage {
  const { parts, rest } = readAssistant(message, place, misfit, (index) => `call_${at}_${index}`);
  notePlaces(parts, message, place);
  const read: Draft<ChatMessage> = { role: 'assistant', parts };
  putName(read, message);
  if (rest !== undefined) read.rest = rest;
  if (isObject(message['function_call'])) {
    for (const part of parts) if (part.type === 'tool-call') reading.olderCalls.set(part.name, part.id);
  }
  return read;
}

/** Thoughts and calls stand beside the content of a turn, and come with it as its parts. */
function notePlaces(parts: readonly ContentPart[], message: WireObject, place: string): void {
  const said = parts.filter(({ type }) => SAID.has(type));
  const thoughts = REASONING_NAMES.find((name) => message[name] !== undefined && message[name] !== null);
  let calls = 0;
  for (const part of parts) {
    if (part.type === 'tool-call') {
      standsAt(
        part,
        Array.isArray(message['tool_calls']) ? `${place}.tool_calls[${calls++}]` : `${place}.function_call`,
      );
    } else if (SAID.has(part.type)) standsAt(part, `${place}.content[${said.indexOf(part)}]`);
    else if (THOUGHTS.has(part.type) || (part.type === 'other' && part.name.startsWith('reasoning'))) {
      standsAt(part, `${place}.${thoughts ?? 'reasoning_content'}`);
    }
  }
}

const SAID: ReadonlySet<string> = new Set(['text', 'image', 'audio', 'video', 'file']);
const THOUGHTS: ReadonlySet<string> = new Set(['reasoning', 'redacted-reasoning']);

function readResult(message: WireObject, place: string, reading: Reading): ToolResultPart {
  const name = someText(message['name']);
  const older = message['role'] === 'function' && name !== undefined ? reading.olderCalls.get(name) : undefined;
  const callId = someText(message['tool_call_id']) ?? older;
  if (callId === undefined) {
    const field = message['role'] === 'function' ? `${place}.name` : `${place}.tool_call_id`;
    throw invalidField(field, `Invalid '${field}': it has to name a call of an earlier message.`);
  }
  const parts = readContent(message['content'], `${place}.content`, misfit);
  for (const [at, part] of parts.entries()) standsAt(part, `${place}.content[${at}]`);
  const read: Draft<ToolResultPart> = standsAt({ type: 'tool-result', callId, parts }, place);
  if (name !== undefined) read.name = name;
  const rest = restOf(message, RESULT_NAMES);
  if (rest !== undefined) read.rest = rest;
  return read;
}

function addResult(result: ToolResultPart, reading: Reading): void {
  if (reading.results === undefined) {
    reading.results = [];
    reading.messages.push({ role: 'user', parts: reading.results });
  }
  reading.results.push(result);
}
