import { beforeAll, describe, expect, test } from 'vitest';
import { collectedAnswer } from '../../../test/support/chat/collected-answer.ts';
import { eventsOf } from '../../../test/support/responses-stream.ts';
import { messagesClient } from '../../edge/anthropic/codec.ts';
import { geminiClient } from '../../edge/gemini/codec.ts';
import { chatClient } from '../../edge/openai/codec.ts';
import { VirtualClock } from '../../kernel/clock.ts';
import type { ChatAnswer } from '../../protocol/chat/answer.ts';
import type { ClientCodec, Loss } from '../../protocol/chat/codec.ts';
import { Simulator } from '../../sim/simulator.ts';
import { ask, ready } from '../../sim/testing.ts';
import { responsesProvider } from './codec.ts';

/*
 * Two turns with a provider that checks what it is sent: thoughts that it
 * sealed, what they led to, and results that belong to its calls.
 */

type Json = Readonly<Record<string, unknown>>;

const QUESTION = 'Compare the weather and the harbour of Genoa';
const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=';
const NAMES = ['get_weather', 'find_harbour'];
const parameters = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };

beforeAll(ready);

interface Turn {
  readonly sent: Json;
  readonly losses: readonly Loss[];
  /** As the client reads it. */
  readonly answer: Json;
}

function turn(simulator: Simulator, client: ClientCodec, request: Json, stream: boolean): Turn {
  const losses: Loss[] = [];
  const call = { ...client.readCall(request), stream, client: client.dialect };
  const traits = { model: 'sim-reasoner', maxTokensField: 'max_tokens', streamUsageOption: false } as const;
  const sent = responsesProvider.writeCall(call, traits, losses);
  const { status, text } = ask(simulator, sent, {}, '/v1/responses');
  expect(text, text.slice(0, 500)).toSatisfy(() => status === 200);
  const answer: ChatAnswer = stream
    ? collectedAnswer(eventsOf([Buffer.from(text)]))
    : responsesProvider.readAnswer(Buffer.from(text));
  expect(answer.usage?.reasoningTokens).toBeGreaterThan(0);
  const identity = { id: 'an-id', model: 'm', at: 0, usageWanted: true };
  return { sent, losses, answer: JSON.parse(client.writeAnswer(answer, identity).toString()) as Json };
}

function inputTypes({ sent }: Turn): unknown[] {
  return (sent['input'] as Json[]).map(({ type }) => type);
}

const SECOND_INPUT = [
  'message',
  'reasoning',
  'function_call',
  'function_call',
  'function_call_output',
  'function_call_output',
];

describe.each([false, true])('streamed: %s', (stream) => {
  test('a Messages client takes two turns with a picture, sealed thoughts and calls at once', () => {
    const simulator = new Simulator({ seed: 7, clock: new VirtualClock() });
    const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: PIXEL } };
    const asked = { role: 'user', content: [{ type: 'text', text: QUESTION }, image] };
    const settings = {
      model: 'm',
      max_tokens: 4_000,
      thinking: { type: 'enabled', budget_tokens: 1_024 },
      tools: NAMES.map((name) => ({ name, description: `${name} of a city`, input_schema: parameters })),
    };
    const first = turn(simulator, messagesClient, { ...settings, messages: [asked] }, stream);
    const content = first.answer['content'] as Json[];
    const [thought, ...calls] = content;
    expect(thought).toMatchObject({ type: 'thinking', signature: expect.stringMatching(/^leeward-unsigned:/) });
    expect(calls.map(({ name }) => name).sort()).toEqual([...NAMES].sort());
    const results = calls.map(({ id, name }) => ({
      type: 'tool_result',
      tool_use_id: id,
      content: [{ type: 'text', text: `result of ${String(name)}` }, image],
    }));
    const messages = [asked, { role: 'assistant', content }, { role: 'user', content: results }];
    const second = turn(simulator, messagesClient, { ...settings, messages }, stream);
    expect(inputTypes(second)).toEqual(SECOND_INPUT);
    expect(second.losses).toEqual([]);
    const said = JSON.stringify(second.answer['content']);
    for (const name of NAMES) expect(said).toContain(`result of ${name}`);
  });

  test('a Chat Completions client takes two turns, and gives the thoughts back as it got them', () => {
    const simulator = new Simulator({ seed: 7, clock: new VirtualClock() });
    const picture = { type: 'image_url', image_url: { url: `data:image/png;base64,${PIXEL}` } };
    const asked = { role: 'user', content: [{ type: 'text', text: QUESTION }, picture] };
    const settings = {
      model: 'm',
      max_completion_tokens: 4_000,
      reasoning_effort: 'low',
      tools: NAMES.map((name) => ({ type: 'function', function: { name, description: name, parameters } })),
    };
    const first = turn(simulator, chatClient, { ...settings, messages: [asked] }, stream);
    const [choice] = first.answer['choices'] as { message: Json }[];
    const said = choice?.message ?? {};
    const results = (said['tool_calls'] as { id: string; function: Json }[]).map((call) => ({
      role: 'tool',
      tool_call_id: call.id,
      content: `result of ${String(call.function['name'])}`,
    }));
    const second = turn(simulator, chatClient, { ...settings, messages: [asked, said, ...results] }, stream);
    expect(inputTypes(second)).toEqual(SECOND_INPUT);
    expect(second.losses).toEqual([]);
    for (const name of NAMES) expect(JSON.stringify(second.answer)).toContain(`result of ${name}`);
  });

  test('a Gemini client takes two turns, with thoughts signed and calls that it names by nothing but their order', () => {
    const simulator = new Simulator({ seed: 7, clock: new VirtualClock() });
    const asked = {
      role: 'user',
      parts: [{ text: QUESTION }, { inlineData: { mimeType: 'image/png', data: PIXEL } }],
    };
    const functionDeclarations = NAMES.map((name) => ({ name, description: name, parametersJsonSchema: parameters }));
    const settings = {
      model: 'm',
      tools: [{ functionDeclarations }],
      generationConfig: { maxOutputTokens: 4_000, thinkingConfig: { includeThoughts: true, thinkingLevel: 'low' } },
    };
    const first = turn(simulator, geminiClient, { ...settings, contents: [asked] }, stream);
    const [candidate] = first.answer['candidates'] as { content: { parts: Json[] } }[];
    const parts = candidate?.content.parts ?? [];
    expect(parts[0]).toMatchObject({ thought: true });
    const calls = parts.flatMap(({ functionCall }) => (functionCall === undefined ? [] : [functionCall as Json]));
    expect(calls.map(({ name }) => name).sort()).toEqual([...NAMES].sort());
    const responses = calls.map(({ id: _, name }) => ({
      functionResponse: { name, response: { output: `result of ${String(name)}` } },
    }));
    const contents = [asked, { role: 'model', parts: parts.map(withoutId) }, { role: 'user', parts: responses }];
    const second = turn(simulator, geminiClient, { ...settings, contents }, stream);
    expect(inputTypes(second)).toEqual(SECOND_INPUT);
    expect(second.losses).toEqual([]);
    for (const name of NAMES) expect(JSON.stringify(second.answer)).toContain(`result of ${name}`);
  });
});

/** As clients send calls back that know no ids. */
function withoutId(part: Json): Json {
  const { functionCall: call } = part;
  if (call === undefined) return part;
  const { id: _, ...named } = call as Json;
  return { ...part, functionCall: named };
}
