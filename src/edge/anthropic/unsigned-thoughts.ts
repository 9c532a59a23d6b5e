import { jsonMembers, type Splice } from '../../kernel/json-members.ts';
import type { Loss } from '../../protocol/chat/codec.ts';
import { UNSIGNED } from '../../protocol/chat/seals.ts';
import { elementsOf, moved, type Place, withoutElements } from '../array-cuts.ts';
import { isObject } from '../request-object.ts';
import type { ReadBody } from './read-body.ts';
import { THINKING_OFF } from './thinking-bound.ts';

const MARK = Buffer.from(UNSIGNED);
const THOUGHTS: ReadonlySet<unknown> = new Set(['thinking', 'redacted_thinking']);

export interface ThoughtsLeftOut {
  readonly splices: readonly Splice[];
  /** Present where the turn under way would be refused for a thought that it no longer has. */
  readonly thinkingOff: Splice | undefined;
  /** The messages without those thoughts. */
  messages(): unknown;
}

/**
 * Thoughts that another vendor's model had in this conversation carry a mark of
 * ours in the place of a signature, which Anthropic would refuse: they are cut
 * out of the bytes, and a message of nothing else as a whole.
 */
export function withoutUnsignedThoughts({ body, members, fields }: ReadBody, losses: Loss[]): ThoughtsLeftOut {
  const { messages } = fields;
  if (body.indexOf(MARK) < 0 || !Array.isArray(messages) || !messages.some(hasUnsigned)) {
    return { splices: [], thinkingOff: undefined, messages: () => messages };
  }
  const member = members.find(({ key }) => key === 'messages');
  const splices = member === undefined ? [] : cuts(body, member, messages, losses);
  const kept = () => messages.map(withoutUnsigned).filter((message) => message !== undefined);
  return { splices, messages: kept, thinkingOff: thinkingOff({ body, members, fields }, kept(), losses) };
}

function cuts(body: Buffer, member: Place, messages: readonly unknown[], losses: Loss[]): Splice[] {
  const places = elementsOf(body, member);
  const whole: number[] = [];
  const splices: Splice[] = [];
  for (const [index, message] of messages.entries()) {
    const place = places[index];
    if (place === undefined || !hasUnsigned(message)) continue;
    const blocks = isObject(message) && Array.isArray(message['content']) ? (message['content'] as unknown[]) : [];
    const marked = blocks.flatMap((block, at) => (isUnsigned(block) ? at : []));
    for (const at of marked) {
      losses.push({ field: `messages[${index}].content[${at}]`, reason: 'a thought that Anthropic has not signed' });
    }
    if (marked.length === blocks.length) whole.push(index);
    else splices.push(...withoutElements(elementsOf(body, contentOf(body, place)), marked));
  }
  return [...splices, ...withoutElements(places, whole)];
}

function contentOf(body: Buffer, { valueStart, valueEnd }: Place): Place {
  const content = jsonMembers(body.subarray(valueStart, valueEnd)).find(({ key }) => key === 'content');
  return content === undefined ? { valueStart, valueEnd: valueStart } : moved(content, valueStart);
}

/**
 * While a tool's result is awaited, Anthropic wants the thought before the call
 * that asked for it, unless the model may think as it sees fit.
 */
function thinkingOff({ members, fields }: ReadBody, kept: readonly unknown[], losses: Loss[]): Splice | undefined {
  const { thinking } = fields;
  const place = members.find(({ key }) => key === 'thinking');
  if (place === undefined || !isObject(thinking) || thinking['type'] !== 'enabled') return undefined;
  const turn = kept.findLast((message) => isObject(message) && message['role'] === 'assistant');
  const last: unknown = kept.at(-1);
  const blocks = blocksOf(turn);
  const answersTool = blocksOf(last).some((block) => isObject(block) && block['type'] === 'tool_result');
  const first = blocks[0];
  if (!answersTool || (isObject(first) && THOUGHTS.has(first['type']))) return undefined;
  losses.push({ field: 'thinking', reason: 'switched off: the turn under way began with another vendor' });
  return { start: place.valueStart, end: place.valueEnd, text: THINKING_OFF };
}

function withoutUnsigned(message: unknown): unknown {
  if (!hasUnsigned(message) || !isObject(message)) return message;
  const content = blocksOf(message).filter((block) => !isUnsigned(block));
  return content.length === 0 ? undefined : { ...message, content };
}

function hasUnsigned(message: unknown): boolean {
  return blocksOf(message).some(isUnsigned);
}

function isUnsigned(block: unknown): boolean {
  if (!isObject(block) || !THOUGHTS.has(block['type'])) return false;
  const seal = block['type'] === 'thinking' ? block['signature'] : block['data'];
  return typeof seal === 'string' && seal.startsWith(UNSIGNED);
}

function blocksOf(message: unknown): readonly unknown[] {
  return isObject(message) && Array.isArray(message['content']) ? message['content'] : [];
}
