import type { ChatDialect } from './dialects.ts';
import type { Json } from './json.ts';

const MESSAGES = [{ role: 'user', content: 'Hello' }];

const PLAIN: Readonly<Record<ChatDialect, Json>> = {
  'openai-chat': { model: 'recorded-model', messages: MESSAGES },
  'openai-responses': { model: 'recorded-model', input: 'Hello' },
  'anthropic-messages': { model: 'recorded-model', max_tokens: 1_024, messages: MESSAGES },
  gemini: { contents: [{ role: 'user', parts: [{ text: 'Hello' }] }] },
};

/** The plainest request of a dialect, for answers that were recorded without theirs. */
export function plainRequest(dialect: ChatDialect): Json {
  return PLAIN[dialect];
}
