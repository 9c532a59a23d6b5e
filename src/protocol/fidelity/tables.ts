import type { Dialect } from '../operation.ts';
import { messagesAnswerToChat } from './chat-to-messages/answer.ts';
import { chatRequest } from './chat-to-messages/request.ts';
import { chatAnswerToMessages } from './messages-to-chat/answer.ts';
import { messagesRequest } from './messages-to-chat/request.ts';
import type { FidelityTable } from './table.ts';

const chatToMessages: FidelityTable = {
  client: 'openai-chat',
  provider: 'anthropic-messages',
  request: chatRequest,
  answer: messagesAnswerToChat,
  untyped: { tools: 'function', tool_calls: 'function' },
};

const messagesToChat: FidelityTable = {
  client: 'anthropic-messages',
  provider: 'openai-chat',
  request: messagesRequest,
  answer: chatAnswerToMessages,
  untyped: { tools: 'custom' },
};

/** Each direction of the translated lane. */
export const fidelityTables: readonly FidelityTable[] = [chatToMessages, messagesToChat];

/** `undefined` where client and provider speak the same dialect, or Leeward does not translate between theirs. */
export function tableOf(client: Dialect, provider: Dialect): FidelityTable | undefined {
  return fidelityTables.find((table) => table.client === client && table.provider === provider);
}
