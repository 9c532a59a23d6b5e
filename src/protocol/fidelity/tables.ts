import type { Dialect } from '../operation.ts';
import { geminiAnswerToChat } from './chat-to-gemini/answer.ts';
import { chatRequestToGemini } from './chat-to-gemini/request.ts';
import { messagesAnswerToChat } from './chat-to-messages/answer.ts';
import { chatRequest } from './chat-to-messages/request.ts';
import { responsesAnswerToChat } from './chat-to-responses/answer.ts';
import { chatRequestToResponses } from './chat-to-responses/request.ts';
import { chatAnswerToGemini } from './gemini-to-chat/answer.ts';
import { geminiRequestToChat } from './gemini-to-chat/request.ts';
import { messagesAnswerToGemini } from './gemini-to-messages/answer.ts';
import { geminiRequestToMessages } from './gemini-to-messages/request.ts';
import { responsesAnswerToGemini } from './gemini-to-responses/answer.ts';
import { geminiRequestToResponses } from './gemini-to-responses/request.ts';
import { chatAnswerToMessages } from './messages-to-chat/answer.ts';
import { messagesRequestToChat } from './messages-to-chat/request.ts';
import { geminiAnswerToMessages } from './messages-to-gemini/answer.ts';
import { messagesRequestToGemini } from './messages-to-gemini/request.ts';
import { responsesAnswerToMessages } from './messages-to-responses/answer.ts';
import { messagesRequestToResponses } from './messages-to-responses/request.ts';
import { chatAnswerToResponses } from './responses-to-chat/answer.ts';
import { responsesRequestToChat } from './responses-to-chat/request.ts';
import { geminiAnswerToResponses } from './responses-to-gemini/answer.ts';
import { responsesRequestToGemini } from './responses-to-gemini/request.ts';
import { messagesAnswerToResponses } from './responses-to-messages/answer.ts';
import { responsesRequestToMessages } from './responses-to-messages/request.ts';
import type { FidelityTable } from './table.ts';
import type { Kinds } from './trie.ts';

/** How the objects of a client's request are told apart. */
const chat: Kinds = { untyped: { tools: 'function', tool_calls: 'function' } };
const messages: Kinds = { untyped: { tools: 'custom' } };
const responses: Kinds = { untyped: { input: 'message' } };
const gemini: Kinds = { toldBy: { parts: 'member' } };

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
    client: 'openai-chat',
    provider: 'gemini',
    request: chatRequestToGemini,
    answer: geminiAnswerToChat,
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
    client: 'anthropic-messages',
    provider: 'gemini',
    request: messagesRequestToGemini,
    answer: geminiAnswerToMessages,
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
  {
    client: 'openai-responses',
    provider: 'gemini',
    request: responsesRequestToGemini,
    answer: geminiAnswerToResponses,
    ...responses,
  },
  {
    client: 'gemini',
    provider: 'openai-chat',
    request: geminiRequestToChat,
    answer: chatAnswerToGemini,
    ...gemini,
  },
  {
    client: 'gemini',
    provider: 'openai-responses',
    request: geminiRequestToResponses,
    answer: responsesAnswerToGemini,
    ...gemini,
  },
  {
    client: 'gemini',
    provider: 'anthropic-messages',
    request: geminiRequestToMessages,
    answer: messagesAnswerToGemini,
    ...gemini,
  },
];

/** `undefined` where client and provider speak the same dialect, or Leeward does not translate between theirs. */
export function tableOf(client: Dialect, provider: Dialect): FidelityTable | undefined {
  return fidelityTables.find((table) => table.client === client && table.provider === provider);
}
