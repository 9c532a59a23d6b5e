import {
  ApiError,
  type Content,
  FunctionCallingConfigMode,
  type GenerateContentResponse,
  GoogleGenAI,
  Modality,
  type Part,
} from '@google/genai';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../kernel/clock.ts';
import { type ServedSimulator, serveSimulator } from '../server.ts';
import { Simulator } from '../simulator.ts';

let simulator: Simulator;
let served: ServedSimulator;
let client: GoogleGenAI;

beforeAll(async () => {
  simulator = new Simulator({ seed: 5, clock: systemClock, requireKey: ['sk-sim'] });
  served = await serveSimulator({ simulator, host: '127.0.0.1', port: 0, clock: systemClock });
  client = clientOf('sk-sim');
});

afterAll(async () => {
  await served.close();
  expect(simulator.counts().active).toBe(0);
});

function clientOf(apiKey: string): GoogleGenAI {
  return new GoogleGenAI({ apiKey, httpOptions: { baseUrl: `http://127.0.0.1:${served.port}` } });
}

const model = 'sim-small';
const reasoner = 'sim-reasoner';
const question = 'Compare the weather and the harbour of Genoa';
const asked: Content = { role: 'user', parts: [{ text: question }] };
const functionDeclarations = ['get_weather', 'find_harbour'].map((name) => ({
  name,
  description: `${name} of a city`,
  parametersJsonSchema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
}));
const config = { tools: [{ functionDeclarations }], thinkingConfig: { includeThoughts: true } };

/** A picture of one pixel. */
const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=';

function answerTo(parts: readonly Part[]): Content {
  const calls = parts.flatMap(({ functionCall }) => functionCall ?? []);
  return {
    role: 'user',
    parts: calls.map(({ id, name }, index) => ({
      functionResponse: {
        ...(id === undefined ? {} : { id }),
        ...(name === undefined ? {} : { name }),
        response: index === 0 ? { output: 'sunny' } : { error: 'silted up' },
      },
    })),
  };
}

async function streamed(request: Parameters<GoogleGenAI['models']['generateContentStream']>[0]) {
  const chunks: GenerateContentResponse[] = [];
  for await (const chunk of await client.models.generateContentStream(request)) chunks.push(chunk);
  return chunks;
}

test('the official client generates content, and streams the same', async () => {
  const whole = await client.models.generateContent({ model, contents: question });
  expect(whole.text).toContain('weather harbour Genoa');
  expect(whole.candidates?.[0]).toMatchObject({ finishReason: 'STOP', index: 0 });
  expect(whole.modelVersion).toBe(model);
  const chunks = await streamed({ model, contents: question });
  expect(chunks.map(({ text }) => text).join('')).toBe(whole.text);
  expect(chunks.at(-1)?.candidates?.[0]?.finishReason).toBe('STOP');
  expect(chunks.slice(0, -1).every(({ candidates }) => candidates?.[0]?.finishReason === undefined)).toBe(true);
  expect(chunks.at(-1)?.usageMetadata).toEqual(whole.usageMetadata);
  const counts = chunks.map(({ usageMetadata }) => usageMetadata?.totalTokenCount ?? 0);
  expect(counts).toEqual(counts.toSorted((one, other) => one - other));
  expect(new Set(chunks.map(({ responseId }) => responseId)).size).toBe(1);
});

test('the official client takes two turns with parallel tools and thoughts whose signatures hold', async () => {
  const first = await client.models.generateContent({ model: reasoner, contents: [asked], config });
  const parts = first.candidates?.[0]?.content?.parts ?? [];
  expect(parts.map(({ thought, functionCall }) => functionCall?.name ?? (thought ? 'thought' : 'text'))).toEqual([
    'thought',
    'get_weather',
    'find_harbour',
  ]);
  expect(parts.map(({ thoughtSignature }) => thoughtSignature !== undefined)).toEqual([false, true, false]);
  expect(parts[1]?.functionCall).toEqual({
    name: 'get_weather',
    id: expect.stringMatching(/^[a-z0-9]{8}$/),
    args: { city: expect.any(String) },
  });
  expect(first.usageMetadata?.thoughtsTokenCount).toBeGreaterThan(0);
  const history = [asked, { role: 'model', parts }, answerTo(parts)];
  const second = await client.models.generateContent({ model: reasoner, contents: history, config });
  expect(second.text).toContain('The tool returned: sunny The tool failed: silted up');
  const last = second.candidates?.[0]?.content?.parts?.at(-1);
  expect(last).toEqual({ text: expect.any(String), thoughtSignature: expect.any(String) });
  const third = [...history, { role: 'model', parts: [last ?? {}] }, asked];
  await expect(client.models.generateContent({ model: reasoner, contents: third })).resolves.toBeDefined();
});

test("the official client's chat brings a stream's calls and signatures back, chunk by chunk", async () => {
  const chat = client.chats.create({ model: reasoner, config });
  const calls: Part[] = [];
  for await (const chunk of await chat.sendMessageStream({ message: question })) {
    calls.push(...(chunk.candidates?.[0]?.content?.parts ?? []).filter(({ functionCall }) => functionCall));
  }
  expect(calls).toHaveLength(2);
  const second = await chat.sendMessage({ message: answerTo(calls).parts ?? [] });
  expect(second.text).toContain('The tool returned: sunny');
});

test('a signature that was changed is refused, and so is one that is missing or stands elsewhere', async () => {
  const first = await client.models.generateContent({ model: reasoner, contents: [asked], config });
  const calls = (first.candidates?.[0]?.content?.parts ?? []).filter(({ functionCall }) => functionCall);
  const [weather, harbour] = calls;
  const again = (parts: Part[]) =>
    client.models.generateContent({
      model: reasoner,
      contents: [asked, { role: 'model', parts }, answerTo(parts)],
      config,
    });
  const signature = weather?.thoughtSignature ?? '';
  const changed = `${signature.slice(0, 60)}${signature[60] === 'A' ? 'B' : 'A'}${signature.slice(61)}`;
  const corrupted = { status: 400, message: expect.stringContaining('Corrupted thought signature.') };
  await expect(again([{ ...weather, thoughtSignature: changed }, harbour ?? {}])).rejects.toMatchObject(corrupted);
  await expect(again([weather ?? {}, { ...harbour, thoughtSignature: signature }])).rejects.toMatchObject(corrupted);
  const { thoughtSignature: _, ...unsigned } = weather ?? {};
  await expect(again([unsigned, harbour ?? {}])).rejects.toMatchObject({
    status: 400,
    message: expect.stringContaining(
      'Function call is missing a thought_signature in functionCall parts. This is required for tools to work correctly',
    ),
  });
  const placeholder = { ...unsigned, thoughtSignature: 'skip_thought_signature_validator' };
  await expect(again([placeholder, harbour ?? {}])).resolves.toBeDefined();
});

test('a model that does not think wants no signatures back and gives its calls no ids', async () => {
  const tools = [{ functionDeclarations }];
  const first = await client.models.generateContent({ model, contents: [asked], config: { tools } });
  const parts = first.candidates?.[0]?.content?.parts ?? [];
  expect(parts.map((part) => Object.keys(part))).toEqual([['functionCall'], ['functionCall']]);
  expect(parts[0]?.functionCall).not.toHaveProperty('id');
  const contents = [asked, { role: 'model', parts }, answerTo(parts)];
  expect((await client.models.generateContent({ model, contents, config: { tools } })).text).toContain('sunny');
  const forced = await client.models.generateContent({
    model,
    contents: 'Hello',
    config: {
      tools,
      toolConfig: {
        functionCallingConfig: { mode: FunctionCallingConfigMode.ANY, allowedFunctionNames: ['find_harbour'] },
      },
    },
  });
  expect(forced.functionCalls?.map(({ name }) => name)).toEqual(['find_harbour']);
});

test('tokens are counted as an answer is billed, by modality, and cost nothing', async () => {
  const contents: Content[] = [
    { role: 'user', parts: [{ text: 'What is this?' }, { inlineData: { mimeType: 'image/png', data: PIXEL } }] },
  ];
  const billed = simulator.bill().length;
  const counted = await client.models.countTokens({ model, contents });
  expect(simulator.bill()).toHaveLength(billed);
  const { usageMetadata } = await client.models.generateContent({ model, contents });
  expect(usageMetadata?.promptTokenCount).toBe(counted.totalTokens);
  expect(usageMetadata?.promptTokensDetails).toEqual([
    { modality: 'TEXT', tokenCount: (counted.totalTokens ?? 0) - 258 },
    { modality: 'IMAGE', tokenCount: 258 },
  ]);
  expect(simulator.bill().at(-1)?.prompt_tokens).toBe(counted.totalTokens);
});

test('texts are embedded, alone and in a batch, and models are listed', async () => {
  const embedded = await client.models.embedContent({
    model: 'sim-embed',
    contents: ['the harbour', 'the harbour', 'a cat'],
    config: { outputDimensionality: 64 },
  });
  const vectors = embedded.embeddings?.map(({ values }) => values);
  expect(vectors?.[0]).toHaveLength(64);
  expect(vectors?.[0]).toEqual(vectors?.[1]);
  expect(vectors?.[0]).not.toEqual(vectors?.[2]);
  expect(simulator.bill().at(-1)).toMatchObject({ model: 'sim-embed', completion_tokens: 0 });
  const pages = await client.models.list({ config: { pageSize: 2 } });
  const names: (string | undefined)[] = [];
  for await (const { name } of pages) names.push(name);
  expect(names).toEqual(expect.arrayContaining(['models/sim-small', 'models/sim-reasoner', 'models/sim-embed']));
  expect(await client.models.get({ model: 'sim-small' })).toMatchObject({ outputTokenLimit: 16_384 });
});

test('the official client meets the errors it knows', async () => {
  const call = { model, contents: 'Hello' };
  const stranger = clientOf('sk-other').models.generateContent(call);
  await expect(stranger).rejects.toThrow('API key not valid. Please pass a valid API key.');
  await expect(client.models.generateContent({ ...call, model: 'nope' })).rejects.toMatchObject({ status: 404 });
  await expect(
    client.models.generateContent({ ...call, config: { cachedContent: 'cachedContents/x' } }),
  ).rejects.toThrow('CachedContent not found (or permission denied)');
  await expect(
    client.models.generateContent({ ...call, config: { responseModalities: [Modality.AUDIO] } }),
  ).rejects.toBeInstanceOf(ApiError);
  simulator.setFaults([{ times: 1, fault: { kind: 'status', code: 503 } }]);
  await expect(client.models.generateContent(call)).rejects.toMatchObject({
    status: 503,
    message: expect.stringContaining('"status":"UNAVAILABLE"'),
  });
  simulator.setFaults([{ times: 1, fault: { kind: 'error-event', afterEvents: 3, status: 500 } }]);
  await expect(streamed(call)).rejects.toThrow('INTERNAL');
  simulator.setFaults([]);
});
