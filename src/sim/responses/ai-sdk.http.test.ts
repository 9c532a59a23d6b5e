import { createOpenAI } from '@ai-sdk/openai';
import { generateText, jsonSchema, stepCountIs, streamText, type ToolSet, tool } from 'ai';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../kernel/clock.ts';
import { type ServedSimulator, serveSimulator } from '../server.ts';
import { Simulator } from '../simulator.ts';

let simulator: Simulator;
let served: ServedSimulator;
let openai: ReturnType<typeof createOpenAI>;

beforeAll(async () => {
  simulator = new Simulator({ seed: 5, clock: systemClock });
  served = await serveSimulator({ simulator, host: '127.0.0.1', port: 0, clock: systemClock });
  openai = createOpenAI({ apiKey: 'sk-sim', baseURL: `http://127.0.0.1:${served.port}/v1` });
});

afterAll(async () => {
  await served.close();
  expect(simulator.counts().active).toBe(0);
});

const inputSchema = jsonSchema<{ city: string }>({
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
  additionalProperties: false,
});

test.each([true, false])('the strict client runs tools with thoughts over two turns, with store: %s', async (store) => {
  simulator.reset();
  const run = streamText({
    model: openai.responses('sim-reasoner'),
    maxRetries: 0,
    prompt: 'Compare the weather and the harbour of Genoa',
    providerOptions: {
      openai: {
        store,
        forceReasoning: true,
        reasoningEffort: 'low',
        reasoningSummary: 'detailed',
        ...(store ? {} : { include: ['reasoning.encrypted_content'] }),
      },
    },
    stopWhen: stepCountIs(2),
    tools: {
      get_weather: tool({ inputSchema, execute: () => 'sunny' }),
      find_harbour: tool({ inputSchema, execute: () => 'calm' }),
    },
  });
  const steps = await run.steps;
  expect(steps[0]?.toolCalls).toHaveLength(2);
  expect(steps[0]?.reasoning).toHaveLength(2);
  expect(await run.text).toContain('The tool returned: sunny The tool returned: calm');
  expect((await run.totalUsage).inputTokens).toBe(
    simulator.bill().reduce((sum, { prompt_tokens }) => sum + prompt_tokens, 0),
  );
});

const HOSTED: readonly (readonly [string, () => ToolSet, number])[] = [
  // What was searched is a source of its own beside what was cited.
  ['web_search', () => ({ web_search: openai.tools.webSearch() }), 2],
  ['file_search', () => ({ file_search: openai.tools.fileSearch({ vectorStoreIds: ['vs_1'] }) }), 1],
  ['code_interpreter', () => ({ code_interpreter: openai.tools.codeInterpreter() }), 0],
  [
    'mcp',
    () => ({
      mcp: openai.tools.mcp({ serverLabel: 'docs', serverUrl: 'https://docs.example', requireApproval: 'never' }),
    }),
    0,
  ],
  ['image_generation', () => ({ image_generation: openai.tools.imageGeneration({ partialImages: 2 }) }), 0],
];

test.each(HOSTED)('the strict client reads a run of %s, whole and streamed', async (name, toolsOf, sources) => {
  const settings = { model: openai.responses('sim-small'), maxRetries: 0, prompt: 'Describe the harbor' };
  const whole = await generateText({ ...settings, tools: toolsOf() });
  expect(whole.toolCalls).toMatchObject([{ toolName: expect.stringContaining(name), providerExecuted: true }]);
  expect(whole.toolResults).toHaveLength(1);
  const streamed = streamText({ ...settings, tools: toolsOf() });
  expect(await streamed.text).toBe(whole.text);
  expect(await streamed.sources).toHaveLength(whole.sources.length);
  expect(whole.sources).toHaveLength(sources);
});

test('the strict client runs a shell for the provider, streamed', async () => {
  const execute = () => ({
    output: [{ stdout: 'harbor', stderr: '', outcome: { type: 'exit' as const, exitCode: 0 } }],
  });
  const run = streamText({
    model: openai.responses('sim-small'),
    maxRetries: 0,
    prompt: 'Describe the harbor',
    stopWhen: stepCountIs(2),
    tools: { shell: openai.tools.shell({ execute }) },
  });
  expect(await run.text).toContain('The tool returned: [{"stdout":"harbor"');
});
