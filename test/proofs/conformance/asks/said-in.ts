import type { ChatDialect } from '../dialects.ts';
import type { Json } from '../json.ts';
import type { Ask } from './ask.ts';
import { readChatIntent } from './chat-intent.ts';
import { chatRequest } from './chat-request.ts';
import { readGeminiIntent } from './gemini-intent.ts';
import { geminiRequest } from './gemini-request.ts';
import type { Intent } from './intent.ts';
import { readMessagesIntent } from './messages-intent.ts';
import { messagesRequest } from './messages-request.ts';
import { readResponsesIntent } from './responses-intent.ts';
import { responsesRequest } from './responses-request.ts';

interface Sides {
  readonly read: (recorded: Json) => Intent;
  /** Takes what it says out of the wishes: what is left, it has no word for. */
  readonly write: (intent: Intent) => Json;
}

const SIDES: Readonly<Record<ChatDialect, Sides>> = {
  'openai-chat': { read: readChatIntent, write: chatRequest },
  'openai-responses': { read: readResponsesIntent, write: responsesRequest },
  'anthropic-messages': { read: readMessagesIntent, write: messagesRequest },
  gemini: { read: readGeminiIntent, write: geminiRequest },
};

/** A recorded request's intent in another dialect. */
export function saidIn(client: ChatDialect, provider: ChatDialect, recorded: Json): Ask {
  const intent = SIDES[provider].read(recorded);
  const request = SIDES[client].write(intent);
  return { request, unsaid: intent.wishes.unsaid };
}

/** What a request of a dialect wants. */
export function intentOf(dialect: ChatDialect, request: Json): Intent {
  return SIDES[dialect].read(request);
}
