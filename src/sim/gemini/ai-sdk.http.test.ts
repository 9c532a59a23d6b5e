import { createGoogleGenerativeAI } from '@ai-sdk/google';
import { embedMany, generateText, jsonSchema, Output, stepCountIs, streamText, tool } from 'ai';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../kernel/clock.ts';
import { SIM_MODELS } from '../models.ts';
import { type ServedSimulator, serveSimulator } from '../server.ts';
import { Simulator } from '../simulator.ts';

let simulator: Simulator;
let served: ServedSimulator;
let google: ReturnType<typeof createGoogleGenerativeAI>;

beforeAll(async () => {
  // The strict client offers tools of Google's only to models that are named like Google's.
  const named = SIM_MODELS.filter(({ id }) => id === 'sim-small').map((model) => ({ ...model, id: 'gemini-2.5-sim' }));
  simulator = new Simulator({ seed: 5, clock: systemClock, models: [...SIM_MODELS, ...named] });
  served = await serveSimulator({ simulator, host: '127.0.0.1', port: 0, clock: systemClock });
  google = createGoogleGenerativeAI({ apiKey: 'sk-sim', baseURL: `http://127.0.0.1:${served.port}/v1beta` });
});

afterAll(async () => {
  await served.close();
  expect(simulator.counts().active).toBe(0);
});

const providerOptions = { google: { thinkingConfig: { includeThoughts: true } } };
const inputSchema = jsonSchema<{ city: string }>({
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
});
const tools = {
  get_weather: tool({ inputSchema, execute: () => 'sunny' }),
  find_harbour: tool({ inputSchema, execute: () => 'calm' }),
};

test('the strict client runs tools with thoughts over two turns, streamed', async () => {
  const run = streamText({
    model: google('sim-reasoner'),
    maxRetries: 0,
    prompt: 'Compare the weather and the harbour of Genoa',
    providerOptions,
    stopWhen: stepCountIs(2),
    tools,
  });
  const steps = await run.steps;
  expect(steps[0]?.toolCalls).toHaveLength(2);
  expect(steps[0]?.reasoningText).toBeTruthy();
  expect(await run.text).toContain('The tool returned: sunny The tool returned: calm');
  const bill = simulator.bill();
  const usage = await run.totalUsage;
  expect(usage.inputTokens).toBe(bill.reduce((sum, { prompt_tokens }) => sum + prompt_tokens, 0));
  expect(usage.outputTokens).toBe(bill.reduce((sum, { completion_tokens }) => sum + completion_tokens, 0));
});

test('the strict client reads objects, searched pages and running code, and embeds', async () => {
  const model = google('gemini-2.5-sim');
  const schema = jsonSchema<{ depth: number }>({
    type: 'object',
    properties: { depth: { type: 'integer' } },
    required: ['depth'],
  });
  const { output } = await generateText({
    model,
    maxRetries: 0,
    prompt: 'How deep?',
    output: Output.object({ schema }),
  });
  expect(output).toEqual({ depth: expect.any(Number) });
  const searched = streamText({
    model,
    maxRetries: 0,
    prompt: 'Search the harbor',
    tools: { google_search: google.tools.googleSearch({}) },
  });
  expect((await searched.sources).map(({ sourceType }) => sourceType)).toContain('url');
  const ran = await generateText({
    model,
    maxRetries: 0,
    prompt: 'Describe the harbor',
    tools: { code_execution: google.tools.codeExecution({}) },
  });
  expect(ran.text).toContain('The code printed: Describe harbor');
  const { embeddings } = await embedMany({ model: google.embedding('sim-embed'), values: ['one', 'two'] });
  expect(embeddings.map(({ length }) => length)).toEqual([1_536, 1_536]);
});
