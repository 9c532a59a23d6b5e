import type { Draft } from '../../kernel/draft.ts';
import type { ChatMessage } from '../../protocol/chat/call.ts';
import type { ContentPart, Signature, ToolResultPart } from '../../protocol/chat/content.ts';
import { standsAt } from '../../protocol/chat/places.ts';
import { isObject, someText, type WireObject } from '../../providers/openai/wire.ts';
import { readContent } from '../../providers/responses/content-reader.ts';
import { readItem } from '../../providers/responses/item-reader.ts';
import { restOf } from '../../providers/responses/wire.ts';
import { misfit } from '../openai-fields.ts';
import { invalidField } from '../request-object.ts';
import { joinedCall } from './namespaces.ts';
import { readThought } from './sealed-items.ts';

/**
 * The messages of a request: its instructions first, then its input, a text or
 * a list of items. Items of the assistant's that follow each other are one turn;
 * results that follow each other are one message of the user's.
 *
 * @throws `invalid_request` naming the field
 */
export function readMessages({ instructions, input }: WireObject): ChatMessage[] {
  const turns = new Turns();
  if (typeof instructions === 'string') {
    if (instructions !== '') turns.add({ role: 'system', parts: [{ type: 'text', text: instructions }] });
  } else if (instructions !== undefined && instructions !== null) throw misfit('instructions', 'a string');
  if (typeof input === 'string') turns.add({ role: 'user', parts: readContent(input, 'input', misfit) });
  else if (Array.isArray(input)) for (const [at, item] of input.entries()) readInputItem(item, `input[${at}]`, turns);
  else if (input !== undefined && input !== null) throw misfit('input', 'a string or an array of items');
  return turns.messages;
}

/** The messages so far, and the one that the next item may belong to. */
class Turns {
  readonly messages: ChatMessage[] = [];
  #said: ContentPart[] | undefined;
  #results: ContentPart[] | undefined;
  /** Told ahead of the call that it belongs to. */
  #signature: Signature | undefined;

  add(message: ChatMessage): void {
    this.messages.push(message);
    this.#said = undefined;
    this.#results = undefined;
    this.#signature = undefined;
  }

  /** @param placeOf where the n-th of them stands */
  say(parts: readonly ContentPart[], placeOf: (part: number) => string): void {
    if (this.#said === undefined) {
      const said: ContentPart[] = [];
      this.add({ role: 'assistant', parts: said });
      this.#said = said;
    }
    for (const [at, part] of parts.entries()) this.#said.push(standsAt(this.#signed(part), placeOf(at)));
  }

  #signed(part: ContentPart): ContentPart {
    if (part.type !== 'tool-call' || this.#signature === undefined) return part;
    const signed = { ...part, signature: this.#signature };
    this.#signature = undefined;
    return signed;
  }

  /** Of the call that follows in this turn. */
  sign(signature: Signature): void {
    this.say([], () => '');
    this.#signature = signature;
  }

  result(part: ContentPart, place: string): void {
    if (this.#results === undefined) {
      const results: ContentPart[] = [];
      this.add({ role: 'user', parts: results });
      this.#results = results;
    }
    this.#results.push(standsAt(part, place));
  }
}

/** What a client answers for tools that its provider's models know by heart. */
const CLIENT_RESULTS: ReadonlySet<string> = new Set([
  'computer_call_output',
  'local_shell_call_output',
  'apply_patch_call_output',
  'mcp_approval_response',
]);

/** They say what a provider looked for, and nothing that another one's model could read. */
const UNTOLD: ReadonlySet<string> = new Set(['web_search_call', 'mcp_list_tools']);

function readInputItem(item: unknown, place: string, turns: Turns): void {
  if (!isObject(item)) throw misfit(place, 'an object');
  // A reference to an item has an id and no type that it would need.
  const type = someText(item['type']) ?? ('role' in item || !('id' in item) ? 'message' : 'item_reference');
  if (UNTOLD.has(type)) return;
  if (type === 'message') return readMessageItem(item, place, turns);
  if (type === 'function_call_output' || type === 'custom_tool_call_output') {
    return turns.result(readResult(item, place), place);
  }
  if (type === 'reasoning') return readReasoningItem(item, place, turns);
  const parts = readItem(joinedCall({ ...item, type }), place, misfit);
  if (!CLIENT_RESULTS.has(type)) return turns.say(parts, () => place);
  for (const part of parts) turns.result(part, place);
}

function readReasoningItem(item: WireObject, place: string, turns: Turns): void {
  const thought = readThought(item);
  if (thought?.type === 'call-signature') turns.sign(thought.signature);
  else if (thought !== undefined) turns.say([thought], () => place);
}

const MESSAGE = new Set(['type', 'role', 'content']);
const ROLES = "'assistant', 'system', 'developer', and 'user'";

function readMessageItem(item: WireObject, place: string, turns: Turns): void {
  const { role, content } = item;
  if (role === undefined || role === null) throw missing(`${place}.role`);
  if (content === undefined || content === null) throw missing(`${place}.content`);
  if (role === 'assistant') return turns.say(readItem(item, place, misfit), (at) => `${place}.content[${at}]`);
  if (role !== 'user' && role !== 'system' && role !== 'developer') {
    throw invalidField(`${place}.role`, `Invalid value for '${place}.role': supported values are ${ROLES}.`);
  }
  const parts = readContent(content, `${place}.content`, misfit);
  for (const [at, part] of parts.entries()) standsAt(part, `${place}.content[${at}]`);
  const read: Draft<ChatMessage> = { role, parts };
  const rest = restOf(item, MESSAGE);
  if (rest !== undefined) read.rest = rest;
  turns.add(read);
}

const RESULT = new Set(['type', 'call_id', 'output', 'name']);

function readResult(item: WireObject, place: string): ToolResultPart {
  const callId = someText(item['call_id']);
  if (callId === undefined) throw missing(`${place}.call_id`);
  if (item['output'] === undefined || item['output'] === null) throw missing(`${place}.output`);
  const parts = readContent(item['output'], `${place}.output`, misfit);
  for (const [at, part] of parts.entries()) standsAt(part, `${place}.output[${at}]`);
  const read: Draft<ToolResultPart> = { type: 'tool-result', callId, parts };
  const name = someText(item['name']);
  if (name !== undefined) read.name = name;
  const rest = restOf(item, RESULT);
  if (rest !== undefined) read.rest = rest;
  return read;
}

/** In OpenAI's own words. */
export function missing(field: string): Error {
  return invalidField(field, `Missing required parameter: '${field}'.`);
}
