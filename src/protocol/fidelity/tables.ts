import type { Dialect } from '../operation.ts';
import { messagesAnswerToChat } from './chat-to-messages/answer.ts';
import { chatRequest } from './chat-to-messages/request.ts';
import { responsesAnswerToChat } from './chat-to-responses/answer.ts';
import { chatRequestToResponses } from './chat-to-responses/request.ts';
import { chatAnswerToMessages } from './messages-to-chat/answer.ts';
import { messagesRequestToChat } from './messages-to-chat/request.ts';
import { responsesAnswerToMessages } from './messages-to-responses/answer.ts';
import { messagesRequestToResponses } from './messages-to-responses/request.ts';
import { chatAnswerToResponses } from './responses-to-chat/answer.ts';
import { responsesRequestToChat } from './responses-to-chat/request.ts';
import { messagesAnswerToResponses } from './responses-to-messages/answer.ts';
import { responsesRequestToMessages } from './responses-to-messages/request.ts';
import type { FidelityTable } from './table.ts';
import type { Kinds } from './trie.ts';

/** How the objects of a client's request are told apart. */
const chat: Kinds = { untyped: { tools: 'function', tool_calls: 'function' } };
const messages: Kinds = { untyped: { tools: 'custom' } };
const responses: Kinds = { untyped: { input: 'message' } };

/** Each direction of the translated lane. */
export const fidelityTables: readonly FidelityTable[] = [
  {
    client: 'openai-chat',
    provider: 'anthropic-messages',
    request: chatRequest,
    answer: messagesAnswerToChat,
    ...chat,
  },
  {
    client: 'openai-chat',
    provider: 'openai-responses',
    request: chatRequestToResponses,
    answer: responsesAnswerToChat,
    ...chat,
  },
  {
    client: 'anthropic-messages',
    provider: 'openai-chat',
    request: messagesRequestToChat,
    answer: chatAnswerToMessages,
    ...messages,
  },
  {
    client: 'anthropic-messages',
    provider: 'openai-responses',
    request: messagesRequestToResponses,
    answer: responsesAnswerToMessages,
    ...messages,
  },
  {
    client: 'openai-responses',
    provider: 'openai-chat',
    request: responsesRequestToChat,
    answer: chatAnswerToResponses,
    ...responses,
  },
  {
    client: 'openai-responses',
    provider: 'anthropic-messages',
    request: responsesRequestToMessages,
    answer: messagesAnswerToResponses,
    ...responses,
  },
];

/** `undefined` where client and provider speak the same dialect, or Leeward does not translate between theirs. */
export function tableOf(client: Dialect, provider: Dialect): FidelityTable | undefined {
  return fidelityTables.find((table) => table.client === client && table.provider === provider);
}
