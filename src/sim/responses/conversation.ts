import { isObject, type JsonObject } from '../json-object.ts';
import { OpenAiRefusal } from '../openai/errors.ts';
import { missing, wrongType } from '../openai/fields.ts';
import type { Seal } from '../seal.ts';
import { refusal, type StrictFields } from './fields.ts';
import { type Item, readItem } from './items.ts';
import { openSealed } from './sealed-items.ts';

/** What is kept of earlier responses. */
export interface KnownItems {
  /** An item of a stored response, of its input or its output. */
  item(id: string): JsonObject | undefined;
  /** The stored thought that led to a stored item, by their ids. */
  thoughtBefore(id: string): string | undefined;
  /** All that a stored response read and wrote, oldest first. */
  chain(responseId: string): readonly JsonObject[] | undefined;
}

export interface Conversation {
  /** What came before, then what came along. */
  readonly items: readonly Item[];
  /** What came along. */
  readonly input: readonly Item[];
  /** The thoughts and folded conversations that came back, opened: the model reads them. */
  readonly opened: readonly string[];
}

interface Reading {
  readonly seal: Seal;
  readonly known: KnownItems;
  readonly previousId: string | undefined;
}

/** The conversation that a request is about, checked as a whole. @throws OpenAiRefusal */
export function readConversation(fields: StrictFields, { seal, known, previousId }: Reading): Conversation {
  const before = previousId === undefined ? [] : chainOf(previousId, known);
  const input = readInput(fields, previousId !== undefined).map((item) => resolved(item, known));
  const items = [...before, ...input];
  refuseDoubled(items);
  refuseUnknownThoughts(input, known);
  refuseLooseThoughts(input);
  refuseThoughtless(items, known);
  refuseLooseCalls(items);
  const opened = items.flatMap((item) => openSealed(item, seal) ?? []);
  return { items, input, opened };
}

function chainOf(id: string, known: KnownItems): Item[] {
  const chain = known.chain(id);
  if (chain === undefined) {
    const message = `Previous response with id '${id.slice(0, 100)}' not found.`;
    throw refusal(message, 'previous_response_id', 'previous_response_not_found');
  }
  return chain.map((object, index) => readItem(object, `input[${index}]`));
}

function readInput(fields: StrictFields, mayLack: boolean): Item[] {
  const input = fields.raw('input');
  if (input === undefined) {
    if (mayLack) return [];
    throw refusal(
      "One of 'input' or 'previous_response_id' or 'prompt' or 'conversation_id' must be provided.",
      'input',
      'missing_required_parameter',
    );
  }
  if (typeof input === 'string') {
    return [readItem({ type: 'message', role: 'user', content: [{ type: 'input_text', text: input }] }, 'input')];
  }
  if (!Array.isArray(input)) throw wrongType('input', 'one of a string or array of objects', input);
  if (input.length === 0 && !mayLack) throw missing('input');
  return input.map((item: unknown, index) => {
    if (!isObject(item)) throw wrongType(`input[${index}]`, 'an object', item);
    return readItem(item, `input[${index}]`);
  });
}

function resolved(item: Item, known: KnownItems): Item {
  if (item.type !== 'item_reference' || item.id === undefined) return item;
  const object = known.item(item.id);
  if (object === undefined) throw unknownItem(item.id);
  return readItem(object, 'input');
}

function unknownItem(id: string): Error {
  const message = `Item with id '${id}' not found. Items are not persisted when \`store\` is set to false. Try again with \`store\` set to true, or remove this item from your input.`;
  return new OpenAiRefusal(404, message, { param: 'input' });
}

function refuseDoubled(items: readonly Item[]): void {
  const seen = new Set<string>();
  for (const { id } of items) {
    if (id === undefined) continue;
    if (seen.has(id)) {
      const message = `Duplicate item found with id ${id}. Remove duplicate items from your input and try again.`;
      throw refusal(message, 'input');
    }
    seen.add(id);
  }
}

/** A thought comes back with its encrypted content, or is one that is stored. */
function refuseUnknownThoughts(input: readonly Item[], known: KnownItems): void {
  for (const { type, id, object } of input) {
    if (type !== 'reasoning' || id === undefined || typeof object['encrypted_content'] === 'string') continue;
    if (known.item(id) === undefined) throw unknownItem(id);
  }
}

/** A thought is followed by what it led to. */
function refuseLooseThoughts(items: readonly Item[]): void {
  items.forEach(({ type, id }, index) => {
    if (type !== 'reasoning' || id === undefined) return;
    const next = items[index + 1];
    if (next !== undefined && isAnswer(next)) return;
    throw refusal(`Item '${id}' of type 'reasoning' was provided without its required following item.`, 'input');
  });
}

/** What is stored with the thought that led to it comes back with it. */
function refuseThoughtless(items: readonly Item[], known: KnownItems): void {
  const present = new Set(items.map(({ id }) => id));
  for (const { id, type } of items) {
    const thought = id === undefined ? undefined : known.thoughtBefore(id);
    if (thought === undefined || present.has(thought)) continue;
    const message = `Item '${id}' of type '${type}' was provided without its required 'reasoning' item: '${thought}'.`;
    throw refusal(message, 'input');
  }
}

/** Whether the model wrote an item. */
export function isAnswer({ type, role }: Item): boolean {
  if (type === 'message') return role === 'assistant';
  return !isOutput(type) && type !== 'mcp_approval_response' && type !== 'compaction';
}

function isOutput(type: string): boolean {
  return type.endsWith('_output');
}

/** What a call of each kind is named in a refusal, and where its output is. */
const CALLS: Readonly<Record<string, { readonly named: string; readonly output: string }>> = {
  function_call: { named: 'function call', output: 'function_call_output' },
  custom_tool_call: { named: 'custom tool call', output: 'custom_tool_call_output' },
  computer_call: { named: 'computer call', output: 'computer_call_output' },
  shell_call: { named: 'shell call', output: 'shell_call_output' },
  local_shell_call: { named: 'local shell call', output: 'local_shell_call_output' },
  apply_patch_call: { named: 'apply patch call', output: 'apply_patch_call_output' },
};

/** Every call that the client runs has its output, and no output is without its call. */
function refuseLooseCalls(items: readonly Item[]): void {
  const open = new Map<string, string>();
  const answered = new Set<string>();
  for (const { type, callId } of items) {
    if (callId === undefined) continue;
    const call = Object.hasOwn(CALLS, type) ? CALLS[type] : undefined;
    if (call !== undefined) {
      open.set(`${call.output}:${callId}`, `No tool output found for ${call.named} ${callId}.`);
      continue;
    }
    const asked = Object.values(CALLS).find(({ output }) => output === type);
    if (asked === undefined) continue;
    const key = `${type}:${callId}`;
    if (!open.delete(key) && !answered.has(key)) {
      throw refusal(`No tool call found for ${asked.named} output with call_id ${callId}.`, 'input');
    }
    answered.add(key);
  }
  for (const message of open.values()) throw refusal(message, 'input');
}
