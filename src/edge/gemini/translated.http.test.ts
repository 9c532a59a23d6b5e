import { createGoogleGenerativeAI } from '@ai-sdk/google';
import { type Content, type GenerateContentConfig, GoogleGenAI, type Part } from '@google/genai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TestGateway } from '../../../test/support/gateway.ts';
import { geminiProvider } from '../../../test/support/gemini-provider.ts';
import { messagesProvider } from '../../../test/support/messages-provider.ts';
import { systemClock } from '../../kernel/clock.ts';
import { type ServedSimulator, serveSimulator } from '../../sim/server.ts';
import { Simulator } from '../../sim/simulator.ts';

/** A picture of one pixel. */
const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=';
const NAMES = ['get_weather', 'find_harbour'];
const functionDeclarations = NAMES.map((name) => ({
  name,
  description: `${name} of a city`,
  parametersJsonSchema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
}));
const config: GenerateContentConfig = {
  tools: [{ functionDeclarations }],
  thinkingConfig: { includeThoughts: true, thinkingBudget: 2_048 },
  maxOutputTokens: 6_000,
};
const asked: Content = {
  role: 'user',
  parts: [
    { text: 'Compare the weather and the harbour of Genoa' },
    { inlineData: { mimeType: 'image/png', data: PIXEL } },
  ],
};

let simulator: Simulator;
let served: ServedSimulator;
let gateway: TestGateway;
let client: GoogleGenAI;

beforeAll(async () => {
  simulator = new Simulator({ seed: 7, clock: systemClock });
  served = await serveSimulator({ simulator, host: '127.0.0.1', port: 0, clock: systemClock });
  const url = `http://127.0.0.1:${served.port}/v1`;
  gateway = await TestGateway.start({
    upstreams: {},
    providers: [
      geminiProvider('google', url),
      geminiProvider('gpt', url, ['openai-chat']),
      geminiProvider('responses', url, ['openai-responses']),
      messagesProvider('claude', url),
    ],
  });
  client = new GoogleGenAI({ apiKey: gateway.key, httpOptions: { baseUrl: `http://127.0.0.1:${gateway.port}` } });
});

afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await served.close();
  expect(simulator.counts().active).toBe(0);
});

function answerTo(parts: readonly Part[]): Content {
  const calls = parts.flatMap(({ functionCall }) => functionCall ?? []);
  expect(calls.map(({ name }) => name).sort()).toEqual([...NAMES].sort());
  return {
    role: 'user',
    parts: calls.map(({ name = '' }) => ({ functionResponse: { name, response: { output: `result of ${name}` } } })),
  };
}

function expectAnswer(text: string | undefined): void {
  for (const name of NAMES) expect(text).toContain(`result of ${name}`);
}

const MODELS = ['google/sim-reasoner', 'gpt/sim-reasoner', 'responses/sim-reasoner', 'claude/sim-reasoner'];

describe.each(MODELS)('Google’s client at %s', (model) => {
  test('takes two turns with a picture, thoughts and functions called at once', async () => {
    const first = await client.models.generateContent({ model, contents: [asked], config });
    const said = first.candidates?.[0]?.content ?? {};
    expect(first.candidates?.[0]?.finishReason).toBe('STOP');
    expect(first.usageMetadata?.thoughtsTokenCount).toBeGreaterThan(0);
    const contents = [asked, said, answerTo(said.parts ?? [])];
    const second = await client.models.generateContent({ model, contents, config });
    expectAnswer(second.text);
  });

  test('takes them in streams, each event of which it keeps as a turn of its own', async () => {
    const chat = client.chats.create({ model, config });
    const parts: Part[] = [];
    let usage: unknown;
    for await (const chunk of await chat.sendMessageStream({ message: asked.parts ?? [] })) {
      parts.push(...(chunk.candidates?.[0]?.content?.parts ?? []));
      usage = chunk.usageMetadata;
    }
    expect(usage).toMatchObject({ promptTokenCount: expect.any(Number), totalTokenCount: expect.any(Number) });
    expect(chat.getHistory(true).length).toBeGreaterThan(2);
    let text = '';
    for await (const chunk of await chat.sendMessageStream({ message: answerTo(parts).parts ?? [] })) {
      text += chunk.text ?? '';
    }
    expectAnswer(text);
  });

  test('reads the same as an array that the strict client’s events are', async () => {
    const url = `http://127.0.0.1:${gateway.port}`;
    const response = await fetch(`${url}/v1beta/models/${model}:streamGenerateContent`, {
      method: 'POST',
      headers: { 'x-goog-api-key': gateway.key },
      body: JSON.stringify({ contents: [{ parts: [{ text: 'Say something.' }] }] }),
    });
    const chunks = (await response.json()) as { candidates?: { finishReason?: string }[] }[];
    expect(chunks.at(-1)?.candidates?.[0]?.finishReason).toBe('STOP');
    const google = createGoogleGenerativeAI({ apiKey: gateway.key, baseURL: `${url}/v1beta` });
    const { stream } = await google(`models/${model}`).doStream({
      prompt: [{ role: 'user', content: [{ type: 'text', text: 'Say something.' }] }],
    });
    const types = new Set<string>();
    for await (const part of stream) types.add(part.type);
    expect([...types]).toEqual(expect.arrayContaining(['text-delta', 'finish']));
    expect(types.has('error')).toBe(false);
  });

  test('keeps to a schema', async () => {
    const responseJsonSchema = {
      type: 'object',
      properties: { city: { type: 'string' } },
      required: ['city'],
      additionalProperties: false,
    };
    const answer = await client.models.generateContent({
      model,
      contents: 'Where is the harbour? Answer in JSON.',
      config: { responseMimeType: 'application/json', responseJsonSchema },
    });
    expect(JSON.parse(answer.text ?? '')).toEqual({ city: expect.any(String) });
  });
});

test('what a target is not told is named in Google’s own words', async () => {
  const body = {
    contents: [{ parts: [{ text: 'Hi' }] }],
    safety_settings: [{ category: 'HARM_CATEGORY_HARASSMENT', threshold: 'BLOCK_LOW_AND_ABOVE' }],
    generation_config: { max_output_tokens: 100 },
  };
  const call = (headers: object = {}) =>
    fetch(`http://127.0.0.1:${gateway.port}/v1beta/models/claude/sim-small:generateContent`, {
      method: 'POST',
      headers: { 'x-goog-api-key': gateway.key, ...headers },
      body: JSON.stringify(body),
    });
  expect((await call()).headers.get('x-leeward-warnings')).toContain('safetySettings');
  const strict = await call({ 'x-leeward-strict': 'true' });
  expect(await strict.json()).toMatchObject({
    error: { code: 400, status: 'INVALID_ARGUMENT', details: [{ reason: 'UNSUPPORTED_PARAMETER' }, {}, {}] },
  });
});
