import { isObject } from '../request-object.ts';

/**
 * A shorter context: what the system says among the messages, and about the
 * last `count` of the others. A result without the call that it answers would
 * be refused, and so would a conversation that begins with the assistant or has
 * no message: the context begins at the next message of the user that answers
 * no call, and where none is left, at the last one before.
 */
export function lastMessages(messages: unknown, count: number): unknown {
  if (!Array.isArray(messages)) return messages;
  const others = messages.filter((message) => !isStanding(message));
  const wished = Math.max(0, others.length - count);
  const after = others.findIndex((message, at) => at >= wished && isBeginning(message));
  const from = after >= 0 ? after : others.findLastIndex((message) => isBeginning(message));
  const kept = new Set(from < 0 ? others : others.slice(from));
  return messages.filter((message) => isStanding(message) || kept.has(message));
}

function isStanding(message: unknown): boolean {
  return isObject(message) && message['role'] === 'system';
}

function isBeginning(message: unknown): boolean {
  if (!isObject(message) || message['role'] !== 'user') return false;
  const { content } = message;
  return !Array.isArray(content) || !content.some((block) => isObject(block) && block['type'] === 'tool_result');
}
