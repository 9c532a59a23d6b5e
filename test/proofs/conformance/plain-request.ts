import type { Json } from './json.ts';

/** The plainest request of a dialect, for answers that were recorded without theirs. */
export function plainRequest(dialect: 'openai-chat' | 'anthropic-messages'): Json {
  const messages = [{ role: 'user', content: 'Hello' }];
  return dialect === 'openai-chat'
    ? { model: 'recorded-model', messages }
    : { model: 'recorded-model', max_tokens: 1_024, messages };
}
