import { readChunks, readCompletion } from './chat-reader.ts';
import { readGenerated, readGeneratedStream } from './gemini-reader.ts';
import type { House } from './house.ts';
import type { Json } from './json.ts';
import { readMessage, readMessageStream } from './messages-reader.ts';
import type { Reading } from './reading.ts';
import { readResponse, readResponseStream } from './responses-reader.ts';
import type { StreamData } from './sse-text.ts';

/** The dialects of chat, in each of which there are recordings and clients. */
export const CHAT_DIALECTS = ['openai-chat', 'openai-responses', 'anthropic-messages', 'gemini'] as const;

export type ChatDialect = (typeof CHAT_DIALECTS)[number];

interface Readers {
  readonly whole: (body: Json) => Reading;
  readonly stream: (events: readonly StreamData[]) => Reading;
}

const READERS: Readonly<Record<ChatDialect, Readers>> = {
  'openai-chat': { whole: readCompletion, stream: readChunks },
  'openai-responses': { whole: readResponse, stream: readResponseStream },
  'anthropic-messages': { whole: readMessage, stream: readMessageStream },
  gemini: { whole: readGenerated, stream: readGeneratedStream },
};

/** What an answer of a dialect says, by none of the product's code. */
export function readersOf(dialect: ChatDialect): Readers {
  return READERS[dialect];
}

/** Which answer a client wants, beside its request's body. */
export interface Wish {
  readonly dialect: ChatDialect;
  readonly operation?: 'chat' | 'count-tokens';
  readonly stream: boolean;
}

/**
 * Asks the gateway for the recorded model as a client of the dialect does. A
 * request of Gemini names its model, and whether it streams, in its address.
 */
export function askGateway(
  { gateway, model }: House,
  { dialect, operation = 'chat', stream }: Wish,
  request: Json,
  headers: Record<string, string> = {},
): Promise<Response> {
  if (dialect !== 'gemini') return gateway.post(PATHS[dialect][operation], { ...request, model }, headers);
  const method =
    operation === 'count-tokens' ? 'countTokens' : stream ? 'streamGenerateContent?alt=sse' : 'generateContent';
  return gateway.post(`/v1beta/models/${model}:${method}`, request, headers);
}

const PATHS = {
  'openai-chat': { chat: '/v1/chat/completions', 'count-tokens': '/v1/chat/completions' },
  'openai-responses': { chat: '/v1/responses', 'count-tokens': '/v1/responses/input_tokens' },
  'anthropic-messages': { chat: '/v1/messages', 'count-tokens': '/v1/messages/count_tokens' },
} as const;
