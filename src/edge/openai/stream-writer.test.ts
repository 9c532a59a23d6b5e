import { createOpenAI } from '@ai-sdk/openai';
import fc from 'fast-check';
import OpenAI from 'openai';
import type { ChatCompletion } from 'openai/resources/chat/completions';
import { describe, expect, test } from 'vitest';
import { eventsOf } from '../../../test/support/chat/answer-events.ts';
import { arbitraryAnswer } from '../../../test/support/chat/arbitrary-chat.ts';
import type { ChatAnswer, StreamEvent } from '../../protocol/chat/answer.ts';
import type { AnswerIdentity } from '../../protocol/chat/codec.ts';
import { chatClient } from './codec.ts';

const ID = 'chatcmpl-7';
const MODEL = 'gpt-5.2';
const IDENTITY: AnswerIdentity = { id: ID, model: MODEL, at: 1_700_000_000_000, usageWanted: true };

function streamed(events: readonly StreamEvent[], identity = IDENTITY): string {
  const writer = chatClient.streamWriter(identity);
  return Buffer.concat([...events.map((event) => writer.write(event)), writer.end()]).toString();
}

/** The chunks of a stream, and what stands after the last of them. */
function chunksOf(text: string): { readonly chunks: Record<string, never>[]; readonly last: string } {
  const data = text.split('\n\n').filter((event) => event !== '');
  const last = data.pop() ?? '';
  return { chunks: data.map((event) => JSON.parse(event.slice('data: '.length)) as Record<string, never>), last };
}

function answering(body: string, contentType: string): typeof fetch {
  return () => Promise.resolve(new Response(body, { headers: { 'content-type': contentType } }));
}

const client = (body: string, contentType: string) =>
  new OpenAI({
    apiKey: 'none',
    baseURL: 'http://gateway.invalid/v1',
    maxRetries: 0,
    fetch: answering(body, contentType),
  });

const ASKED = { model: MODEL, messages: [{ role: 'user' as const, content: 'x' }] };

/**
 * What the official SDK cannot put together from a stream, whoever sends it: of
 * members that it does not know it keeps the last piece, it drops what is `null`, and adds what it parsed.
 */
function comparable(answer: ChatCompletion): unknown {
  const { system_fingerprint: _, usage, ...members } = answer;
  return {
    ...members,
    usage: usage ?? undefined,
    choices: answer.choices.map(({ message, ...choice }) => {
      const said: Record<string, unknown> = { annotations: [], ...message };
      for (const name of ['reasoning_content', 'reasoning_details', 'images', 'parsed']) delete said[name];
      return { ...choice, message: { ...said, content: said['content'] ?? '' } };
    }),
  };
}

describe('the official SDK', () => {
  test('puts a stream together to what it reads as a whole', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryAnswer(ID, MODEL), async (answer) => {
        const whole = await client(
          chatClient.writeAnswer(answer, IDENTITY).toString(),
          'application/json',
        ).chat.completions.create(ASKED);
        const stream = client(streamed(eventsOf(answer)), 'text/event-stream').chat.completions.stream({
          ...ASKED,
          n: answer.choices.length,
        });
        expect(comparable(await stream.finalChatCompletion())).toEqual(comparable(whole));
      }),
      { numRuns: 100 },
    );
  });
});

const TURN: ChatAnswer = {
  choices: [
    {
      index: 0,
      parts: [
        { type: 'reasoning', text: 'hm', signature: { value: 'c2ln', dialect: 'anthropic-messages' } },
        { type: 'text', text: 'Two calls.' },
        { type: 'tool-call', kind: 'function', id: 'toolu_1', name: 'add', arguments: '{"a":1}' },
        { type: 'tool-call', kind: 'function', id: 'toolu_2', name: 'now', arguments: '' },
      ],
      finish: { reason: 'tool-calls', said: 'tool_use' },
    },
  ],
  usage: { inputTokens: 10, cachedInputTokens: 4, outputTokens: 6, reasoningTokens: 2 },
};

describe('the strict AI SDK', () => {
  const model = (body: string, contentType: string) =>
    createOpenAI({ apiKey: 'none', fetch: answering(body, contentType) }).chat(MODEL);
  const prompt = [{ role: 'user' as const, content: [{ type: 'text' as const, text: 'x' }] }];

  test('reads a whole answer and a stream alike, tool calls and usage included', async () => {
    const whole = await model(chatClient.writeAnswer(TURN, IDENTITY).toString(), 'application/json').doGenerate({
      prompt,
    });
    const { stream } = await model(streamed(eventsOf(TURN)), 'text/event-stream').doStream({ prompt });
    const parts = await Array.fromAsync(stream);
    const calls = (list: readonly { readonly type: string }[]) => list.filter(({ type }) => type === 'tool-call');
    expect(parts.filter(({ type }) => type === 'error')).toEqual([]);
    expect(calls(whole.content)).toMatchObject([
      { toolCallId: 'toolu_1', toolName: 'add', input: '{"a":1}' },
      { toolCallId: 'toolu_2', toolName: 'now', input: '{}' },
    ]);
    expect(calls(parts)).toEqual(calls(whole.content));
    expect(parts.at(-1)).toMatchObject({ type: 'finish', usage: whole.usage, finishReason: whole.finishReason });
  });
});

describe('the bytes of a stream', () => {
  test('each choice begins with its role, and ends in one chunk that says why', () => {
    const { chunks, last } = chunksOf(streamed(eventsOf(TURN)));
    expect(last).toBe('data: [DONE]');
    const choices = chunks.flatMap(({ choices }) => choices as unknown as Record<string, unknown>[]);
    expect(choices[0]?.['delta']).toEqual({ role: 'assistant', content: null, refusal: null });
    expect(choices.map((choice) => choice['finish_reason']).filter((reason) => reason !== null)).toEqual([
      'tool_calls',
    ]);
    expect(choices.at(-1)).toEqual({ index: 0, delta: {}, logprobs: null, finish_reason: 'tool_calls' });
  });

  test('tool calls are numbered from 0, and one without arguments is called with {}', () => {
    const { chunks } = chunksOf(streamed(eventsOf(TURN)));
    const pieces = chunks
      .flatMap(({ choices }) => choices as unknown as { delta: { tool_calls?: Record<string, never>[] } }[])
      .flatMap(({ delta }) => delta.tool_calls ?? []);
    expect(pieces.map(({ index }) => index)).toEqual([0, 0, 0, 0, 1, 1]);
    expect(pieces.at(-1)).toEqual({ index: 1, function: { arguments: '{}' } });
  });

  test('a thought is seen as it comes, and told once more as a whole with its signature unharmed', () => {
    const text = streamed(eventsOf(TURN));
    expect(text).toContain('"delta":{"reasoning_content":"hm"}');
    expect(text).toContain(
      '"delta":{"reasoning_details":[{"type":"reasoning.text","text":"hm","index":0,"signature":"c2ln","format":"anthropic-claude-v1"}]}',
    );
    expect(text.split('reasoning_details')).toHaveLength(2);
  });

  test('usage has a chunk of its own for those who want it, and none for the others', () => {
    const { chunks } = chunksOf(streamed(eventsOf(TURN)));
    expect(chunks.at(-1)).toMatchObject({
      choices: [],
      usage: { prompt_tokens: 10, completion_tokens: 6, total_tokens: 16 },
    });
    expect(chunks.slice(0, -1).every(({ usage }) => usage === null)).toBe(true);
    const unasked = streamed(eventsOf(TURN), { ...IDENTITY, usageWanted: false });
    expect(unasked).not.toContain('usage');
  });

  test('until the end nothing says why, so that a stream that is cut is not taken for a whole one', () => {
    const writer = chatClient.streamWriter(IDENTITY);
    const before = Buffer.concat(eventsOf(TURN).map((event) => writer.write(event))).toString();
    expect(before).not.toContain('"finish_reason":"');
    expect(before).not.toContain('[DONE]');
    expect(writer.end().toString()).toContain('"finish_reason":"tool_calls"');
  });
});
