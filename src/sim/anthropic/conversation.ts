import { isObject, type JsonObject } from '../json-object.ts';
import type { Seal } from '../seal.ts';
import { type Block, readMessageBlocks } from './blocks.ts';
import type { CacheMarkers } from './cache-control.ts';
import { missing, wrong } from './errors.ts';
import { Fields } from './fields.ts';
import { refuseForeignSeals } from './foreign-seals.ts';
import type { Thinking } from './thinking.ts';

export interface Message {
  readonly role: 'user' | 'assistant' | 'system';
  readonly blocks: readonly Block[];
}

interface Reading {
  readonly markers: CacheMarkers;
  readonly seal: Seal;
  readonly thinking: Thinking;
}

/** The conversation, checked as the provider checks it before anything is read. @throws a refusal */
export function readMessages(fields: Fields, reading: Reading): Message[] {
  const list = fields.list('messages');
  if (list === undefined) throw missing('messages');
  if (list.length === 0) throw wrong('messages', 'at least one message is required');
  const messages = list.map((item, index) => readMessage(item, index, reading));
  if (messages[0]?.role !== 'user') throw wrong('messages', 'first message must use the "user" role');
  refuseEmpty(messages);
  refuseLooseTools(messages);
  for (const [index, { blocks }] of messages.entries()) refuseForeignSeals(blocks, index, reading.seal);
  if (reading.thinking.mode === 'enabled') refuseThoughtless(messages);
  return messages;
}

function readMessage(item: unknown, index: number, { markers }: Reading): Message {
  const path = `messages.${index}`;
  if (!isObject(item)) throw wrong(path, 'Input should be a valid dictionary');
  const fields = new Fields(item, path);
  const role = fields.oneOf('role', ['user', 'assistant', 'system'] as const);
  if (role === undefined) throw missing(fields.path('role'));
  const content = fields.raw('content');
  if (content === undefined) throw missing(fields.path('content'));
  fields.end();
  return { role, blocks: readMessageBlocks(content, index, role, markers) };
}

function refuseEmpty(messages: readonly Message[]): void {
  messages.forEach(({ role, blocks }, index) => {
    const last = index === messages.length - 1;
    if (blocks.length === 0 && role === 'user') {
      throw wrong(`messages.${index}`, 'user messages must have non-empty content');
    }
    if (blocks.length === 0 && !last) {
      throw wrong(
        `messages.${index}`,
        'all messages must have non-empty content except for the optional final assistant message',
      );
    }
    const texts = blocks.filter(({ type }) => type === 'text');
    if (texts.some(({ text }) => text === '')) throw wrong('messages', 'text content blocks must be non-empty');
    if (texts.some(({ text }) => text.trim() === '')) {
      throw wrong('messages', 'text content blocks must contain non-whitespace text');
    }
    const end = blocks.at(-1);
    if (last && role === 'assistant' && end?.type === 'text' && /\s$/.test(end.text)) {
      throw wrong('messages', 'final assistant content cannot end with trailing whitespace');
    }
  });
}

/** Every tool call is answered at once, and nothing else is. Messages of one role that follow each other are one turn. */
function refuseLooseTools(messages: readonly Message[]): void {
  let open = new Set<string>();
  const known = new Set<string>();
  messages.forEach(({ role, blocks }, index) => {
    if (role === 'system') return;
    if (role === 'user') {
      open = answered(blocks, index, open);
      const more = messages[index + 1]?.role === 'user';
      if (!more && open.size > 0) throw unanswered(index, messages, open);
      return;
    }
    for (const id of idsOf(blocks, 'tool_use', 'id')) {
      if (known.has(id)) throw wrong(`messages.${index}`, '`tool_use` ids must be unique');
      known.add(id);
      open.add(id);
    }
  });
  if (open.size > 0) throw unanswered(messages.length, messages, open);
}

/** @returns the calls that are still to be answered */
function answered(blocks: readonly Block[], index: number, open: ReadonlySet<string>): Set<string> {
  const left = new Set(open);
  blocks.forEach(({ type, object }, at) => {
    if (type !== 'tool_result') return;
    const id = String(object['tool_use_id']);
    if (left.delete(id)) return;
    if (open.has(id)) {
      throw wrong(
        `messages.${index}.content.${at}`,
        `each tool_use must have a single result. Found multiple \`tool_result\` blocks with id: ${id}`,
      );
    }
    throw wrong(
      `messages.${index}.content.${at}`,
      `unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${id}. Each \`tool_result\` block must have a corresponding \`tool_use\` block in the previous message.`,
    );
  });
  return left;
}

function unanswered(before: number, messages: readonly Message[], open: ReadonlySet<string>): Error {
  const asker = messages.slice(0, before).findLastIndex(({ role }) => role === 'assistant');
  return wrong(
    `messages.${asker}`,
    `\`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${[...open].join(', ')}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`,
  );
}

function idsOf(blocks: readonly Block[], type: Block['type'], field: string): string[] {
  return blocks
    .filter((block) => block.type === type)
    .map(({ object }: { object: JsonObject }) => String(object[field]));
}

/** Who thinks with a budget brings along the thought that led to the tool calls which are being answered. */
function refuseThoughtless(messages: readonly Message[]): void {
  const turn = messages.findLastIndex(({ role, blocks }) => role === 'user' && !blocks.some(isResult)) + 1;
  for (const [offset, { role, blocks }] of messages.slice(turn).entries()) {
    const first = blocks[0];
    if (role !== 'assistant' || first === undefined) continue;
    const calls = blocks.some(({ type }) => type === 'tool_use');
    const last = turn + offset === messages.length - 1;
    // Only the first message of the turn has to: without interleaved thinking none of the later ones has a thought.
    if ((calls || last) && first.type !== 'thinking' && first.type !== 'redacted_thinking') {
      throw wrong(
        `messages.${turn + offset}.content.0.type`,
        `Expected \`thinking\` or \`redacted_thinking\`, but found \`${first.type}\`. When \`thinking\` is enabled, a final \`assistant\` message must start with a thinking block (preceeding the lastmost set of \`tool_use\` and \`tool_result\` blocks). We recommend you include thinking blocks from previous turns. To avoid this requirement, disable \`thinking\`.`,
      );
    }
    return;
  }
}

function isResult({ type }: Block): boolean {
  return type === 'tool_result';
}
