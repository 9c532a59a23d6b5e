import { createAnthropic } from '@ai-sdk/anthropic';
import { generateText, jsonSchema, type ModelMessage, stepCountIs, streamText, tool } from 'ai';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../kernel/clock.ts';
import { type ServedSimulator, serveSimulator } from '../server.ts';
import { Simulator } from '../simulator.ts';

let simulator: Simulator;
let served: ServedSimulator;
let anthropic: ReturnType<typeof createAnthropic>;

beforeAll(async () => {
  simulator = new Simulator({ seed: 5, clock: systemClock });
  served = await serveSimulator({ simulator, host: '127.0.0.1', port: 0, clock: systemClock });
  anthropic = createAnthropic({ apiKey: 'sk-sim', baseURL: `http://127.0.0.1:${served.port}/v1` });
});

afterAll(async () => {
  await served.close();
  expect(simulator.counts().active).toBe(0);
});

const providerOptions = { anthropic: { thinking: { type: 'enabled', budgetTokens: 1_024 } } };
const inputSchema = jsonSchema<{ city: string }>({
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
});

test('the strict client runs tools with thoughts over two turns, streamed', async () => {
  const answers = ['sunny', 'calm'];
  const run = streamText({
    model: anthropic('sim-small'),
    maxRetries: 0,
    maxOutputTokens: 3_000,
    prompt: 'Compare the weather and the harbour of Genoa',
    providerOptions,
    stopWhen: stepCountIs(2),
    tools: {
      get_weather: tool({ inputSchema, execute: () => answers[0] }),
      find_harbour: tool({ inputSchema, execute: () => answers[1] }),
    },
  });
  const steps = await run.steps;
  expect(steps[0]?.toolCalls).toHaveLength(2);
  expect(steps[0]?.reasoningText).toBeTruthy();
  expect(await run.text).toContain('The tool returned: sunny The tool returned: calm');
  expect((await run.totalUsage).inputTokens).toBe(
    simulator.bill().reduce((sum, { prompt_tokens }) => sum + prompt_tokens, 0),
  );
});

test('the strict client reads pictures, citations, a hosted search and running code', async () => {
  const media = { type: 'file' as const, mediaType: 'text/plain', data: Buffer.from('The harbor is deep.') };
  const messages: ModelMessage[] = [
    {
      role: 'user',
      content: [
        { type: 'text', text: 'Describe the harbor' },
        { ...media, providerOptions: { anthropic: { citations: { enabled: true } } } },
      ],
    },
  ];
  const model = anthropic('sim-small');
  const cited = await generateText({ model, maxRetries: 0, maxOutputTokens: 1_000, messages });
  expect(cited.sources).toMatchObject([{ sourceType: 'document' }]);
  const searched = streamText({
    model,
    maxRetries: 0,
    maxOutputTokens: 1_000,
    prompt: 'Search the harbor',
    tools: { web_search: anthropic.tools.webSearch_20250305({ maxUses: 2 }) },
  });
  expect((await searched.sources).map(({ sourceType }) => sourceType)).toContain('url');
  const ran = await generateText({
    model,
    maxRetries: 0,
    maxOutputTokens: 1_000,
    prompt: 'Describe the harbor',
    tools: { code_execution: anthropic.tools.codeExecution_20250825() },
  });
  expect(ran.text).toContain('The code printed: Describe harbor');
});
