import { BetaMessage, Message } from '@effect/ai-anthropic/Generated';
import { CreateChatCompletionResponse, Response } from '@effect/ai-openai/Generated';
import { Schema } from 'effect';
import { expect, test } from 'vitest';
import { messagesClient } from '../../src/edge/anthropic/codec.ts';
import { chatClient } from '../../src/edge/openai/codec.ts';
import { responsesClient } from '../../src/edge/responses/codec.ts';
import type { ChatAnswer } from '../../src/protocol/chat/answer.ts';
import { messagesProvider } from '../../src/providers/anthropic/codec.ts';
import { geminiProvider } from '../../src/providers/gemini/codec.ts';
import { chatProvider } from '../../src/providers/openai/codec.ts';
import { responsesProvider } from '../../src/providers/responses/codec.ts';
import { eventsOf } from '../support/chat/answer-events.ts';

/** Answers as providers give them, each of a kind that a schema may choke on. */
const MESSAGES: readonly (readonly [string, Record<string, unknown>])[] = [
  ['a text', { content: [{ type: 'text', text: 'Hello' }], stop_reason: 'end_turn' }],
  [
    'a signed thought and two calls',
    {
      content: [
        { type: 'thinking', thinking: 'Two cities.', signature: 'c2ln' },
        { type: 'redacted_thinking', data: 'c2VhbA' },
        { type: 'tool_use', id: 'toolu_1', name: 'get_weather', input: { city: 'Oslo' } },
        { type: 'tool_use', id: 'toolu_2', name: 'now', input: {} },
      ],
      stop_reason: 'tool_use',
    },
  ],
  ['an answer that was cut', { content: [{ type: 'text', text: 'On and' }], stop_reason: 'max_tokens' }],
  ['a refusal', { content: [{ type: 'text', text: 'No.' }], stop_reason: 'refusal' }],
  ['nothing at all', { content: [], stop_reason: 'end_turn' }],
];

const CHAT: readonly (readonly [string, Record<string, unknown>, string])[] = [
  ['a text', { content: 'Hello' }, 'stop'],
  [
    'a thought and two calls',
    {
      content: null,
      reasoning_content: 'Two cities.',
      tool_calls: [
        { id: 'call_1', type: 'function', function: { name: 'get_weather', arguments: '{"city":"Oslo"}' } },
        { id: 'call_2', type: 'function', function: { name: 'now', arguments: '' } },
      ],
    },
    'tool_calls',
  ],
  ['an answer that was cut', { content: 'On and' }, 'length'],
  ['a refusal', { content: null, refusal: 'No.' }, 'stop'],
  ['a filtered answer', { content: '' }, 'content_filter'],
];

const GEMINI: readonly (readonly [string, readonly Record<string, unknown>[], string])[] = [
  ['a text', [{ text: 'Hello' }], 'STOP'],
  [
    'a thought and two calls, of which one is signed',
    [
      { text: 'Two cities.', thought: true },
      { functionCall: { name: 'get_weather', args: { city: 'Oslo' } }, thoughtSignature: 'c2ln' },
      { functionCall: { name: 'now' } },
    ],
    'STOP',
  ],
  ['an answer that was cut', [{ text: 'On and' }], 'MAX_TOKENS'],
  ['a filtered answer', [], 'SAFETY'],
];

const said = (text: string) => ({
  type: 'message',
  id: 'msg_1',
  role: 'assistant',
  status: 'completed',
  content: [{ type: 'output_text', text, annotations: [], logprobs: [] }],
});
const RESPONSES: readonly (readonly [string, readonly Record<string, unknown>[], Record<string, unknown>])[] = [
  ['a text', [said('Hello')], {}],
  [
    'a sealed thought and two calls',
    [
      {
        type: 'reasoning',
        id: 'rs_1',
        summary: [{ type: 'summary_text', text: 'Two cities.' }],
        encrypted_content: 'gAAAAAB',
      },
      { type: 'function_call', id: 'fc_1', call_id: 'call_1', name: 'get_weather', arguments: '{"city":"Oslo"}' },
      { type: 'function_call', id: 'fc_2', call_id: 'call_2', name: 'now', arguments: '{}' },
    ],
    {},
  ],
  [
    'an answer that was cut',
    [said('On and')],
    { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } },
  ],
  ['a refusal', [{ ...said(''), content: [{ type: 'refusal', refusal: 'No.' }] }], {}],
];

const identity = { id: 'made', model: 'asked/model', at: 1_790_000_000_000, usageWanted: true };

function parsed(bytes: Buffer): unknown {
  return JSON.parse(bytes.toString('utf8'));
}

function fromMessages(fields: Record<string, unknown>): ChatAnswer {
  const usage = { input_tokens: 10, cache_read_input_tokens: 4, output_tokens: 3 };
  const message = {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'm',
    stop_sequence: null,
    usage,
    ...fields,
  };
  return messagesProvider.readAnswer(Buffer.from(JSON.stringify(message)));
}

function fromChat(message: Record<string, unknown>, finish: string): ChatAnswer {
  const choices = [{ index: 0, message: { role: 'assistant', ...message }, finish_reason: finish }];
  const usage = { prompt_tokens: 10, completion_tokens: 3, total_tokens: 13 };
  const answer = { id: 'chatcmpl-1', object: 'chat.completion', created: 1_790_000_000, model: 'm', choices, usage };
  return chatProvider.readAnswer(Buffer.from(JSON.stringify(answer)));
}

function fromGemini(parts: readonly Record<string, unknown>[], finishReason: string): ChatAnswer {
  const candidates = [{ index: 0, content: { role: 'model', parts }, finishReason }];
  const usageMetadata = { promptTokenCount: 10, candidatesTokenCount: 3, totalTokenCount: 13 };
  const answer = { responseId: 'r1', modelVersion: 'm', candidates, usageMetadata };
  return geminiProvider.readAnswer(Buffer.from(JSON.stringify(answer)));
}

function fromResponses(output: readonly Record<string, unknown>[], fields: Record<string, unknown>): ChatAnswer {
  const usage = { input_tokens: 10, output_tokens: 3, total_tokens: 13 };
  const head = { id: 'resp_9', object: 'response', created_at: 1_790_000_000, status: 'completed', model: 'm' };
  return responsesProvider.readAnswer(Buffer.from(JSON.stringify({ ...head, output, usage, ...fields })));
}

const OF_GEMINI = GEMINI.map(([what, parts, finish]) => [`Gemini's: ${what}`, fromGemini(parts, finish)] as const);
const OF_RESPONSES = RESPONSES.map(
  ([what, output, fields]) => [`Responses': ${what}`, fromResponses(output, fields)] as const,
);

const readChat = Schema.decodeUnknownSync(CreateChatCompletionResponse);
const readResponse = Schema.decodeUnknownSync(Response);
const readMessage = Schema.decodeUnknownSync(Message);
const readBetaMessage = Schema.decodeUnknownSync(BetaMessage);

test.each(MESSAGES)("OpenAI's generated schema accepts what is made of Anthropic's: %s", (_, fields) => {
  const written = parsed(chatClient.writeAnswer(fromMessages(fields), identity));
  expect(readChat(written).choices).toHaveLength(1);
});

test.each(CHAT)("Anthropic's generated schemas accept what is made of OpenAI's: %s", (_, message, finish) => {
  const written = parsed(messagesClient.writeAnswer(fromChat(message, finish), identity));
  expect(readMessage(written).role).toBe('assistant');
  expect(readBetaMessage(written).role).toBe('assistant');
});

test.each([...OF_GEMINI, ...OF_RESPONSES])('both generated schemas accept what is made of %s', (_, answer) => {
  expect(readChat(parsed(chatClient.writeAnswer(answer, identity))).choices).toHaveLength(1);
  const message = parsed(messagesClient.writeAnswer(answer, identity));
  expect(readMessage(message).role).toBe('assistant');
  expect(readBetaMessage(message).role).toBe('assistant');
});

const asked = {
  ...identity,
  id: 'resp_1',
  echo: {
    input: 'x',
    instructions: 'Be brief.',
    tools: [{ type: 'function', name: 'now' }, { type: 'web_search' }],
    tool_choice: { type: 'function', name: 'now' },
    text: { format: { type: 'json_schema', name: 'a', schema: {} } },
    reasoning: { effort: 'high', summary: 'auto' },
    max_output_tokens: 20,
    metadata: { job: '7' },
  },
};

test.each([
  ...MESSAGES.map(([what, fields]) => [`Anthropic's: ${what}`, fromMessages(fields)] as const),
  ...CHAT.map(([what, message, finish]) => [`Chat Completions': ${what}`, fromChat(message, finish)] as const),
  ...OF_GEMINI,
])("OpenAI's generated schema accepts as a response what is made of %s", (_, answer) => {
  for (const given of [asked, { ...identity, id: 'resp_1' }]) {
    const written = parsed(responsesClient.writeAnswer(answer, given));
    expect(readResponse(written).id).toBe('resp_1');
    const writer = responsesClient.streamWriter(given);
    const events = eventsOf(answer).map((event) => writer.write(event));
    const last =
      Buffer.concat([...events, writer.end()])
        .toString()
        .trimEnd()
        .split('\n')
        .at(-1) ?? '';
    const { response } = JSON.parse(last.slice('data: '.length)) as { response: unknown };
    expect(readResponse(response)).toEqual(readResponse(written));
  }
});

test('the schemas refuse an answer without its usage, so that accepting means something', () => {
  const { usage: _, ...message } = parsed(messagesClient.writeAnswer(fromChat({ content: 'x' }, 'stop'), identity)) as {
    usage: unknown;
  };
  expect(() => readMessage(message)).toThrow('usage');
  const { choices: __, ...completion } = parsed(
    chatClient.writeAnswer(fromMessages({ content: [], stop_reason: 'end_turn' }), identity),
  ) as { choices: unknown };
  expect(() => readChat(completion)).toThrow('choices');
  const { output: ___, ...response } = parsed(
    responsesClient.writeAnswer(fromChat({ content: 'x' }, 'stop'), asked),
  ) as {
    output: unknown;
  };
  expect(() => readResponse(response)).toThrow('output');
});
