/** What a client speaks. Gemini streams as events (`alt=sse`), or as one JSON array that grows. */
export type ClientDialect = 'chat' | 'messages' | 'responses' | 'gemini' | 'gemini-array';

/** What a client asks for, in no dialect. */
export interface Asked {
  readonly model: string;
  readonly prompt: string;
  readonly streamed: boolean;
  /** Beside what says the rest, in the dialect's own words. */
  readonly fields?: Readonly<Record<string, unknown>> | undefined;
}

/** As one dialect sends it. */
export interface SentRequest {
  readonly path: string;
  readonly body: string;
}

const OUTPUT_TOKENS_MAX = 256;

/** A question for some text, as a client of that dialect asks it. */
export function requestIn(dialect: ClientDialect, asked: Asked): SentRequest {
  const { model, prompt, streamed: stream } = asked;
  const messages = [{ role: 'user', content: prompt }];
  switch (dialect) {
    case 'chat':
      return sent('/v1/chat/completions', { model, messages, stream }, asked);
    case 'messages':
      return sent('/v1/messages', { model, messages, stream, max_tokens: OUTPUT_TOKENS_MAX }, asked);
    case 'responses':
      return sent('/v1/responses', { model, input: prompt, stream, max_output_tokens: OUTPUT_TOKENS_MAX }, asked);
    default: {
      const method = stream ? 'streamGenerateContent' : 'generateContent';
      const query = stream && dialect === 'gemini' ? '?alt=sse' : '';
      const contents = [{ role: 'user', parts: [{ text: prompt }] }];
      const generationConfig = { maxOutputTokens: OUTPUT_TOKENS_MAX };
      return sent(`/v1beta/models/${model}:${method}${query}`, { contents, generationConfig }, asked);
    }
  }
}

function sent(path: string, body: object, { fields }: Asked): SentRequest {
  return { path, body: JSON.stringify({ ...body, ...fields }) };
}
