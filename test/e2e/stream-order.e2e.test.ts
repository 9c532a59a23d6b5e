import Anthropic from '@anthropic-ai/sdk';
import { type GenerateContentResponse, GoogleGenAI } from '@google/genai';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PARAMETERS } from '../support/dialects/client.ts';
import { FourProviders, PROVIDER_NAMES } from './four-providers.ts';

/* In which order events come, over each provider, and what the SDKs' own helpers for streams make of them. */

const QUESTION = 'Compare the weather and the harbour of Genoa';
const TOOLS = ['get_weather', 'find_harbour'];

let providers: FourProviders;
let openai: OpenAI;
let anthropic: Anthropic;
let google: GoogleGenAI;

beforeAll(async () => {
  providers = await FourProviders.start();
  const { key, url, baseURL } = providers.gateway;
  openai = new OpenAI({ apiKey: key, baseURL, maxRetries: 0 });
  anthropic = new Anthropic({ apiKey: key, baseURL: url, maxRetries: 0 });
  google = new GoogleGenAI({ apiKey: key, httpOptions: { baseUrl: url } });
}, 30_000);

afterAll(() => providers[Symbol.asyncDispose]());

type ResponseEvent = OpenAI.Responses.ResponseStreamEvent;

/** The item that an event belongs to, and which part of it. */
function placeOf(event: ResponseEvent): string | undefined {
  if (!('output_index' in event)) return undefined;
  return String(event.output_index);
}

describe.each(PROVIDER_NAMES)('over %s', (provider) => {
  const model = `${provider}/sim-reasoner`;

  test("OpenAI's Responses: items one after the other, each as its deltas say, numbered without a gap", async () => {
    const stream = openai.responses.stream({
      model,
      input: QUESTION,
      reasoning: { effort: 'low', summary: 'auto' },
      tools: TOOLS.map((name) => ({ type: 'function' as const, name, parameters: PARAMETERS, strict: true })),
    });
    const events: ResponseEvent[] = [];
    for await (const event of stream) events.push(event);
    expect(events.map(({ sequence_number }) => sequence_number)).toEqual(events.map((_, index) => index));
    expect(events.slice(0, 2).map(({ type }) => type)).toEqual(['response.created', 'response.in_progress']);
    const places = events.map(placeOf).filter((place) => place !== undefined);
    expect(places).toEqual(places.toSorted((one, other) => Number(one) - Number(other)));
    const items = events.filter((event) => event.type === 'response.output_item.done').map(({ item }) => item);
    const last = events.at(-1);
    expect(last?.type === 'response.completed' && last.response.output).toEqual(items.map(withoutParsed));
    expect(items.map(({ type }) => type).slice(-2)).toEqual(['function_call', 'function_call']);
    items.forEach((item, at) => {
      const own = events.filter((event) => placeOf(event) === String(at));
      expect(own[0]?.type).toBe('response.output_item.added');
      expect(own.at(-1)?.type).toBe('response.output_item.done');
      const said = own.map((event) => (event.type.endsWith('.delta') && 'delta' in event ? event.delta : '')).join('');
      if (item.type === 'function_call') expect(said).toBe(item.arguments);
      if (item.type === 'reasoning') expect(said).toBe(item.summary.map(({ text }) => text).join(''));
    });
    const final = await stream.finalResponse();
    expect(final.output.map(withoutParsed)).toEqual(items.map(withoutParsed));
  });

  test("OpenAI's Responses: a text in parts that are closed before their item is", async () => {
    const types: string[] = [];
    const stream = openai.responses.stream({ model: `${provider}/sim-small`, input: QUESTION });
    stream.on('event', ({ type }) => types.push(type));
    const said: string[] = [];
    stream.on('response.output_text.delta', ({ delta }) => said.push(delta));
    const final = await stream.finalResponse();
    expect(types.filter((type) => !type.endsWith('.delta'))).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.content_part.added',
      'response.output_text.done',
      'response.content_part.done',
      'response.output_item.done',
      'response.completed',
    ]);
    expect(said.join('')).toBe(final.output_text);
    expect(said.length).toBeGreaterThan(1);
  });

  test("OpenAI's Chat Completions: thoughts, then calls one by one, then the finish, then the usage", async () => {
    const stream = openai.chat.completions.stream({
      model,
      messages: [{ role: 'user', content: QUESTION }],
      reasoning_effort: 'low',
      stream_options: { include_usage: true },
      tools: TOOLS.map((name) => ({ type: 'function' as const, function: { name, parameters: PARAMETERS } })),
    });
    const chunks: OpenAI.ChatCompletionChunk[] = [];
    stream.on('chunk', (chunk) => chunks.push(chunk));
    const done: string[] = [];
    stream.on('tool_calls.function.arguments.done', ({ name, arguments: text }) => done.push(`${name} ${text}`));
    const final = await stream.finalChatCompletion();
    expect(chunks[0]?.choices[0]?.delta.role).toBe('assistant');
    expect(new Set(chunks.map(({ id }) => id)).size).toBe(1);
    const indices = chunks.flatMap(({ choices }) => choices[0]?.delta.tool_calls?.map(({ index }) => index) ?? []);
    expect(indices).toEqual(indices.toSorted());
    const finished = chunks.findIndex(({ choices }) => typeof choices[0]?.finish_reason === 'string');
    expect(finished).toBe(chunks.length - 2);
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { total_tokens: final.usage?.total_tokens } });
    const calls = final.choices[0]?.message.tool_calls ?? [];
    expect(done).toEqual(
      calls.map((call) => call.type === 'function' && `${call.function.name} ${call.function.arguments}`),
    );
    expect(calls).toHaveLength(TOOLS.length);
  });

  test("Anthropic's Messages: blocks one after the other, and the helper's events for each", async () => {
    const stream = anthropic.messages.stream({
      model,
      max_tokens: 4_000,
      thinking: { type: 'enabled', budget_tokens: 1_024 },
      messages: [{ role: 'user', content: QUESTION }],
      tools: TOOLS.map((name) => ({ name, input_schema: PARAMETERS })),
    });
    const blocks: Anthropic.ContentBlock[] = [];
    stream.on('contentBlock', (block) => blocks.push(block));
    const events: Anthropic.MessageStreamEvent[] = [];
    for await (const event of stream) events.push(event);
    const types = events.map(({ type }) => type);
    expect(types[0]).toBe('message_start');
    expect(types.slice(-2)).toEqual(['message_delta', 'message_stop']);
    let open: number | undefined;
    let next = 0;
    for (const event of events) {
      if (event.type === 'content_block_start') {
        expect([open, event.index]).toEqual([undefined, next]);
        open = next++;
      } else if (event.type === 'content_block_delta') expect(event.index).toBe(open);
      else if (event.type === 'content_block_stop') {
        expect(event.index).toBe(open);
        open = undefined;
      }
    }
    const final = await stream.finalMessage();
    expect(blocks).toEqual(final.content);
    expect(blocks.at(-1)?.type).toBe('tool_use');
    expect(final.usage.output_tokens).toBeGreaterThan(0);
  });

  test("Google's: one finish, in the last chunk, with the usage of them all", async () => {
    const chunks: GenerateContentResponse[] = [];
    for await (const chunk of await google.models.generateContentStream({
      model,
      contents: QUESTION,
      config: { thinkingConfig: { includeThoughts: true, thinkingBudget: 1_024 } },
    })) {
      chunks.push(chunk);
    }
    expect(new Set(chunks.map(({ responseId }) => responseId)).size).toBe(1);
    const finishes = chunks.map(({ candidates }) => candidates?.[0]?.finishReason);
    expect(finishes.filter((finish) => finish !== undefined)).toEqual(['STOP']);
    expect(finishes.at(-1)).toBe('STOP');
    const usage = chunks.at(-1)?.usageMetadata;
    expect(usage?.thoughtsTokenCount).toBeGreaterThan(0);
    expect(usage?.totalTokenCount).toBe(
      (usage?.promptTokenCount ?? 0) + (usage?.candidatesTokenCount ?? 0) + (usage?.thoughtsTokenCount ?? 0),
    );
    const kinds = chunks
      .flatMap(({ candidates }) => candidates?.[0]?.content?.parts ?? [])
      .map(({ thought }) => thought === true);
    expect(kinds).toEqual(kinds.toSorted((one, other) => Number(other) - Number(one)));
    expect(kinds).toContain(true);
  });
});

const ADDED_BY_THE_HELPER = new Set(['parsed', 'parsed_arguments']);

function withoutParsed(item: unknown): unknown {
  return JSON.parse(JSON.stringify(item, (key, value) => (ADDED_BY_THE_HELPER.has(key) ? undefined : value)));
}
