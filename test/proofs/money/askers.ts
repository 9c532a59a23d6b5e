import type { Wish } from './caller.ts';

/** How a client of each dialect asks for a few words. */
export const ASKERS = ['chat', 'messages', 'responses', 'gemini'] as const;
export type Asker = (typeof ASKERS)[number];

/** What one is asked: by whom, of which model, and in which form. */
export interface Asked {
  readonly model: string;
  readonly text: string;
  readonly stream: boolean;
  /** No answer is longer. OpenAI's Responses take no bound below 16. */
  readonly tokensMax: number;
}

export function wishOf(asker: Asker, { model, text, stream, tokensMax }: Asked): Pick<Wish, 'path' | 'body'> {
  const messages = [{ role: 'user', content: text }];
  switch (asker) {
    case 'chat':
      return { path: '/v1/chat/completions', body: { model, max_tokens: tokensMax, stream, messages } };
    case 'messages':
      return { path: '/v1/messages', body: { model, max_tokens: tokensMax, stream, messages } };
    case 'responses':
      return {
        path: '/v1/responses',
        body: { model, max_output_tokens: tokensMax, stream, store: false, input: text },
      };
    case 'gemini':
      return {
        path: `/v1beta/models/${model}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
        body: {
          contents: [{ role: 'user', parts: [{ text }] }],
          generationConfig: { maxOutputTokens: tokensMax },
        },
      };
  }
}
