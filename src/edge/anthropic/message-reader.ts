import type { ChatMessage } from '../../protocol/chat/call.ts';
import { readContent } from '../../providers/anthropic/block-reader.ts';
import { restOf } from '../../providers/anthropic/wire.ts';
import { type Fields, isFields } from '../../providers/fields.ts';
import { refuseCall } from './field-reader.ts';

const KNOWN = new Set(['role', 'content']);
const ROLES = ['user', 'assistant', 'system'] as const;

/** The system prompt, as the first message where there is one, and the messages after it. */
export function readMessages({ system, messages }: Fields): ChatMessage[] {
  if (messages === undefined) return refuseCall('messages', 'Field required');
  if (!Array.isArray(messages)) return refuseCall('messages', 'Input should be a valid list');
  if (messages.length === 0) return refuseCall('messages', 'at least one message is required');
  const read: ChatMessage[] = messages.map((message, index) => readMessage(message, `messages[${index}]`));
  if (system === undefined || system === null) return read;
  const parts = readContent(system, 'system', refuseCall);
  return parts.length === 0 ? read : [{ role: 'system', parts }, ...read];
}

function readMessage(message: unknown, place: string): ChatMessage {
  if (!isFields(message)) return refuseCall(place, 'Input should be a valid object');
  const role = ROLES.find((name) => name === message['role']);
  if (role === undefined) return refuseCall(`${place}.role`, "Input should be 'user', 'assistant' or 'system'");
  const parts = readContent(message['content'], `${place}.content`, refuseCall);
  const rest = restOf(message, KNOWN);
  return rest === undefined ? { role, parts } : { role, parts, rest };
}
