import type { Dialect } from '../../src/protocol/operation.ts';
import { GEMINI_ANSWER } from '../load/gemini-wire.ts';
import { MESSAGES_ANSWER } from '../load/messages-wire.ts';
import { RESPONSES_ANSWER } from '../load/responses-wire.ts';
import {
  CHAT_FORM_WITH_USAGE,
  GEMINI_FORM,
  MESSAGES_FORM,
  RESPONSES_FORM,
  type StreamForm,
} from '../load/stream-form.ts';
import { ANSWER, CHAT_PATH, GEMINI_PATH, MESSAGES_PATH, RESPONSES_PATH, type StreamOrder } from '../load/wire.ts';
import type { MockDialect } from '../upstreams/stream-mock.ts';

/** The clients of one dialect: the same intents in each, and nothing in them that another dialect cannot say. */
export interface BenchClient {
  /** The gateway's name for what it speaks. */
  readonly dialect: Dialect;
  /** Where a model is called. */
  path(model: string, kind: 'call' | 'stream'): string;
  /** How its SDK shows a key. */
  headers(key: string): Readonly<Record<string, string>>;
  shortCall(model: string): string;
  streamCall(model: string, order: StreamOrder): string;
  /** What the mock of this dialect answers, which a native lane passes on unchanged. */
  readonly answer: string;
  readonly form: StreamForm;
}

const SYSTEM = 'You are a helpful assistant.';
const QUESTION = 'Say hello for a benchmark and explain in one sentence what a gateway does.';
/** Anthropic wants a bound in every call; a chat without one would get one, and a warning. */
const BOUND = { max_tokens: 1_000 };

const order = ({ frames, intervalMs }: StreamOrder) => `Please stream ${frames} frames, one each ${intervalMs} ms.`;

export const CLIENTS: Readonly<Record<MockDialect, BenchClient>> = {
  chat: {
    dialect: 'openai-chat',
    path: () => CHAT_PATH,
    headers: (key) => ({ authorization: `Bearer ${key}` }),
    shortCall: (model) =>
      JSON.stringify({
        model,
        ...BOUND,
        temperature: 0.7,
        messages: [
          { role: 'system', content: SYSTEM },
          { role: 'user', content: QUESTION },
        ],
      }),
    // With its usage, which a stream of Messages always has.
    streamCall: (model, asked) =>
      JSON.stringify({
        model,
        ...BOUND,
        stream: true,
        stream_options: { include_usage: true },
        messages: [{ role: 'user', content: order(asked) }],
      }),
    answer: ANSWER,
    form: CHAT_FORM_WITH_USAGE,
  },
  messages: {
    dialect: 'anthropic-messages',
    path: () => MESSAGES_PATH,
    headers: (key) => ({ 'x-api-key': key, 'anthropic-version': '2023-06-01' }),
    shortCall: (model) =>
      JSON.stringify({
        model,
        ...BOUND,
        temperature: 0.7,
        system: SYSTEM,
        messages: [{ role: 'user', content: QUESTION }],
      }),
    streamCall: (model, asked) =>
      JSON.stringify({ model, ...BOUND, stream: true, messages: [{ role: 'user', content: order(asked) }] }),
    answer: MESSAGES_ANSWER,
    form: MESSAGES_FORM,
  },
  responses: {
    dialect: 'openai-responses',
    path: () => RESPONSES_PATH,
    headers: (key) => ({ authorization: `Bearer ${key}` }),
    // Nothing is kept: what that costs is no part of a translation.
    shortCall: (model) =>
      JSON.stringify({
        model,
        max_output_tokens: BOUND.max_tokens,
        temperature: 0.7,
        store: false,
        instructions: SYSTEM,
        input: QUESTION,
      }),
    streamCall: (model, asked) =>
      JSON.stringify({
        model,
        max_output_tokens: BOUND.max_tokens,
        stream: true,
        store: false,
        input: order(asked),
      }),
    answer: RESPONSES_ANSWER,
    form: RESPONSES_FORM,
  },
  gemini: {
    dialect: 'gemini',
    path: (model, kind) =>
      `${GEMINI_PATH}${model}:${kind === 'stream' ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
    headers: (key) => ({ 'x-goog-api-key': key }),
    shortCall: () =>
      JSON.stringify({
        systemInstruction: { parts: [{ text: SYSTEM }] },
        contents: [{ role: 'user', parts: [{ text: QUESTION }] }],
        generationConfig: { maxOutputTokens: BOUND.max_tokens, temperature: 0.7 },
      }),
    streamCall: (_, asked) =>
      JSON.stringify({
        contents: [{ role: 'user', parts: [{ text: order(asked) }] }],
        generationConfig: { maxOutputTokens: BOUND.max_tokens },
      }),
    answer: GEMINI_ANSWER,
    form: GEMINI_FORM,
  },
};
