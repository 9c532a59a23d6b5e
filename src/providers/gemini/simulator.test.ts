import { beforeAll, describe, expect, test } from 'vitest';
import { collectedAnswer } from '../../../test/support/chat/collected-answer.ts';
import { eventsOf } from '../../../test/support/messages-stream.ts';
import { messagesClient } from '../../edge/anthropic/codec.ts';
import { chatClient } from '../../edge/openai/codec.ts';
import { responsesClient } from '../../edge/responses/codec.ts';
import { VirtualClock } from '../../kernel/clock.ts';
import type { ClientCodec, Loss } from '../../protocol/chat/codec.ts';
import { Simulator } from '../../sim/simulator.ts';
import { ask, ready } from '../../sim/testing.ts';
import { geminiProvider } from './codec.ts';

/*
 * Two turns with a provider that checks what it is sent: signatures that it
 * made, on the calls that it made them for, and as many results as calls.
 */

type Json = Readonly<Record<string, unknown>>;

const MODEL = 'sim-reasoner';
const QUESTION = 'Compare the weather and the harbour of Genoa';
const NAMES = ['get_weather', 'find_harbour'];
const parameters = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };

beforeAll(ready);

interface Turn {
  readonly sent: string;
  readonly losses: readonly Loss[];
  /** As the client reads it. */
  readonly answer: Json;
}

function turn(simulator: Simulator, client: ClientCodec, request: Json, stream: boolean): Turn {
  const losses: Loss[] = [];
  const call = { ...client.readCall({ ...request, stream }), client: client.dialect };
  const traits = { model: MODEL, maxTokensField: 'max_tokens', streamUsageOption: false } as const;
  const sent = JSON.stringify(geminiProvider.writeCall(call, traits, losses));
  const path = (stream ? geminiProvider.streamPath : geminiProvider.upstreamPath) ?? '';
  const { status, text } = ask(simulator, sent, {}, `/v1beta${path.replace('{model}', MODEL)}`);
  expect(status, text.slice(0, 500)).toBe(200);
  const reader = geminiProvider.streamReader({ eventBytesMax: 1_000_000 });
  const answer = stream
    ? collectedAnswer(eventsOf([Buffer.from(text)], reader))
    : geminiProvider.readAnswer(Buffer.from(text));
  expect(answer.usage?.reasoningTokens).toBeGreaterThan(0);
  const identity = { id: 'an-id', model: 'm', at: 0, usageWanted: true, echo: request };
  return { sent, losses, answer: JSON.parse(client.writeAnswer(answer, identity).toString()) as Json };
}

/** How each client asks, and what it sends back with the results: here in another order than that of the calls. */
interface Speaker {
  readonly client: ClientCodec;
  readonly request: Json;
  next(request: Json, answer: Json): Json;
}

const resultOf = (name: unknown) => `result of ${String(name)}`;

const chat: Speaker = {
  client: chatClient,
  request: {
    model: 'm',
    messages: [
      { role: 'system', content: 'be brief' },
      { role: 'user', content: QUESTION },
    ],
    reasoning_effort: 'low',
    tools: NAMES.map((name) => ({ type: 'function', function: { name, parameters } })),
  },
  next(request, answer) {
    const [choice] = answer['choices'] as { message: Json }[];
    const calls = choice?.message['tool_calls'] as { id: string; function: Json }[];
    const results = calls.map((call) => ({
      role: 'tool',
      tool_call_id: call.id,
      content: resultOf(call.function['name']),
    }));
    return { ...request, messages: [...(request['messages'] as Json[]), choice?.message, ...results.reverse()] };
  },
};

const messages: Speaker = {
  client: messagesClient,
  request: {
    model: 'm',
    max_tokens: 4_000,
    system: 'be brief',
    thinking: { type: 'enabled', budget_tokens: 1_024 },
    messages: [{ role: 'user', content: QUESTION }],
    tools: NAMES.map((name) => ({ name, input_schema: parameters })),
  },
  next(request, answer) {
    const content = answer['content'] as Json[];
    const results = content
      .filter(({ type }) => type === 'tool_use')
      .map(({ id, name }) => ({ type: 'tool_result', tool_use_id: id, content: resultOf(name) }));
    const turns = [
      { role: 'assistant', content },
      { role: 'user', content: results.reverse() },
    ];
    return { ...request, messages: [...(request['messages'] as Json[]), ...turns] };
  },
};

const responses: Speaker = {
  client: responsesClient,
  request: {
    model: 'm',
    instructions: 'be brief',
    reasoning: { effort: 'low', summary: 'auto' },
    input: [{ role: 'user', content: QUESTION }],
    tools: NAMES.map((name) => ({ type: 'function', name, parameters, strict: false })),
  },
  next(request, answer) {
    const output = answer['output'] as Json[];
    const results = output
      .filter(({ type }) => type === 'function_call')
      .map(({ call_id, name }) => ({ type: 'function_call_output', call_id, output: resultOf(name) }));
    return { ...request, input: [...(request['input'] as Json[]), ...output, ...results.reverse()] };
  },
};

describe.each([
  ['Chat Completions', chat],
  ['Messages', messages],
  ['Responses', responses],
] as const)('a client of %s', (_name, { client, request, next }) => {
  test.each([false, true])('takes two turns with signed calls at once, streamed: %s', (stream) => {
    const simulator = new Simulator({ seed: 7, clock: new VirtualClock() });
    const first = turn(simulator, client, request, stream);
    const second = turn(simulator, client, next(request, first.answer), stream);
    expect(second.sent).toContain('"thoughtSignature":"');
    expect(second.sent).not.toContain('skip_thought_signature_validator');
    expect([...first.losses, ...second.losses]).toEqual([]);
    for (const name of NAMES) expect(JSON.stringify(second.answer)).toContain(resultOf(name));
  });

  test('goes on where its client has lost the signatures', () => {
    const simulator = new Simulator({ seed: 7, clock: new VirtualClock() });
    const first = turn(simulator, client, request, false);
    const again = next(request, JSON.parse(JSON.stringify(first.answer, withoutSeals)) as Json);
    expect(turn(simulator, client, again, false).sent).toContain('skip_thought_signature_validator');
  });
});

const SEALS: ReadonlySet<string> = new Set(['extra_content', 'reasoning_details', 'encrypted_content']);

function withoutSeals(name: string, value: unknown): unknown {
  if (SEALS.has(name)) return undefined;
  return Array.isArray(value) ? value.filter((each) => (each as Json | null)?.['type'] !== 'thinking') : value;
}
