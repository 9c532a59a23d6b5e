import type { ChatCall, ChatMessage } from '../../protocol/chat/call.ts';
import type { Loss } from '../../protocol/chat/codec.ts';
import { partPlaces } from '../../protocol/chat/places.ts';
import type { Fields } from '../fields.ts';
import { asContent, refused, writeParts } from './block-writer.ts';
import { ToolCallIds } from './tool-call-ids.ts';
import { ownRest } from './wire.ts';

export interface WrittenMessages {
  readonly system?: string | readonly Fields[];
  readonly messages: readonly Fields[];
}

interface OpenMessage {
  readonly role: 'user' | 'assistant' | 'system';
  readonly blocks: Fields[];
  readonly rest: Fields | undefined;
}

/**
 * Instructions that come first are the system prompt; those that come later
 * stay where they stand. The results of one turn's tool calls, and what the
 * user says beside them, are one message.
 */
export function writeMessages(call: ChatCall, losses: Loss[]): WrittenMessages {
  const { client = 'openai-chat', messages } = call;
  const placeOf = partPlaces({ ...call, client });
  const apart = client === 'openai-chat';
  const ids = new ToolCallIds(toolCallIds(messages));
  const system: Fields[] = [];
  const written: OpenMessage[] = [];
  for (const [index, message] of messages.entries()) {
    const { role } = message;
    const blocks = writeParts(message.parts, (part) => placeOf(index, part), { role, ids, losses, apart });
    const instructs = role === 'system' || role === 'developer';
    if (instructs) onlyText(blocks, (part) => placeOf(index, part));
    if (instructs && written.length === 0) {
      system.push(...blocks);
      continue;
    }
    // The API refuses a message without content, and there is nothing in it that could be lost.
    if (blocks.length > 0) add(written, message, blocks);
  }
  const prompt = asContent(system);
  return {
    ...(prompt === undefined ? {} : { system: prompt }),
    messages: written.map(({ role, blocks, rest }) => ({ role, content: asContent(blocks) ?? [], ...rest })),
  };
}

function add(written: OpenMessage[], message: ChatMessage, blocks: Fields[]): void {
  const role = message.role === 'developer' ? 'system' : message.role;
  const last = written.at(-1);
  if (role === 'user' && last?.role === 'user' && last.blocks.every(isToolResult)) last.blocks.push(...blocks);
  else written.push({ role, blocks, rest: ownRest(message.rest) });
}

function isToolResult(block: Fields): boolean {
  return block['type'] === 'tool_result';
}

function onlyText(blocks: readonly Fields[], placeOf: (part: number) => string): void {
  const other = blocks.findIndex(({ type }) => type !== 'text');
  if (other >= 0) refused(placeOf(other), 'instructions are text here');
}

function* toolCallIds(messages: readonly ChatMessage[]): Iterable<string> {
  for (const { parts } of messages) {
    for (const part of parts) {
      if (part.type === 'tool-call') yield part.id;
      else if (part.type === 'tool-result') yield part.callId;
    }
  }
}

/**
 * Whether the turn that the model is to go on with has tool calls that no
 * thought of its own comes before: with a budget for thoughts, the API refuses it.
 */
export function continuesWithoutThought(messages: readonly Fields[]): boolean {
  const last = messages.at(-1);
  const results = last?.['content'];
  if (last?.['role'] !== 'user' || !Array.isArray(results) || !results.some(isToolResult)) return false;
  const turn = messages.findLast(({ role }) => role === 'assistant')?.['content'];
  const first: unknown = Array.isArray(turn) ? turn[0]?.['type'] : undefined;
  return first !== 'thinking' && first !== 'redacted_thinking';
}
