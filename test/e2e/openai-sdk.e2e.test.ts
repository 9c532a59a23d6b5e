import OpenAI from 'openai';
import { zodResponseFormat } from 'openai/helpers/zod';
import type { ChatCompletionChunk } from 'openai/resources/chat/completions';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { systemClock } from '../../src/kernel/clock.ts';
import { type ServedSimulator, serveSimulator } from '../../src/sim/server.ts';
import { Simulator } from '../../src/sim/simulator.ts';
import { ServedGateway } from './served-gateway.ts';

const UPSTREAM_KEY = 'sk-upstream-0123456789';

let simulator: Simulator;
let upstream: ServedSimulator;
let gateway: ServedGateway;
let client: OpenAI;

beforeAll(async () => {
  simulator = new Simulator({ seed: 1, clock: systemClock, requireKey: [UPSTREAM_KEY] });
  upstream = await serveSimulator({ simulator, host: '127.0.0.1', port: 0, clock: systemClock });
  gateway = await ServedGateway.start({
    env: { UPSTREAM_KEY },
    config: `
providers:
  up:
    preset: openai-compatible
    on_client_gone: abort
    base_url: http://127.0.0.1:${upstream.port}/v1
    api_key: \${env:UPSTREAM_KEY}
    prices: { sim-small: { input_usd_per_million: "0.15", output_usd_per_million: "0.60" } }
aliases: { fast: sim/sim-small }
routes:
  safe: { targets: [up/sim-small, sim/sim-small] }
  twice: { targets: [up/sim-small, up/sim-large] }
`,
  });
  client = new OpenAI({ apiKey: gateway.key, baseURL: gateway.baseURL, maxRetries: 0 });
});

afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  expect(simulator.counts().active).toBe(0);
  await upstream.close();
});

beforeEach(() => simulator.setFaults([]));

const messages = [{ role: 'user' as const, content: 'What is the weather in Genoa and the time in Oslo?' }];
const weather = {
  type: 'function' as const,
  function: {
    name: 'get_weather',
    description: 'The weather in a city',
    parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  },
};
const time = {
  type: 'function' as const,
  function: {
    name: 'read_time',
    parameters: { type: 'object', properties: { zone: { type: 'string' } }, required: ['zone'] },
  },
};

async function chunksOf(stream: AsyncIterable<ChatCompletionChunk>): Promise<ChatCompletionChunk[]> {
  const chunks: ChatCompletionChunk[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
}

/** The error a promise was rejected with; one that is not the SDK's fails. */
async function refusal(promise: Promise<unknown>): Promise<InstanceType<typeof OpenAI.APIError>> {
  const thrown: unknown = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (thrown instanceof OpenAI.APIError) return thrown;
  throw new Error('no APIError was thrown', { cause: thrown });
}

describe.each(['sim/sim-small', 'up/sim-small'])('chat over %s', (model) => {
  test('an answer has its text, its usage and a finish reason, and is recorded with the same usage and a price', async () => {
    const answer = await client.chat.completions.create({ model, messages });
    expect(answer.object).toBe('chat.completion');
    expect(answer.model).toBe('sim-small');
    expect(answer.choices).toHaveLength(1);
    expect(answer.choices[0]?.message.content).toContain('weather Genoa');
    expect(answer.choices[0]?.finish_reason).toBe('stop');
    const call = await gateway.call(answer._request_id);
    expect(call).toMatchObject({ status: 200, error: null, provider: model.split('/')[0], model: 'sim-small' });
    expect(call.usage).toMatchObject({
      input_tokens: answer.usage?.prompt_tokens,
      output_tokens: answer.usage?.completion_tokens,
    });
    const nano = (answer.usage?.prompt_tokens ?? 0) * 150 + (answer.usage?.completion_tokens ?? 0) * 600;
    expect(Number(call.cost?.amount)).toBeCloseTo(nano / 1e9, 12);
    expect(call.attempts).toMatchObject([{ outcome: 'ok', usage_source: 'provider' }]);
  });

  test('n, stop, max_tokens, logprobs and seed mean what they mean without a gateway', async () => {
    const two = await client.chat.completions.create({ model, messages, n: 2 });
    expect(two.choices.map((choice) => choice.index)).toEqual([0, 1]);
    expect(two.choices[0]?.message.content).not.toBe(two.choices[1]?.message.content);

    const whole = two.choices[0]?.message.content ?? '';
    const stop = whole.slice(20, 26);
    const stopped = await client.chat.completions.create({ model, messages, n: 2, stop });
    expect(stopped.choices[0]?.message.content).toBe(whole.slice(0, whole.indexOf(stop)));
    expect(stopped.choices[0]?.finish_reason).toBe('stop');

    const short = await client.chat.completions.create({ model, messages, max_tokens: 5 });
    expect(short.choices[0]?.finish_reason).toBe('length');
    expect(short.usage?.completion_tokens).toBe(5);

    const probable = await client.chat.completions.create({ model, messages, logprobs: true, top_logprobs: 3 });
    const [token] = probable.choices[0]?.logprobs?.content ?? [];
    expect(token?.top_logprobs).toHaveLength(3);
    expect(token?.logprob).toBeLessThanOrEqual(0);

    const seeded = () => client.chat.completions.create({ model, messages, seed: 11 });
    const [one, other] = await Promise.all([seeded(), seeded()]);
    expect(one.choices[0]?.message.content).toBe(other.choices[0]?.message.content);
    const plain = await client.chat.completions.create({ model, messages, seed: 12 });
    expect(plain.choices[0]?.message.content).not.toBe(one.choices[0]?.message.content);
  });

  test('a stream gives the same text as the whole answer, piece by piece', async () => {
    const whole = await client.chat.completions.create({ model, messages });
    const chunks = await chunksOf(await client.chat.completions.create({ model, messages, stream: true }));
    expect(chunks.length).toBeGreaterThan(10);
    expect(chunks[0]?.choices[0]?.delta.role).toBe('assistant');
    expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')).toBe(
      whole.choices[0]?.message.content,
    );
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe('stop');
    expect(new Set(chunks.map((chunk) => chunk.id)).size).toBe(1);
  });

  test('the usage chunk comes when it was asked for, and only then; it is recorded either way', async () => {
    const asked = await client.chat.completions
      .create({ model, messages, stream: true, stream_options: { include_usage: true } })
      .withResponse();
    const withUsage = await chunksOf(asked.data);
    const last = withUsage.at(-1);
    expect(last?.choices).toEqual([]);
    expect(last?.usage?.completion_tokens).toBeGreaterThan(10);

    const plain = await client.chat.completions.create({ model, messages, stream: true }).withResponse();
    const without = await chunksOf(plain.data);
    expect(without.filter((chunk) => chunk.choices.length === 0)).toEqual([]);
    expect(without.length).toBe(withUsage.length - 1);

    const declined = await client.chat.completions
      .create({ model, messages, stream: true, stream_options: { include_usage: false } })
      .withResponse();
    expect((await chunksOf(declined.data)).filter((chunk) => chunk.choices.length === 0)).toEqual([]);

    const expected = {
      input_tokens: last?.usage?.prompt_tokens,
      output_tokens: last?.usage?.completion_tokens,
    };
    for (const { request_id } of [asked, plain, declined]) {
      const call = await gateway.call(request_id);
      expect(call).toMatchObject({ stream: true, status: 200, usage: expected });
      expect(Number(call.cost?.amount)).toBeGreaterThan(0);
    }
  });

  test('the stream helper raises its events and puts the final message together', async () => {
    const seen: string[] = [];
    let text = '';
    const stream = client.chat.completions
      .stream({ model, messages })
      .on('connect', () => seen.push('connect'))
      .on('content', (delta) => {
        text += delta;
      })
      .on('content.done', () => seen.push('content.done'))
      .on('finalChatCompletion', () => seen.push('finalChatCompletion'))
      .on('end', () => seen.push('end'));
    const message = await stream.finalMessage();
    await stream.done();
    expect(message.content).toBe(text);
    expect(seen).toEqual(['connect', 'content.done', 'finalChatCompletion', 'end']);
  });

  test('tools are called as tool_choice says, whole and streamed', async () => {
    const tools = [weather, time];
    const namesOf = async (extra: Partial<OpenAI.ChatCompletionCreateParamsNonStreaming>) => {
      const answer = await client.chat.completions.create({ model, messages, tools, ...extra });
      const calls = answer.choices[0]?.message.tool_calls ?? [];
      return calls.map((call) => (call.type === 'function' ? call.function.name : call.type));
    };
    expect(await namesOf({})).toEqual(['get_weather', 'read_time']);
    expect(await namesOf({ parallel_tool_calls: false })).toHaveLength(1);
    expect(await namesOf({ tool_choice: 'required' })).not.toHaveLength(0);
    expect(await namesOf({ tool_choice: 'none' })).toEqual([]);
    const named = { type: 'function' as const, function: { name: 'read_time' } };
    expect(await namesOf({ tool_choice: named })).toEqual(['read_time']);

    const final = await client.chat.completions.stream({ model, messages, tools }).finalChatCompletion();
    expect(final.choices[0]?.finish_reason).toBe('tool_calls');
    const streamed = final.choices[0]?.message.tool_calls ?? [];
    expect(
      streamed.map((call) => call.type === 'function' && Object.keys(JSON.parse(call.function.arguments))),
    ).toEqual([['city'], ['zone']]);
    expect(new Set(streamed.map((call) => call.id)).size).toBe(2);
  });

  test('a second turn with the results of the tools is answered in words', async () => {
    const first = await client.chat.completions.create({ model, messages, tools: [weather] });
    const asked = first.choices[0]?.message;
    const call = asked?.tool_calls?.[0];
    if (asked === undefined || call === undefined) throw new Error('no tool was called');
    const second = await client.chat.completions.create({
      model,
      messages: [...messages, asked, { role: 'tool', tool_call_id: call.id, content: 'sunny, 21 degrees' }],
      tools: [weather],
    });
    expect(second.choices[0]?.message.content).toContain('sunny, 21 degrees');
  });

  test.each([false, true])('runTools goes round until there is an answer, stream %s', async (stream) => {
    const cities: string[] = [];
    const params = {
      model,
      messages,
      tools: [
        {
          type: 'function' as const,
          function: {
            name: 'get_weather',
            description: 'The weather in a city',
            parameters: weather.function.parameters,
            parse: (text: string) => z.object({ city: z.string() }).parse(JSON.parse(text)),
            function: ({ city }: { city: string }) => {
              cities.push(city);
              return 'sunny, 21 degrees';
            },
          },
        },
      ],
    };
    const runner = stream
      ? client.chat.completions.runTools({ ...params, stream: true })
      : client.chat.completions.runTools(params);
    expect(await runner.finalContent()).toContain('sunny, 21 degrees');
    expect(cities).toHaveLength(1);
    expect(runner.allChatCompletions()).toHaveLength(2);
  });

  test('a JSON schema is kept to, and parse() gives the value', async () => {
    const Trip = z.object({ city: z.string(), days: z.number().int(), tags: z.array(z.enum(['sea', 'hills'])) });
    const answer = await client.chat.completions.parse({
      model,
      messages,
      response_format: zodResponseFormat(Trip, 'trip'),
    });
    const parsed = answer.choices[0]?.message.parsed;
    expect(Trip.parse(parsed)).toEqual(parsed);
    const streamed = await client.chat.completions
      .stream({ model, messages, response_format: zodResponseFormat(Trip, 'trip') })
      .finalChatCompletion();
    expect(streamed.choices[0]?.message.parsed).toEqual(parsed);
  });

  test('legacy completions are answered whole and streamed', async () => {
    const answer = await client.completions.create({ model, prompt: 'Once upon a time', max_tokens: 12 });
    expect(answer.object).toBe('text_completion');
    expect(answer.choices[0]?.finish_reason).toBe('length');
    let text = '';
    const stream = await client.completions.create({ model, prompt: 'Once upon a time', max_tokens: 12, stream: true });
    for await (const chunk of stream) text += chunk.choices[0]?.text ?? '';
    expect(text).toBe(answer.choices[0]?.text);
  });

  test('embeddings come as floats and as base64, in the length that was asked for', async () => {
    const input = ['one fish', 'two fish'];
    const embedder = model.replace('sim-small', 'sim-embed');
    const plain = await client.embeddings.create({ model: embedder, input, encoding_format: 'float', dimensions: 16 });
    expect(plain.data.map((item) => item.embedding.length)).toEqual([16, 16]);
    // Without a format the SDK asks for base64 and decodes it to 32-bit floats.
    const decoded = await client.embeddings.create({ model: embedder, input, dimensions: 16 });
    expect(decoded.data[1]?.embedding).toEqual([...Float32Array.from(plain.data[1]?.embedding ?? [])]);
    const full = await client.embeddings.create({ model: embedder, input: 'one fish' });
    expect(full.data[0]?.embedding).toHaveLength(1536);
  });
});

describe('what the gateway adds', () => {
  test('models lists every name that a client can send', async () => {
    const ids: string[] = [];
    for await (const model of client.models.list()) ids.push(model.id);
    expect(ids).toEqual(
      expect.arrayContaining(['fast', 'route/safe', 'sim/sim-small', 'sim/sim-embed', 'up/sim-small']),
    );
    const answer = await client.chat.completions.create({ model: 'fast', messages, max_tokens: 3 });
    expect(answer.model).toBe('sim-small');
  });

  test('every answer carries the gateway’s own headers, on a stream all but the amounts', async () => {
    const whole = await client.chat.completions.create({ model: 'route/safe', messages, max_tokens: 4 }).withResponse();
    const leeward = (headers: Headers) =>
      Object.fromEntries([...headers].filter(([name]) => name.startsWith('x-leeward-')));
    const expected = {
      'x-leeward-request-id': expect.stringMatching(/^call_[0-9a-z]{26}$/),
      'x-leeward-model': 'sim-small',
      'x-leeward-provider': 'up',
      'x-leeward-route': 'safe',
      'x-leeward-route-reason': expect.stringContaining('fallback 1 of 2'),
      'x-leeward-attempts': '1',
      'x-leeward-cache': 'off',
      'x-leeward-warnings': 'none',
      'x-leeward-overhead-ms': expect.stringMatching(/^\d+\.\d\d$/),
    };
    expect(leeward(whole.response.headers)).toEqual({
      ...expected,
      'x-leeward-cost': expect.stringMatching(/^0\.0{4}\d+$/),
      'x-leeward-budget-remaining': 'unlimited',
    });
    expect(whole.request_id).toBe(whole.response.headers.get('x-leeward-request-id'));
    expect(whole.data).toHaveProperty('_request_id', whole.request_id);
    const call = await gateway.call(whole.request_id);
    expect(call.cost).toEqual({ currency: 'USD', amount: whole.response.headers.get('x-leeward-cost') });

    const streamed = await client.chat.completions
      .create({ model: 'route/safe', messages, max_tokens: 4, stream: true })
      .withResponse();
    expect(leeward(streamed.response.headers)).toEqual(expected);
    await chunksOf(streamed.data);
  });

  test('a fallback before the first byte is told in the headers and in the record', async () => {
    simulator.setFaults([{ fault: { kind: 'status', code: 503 } }]);
    const { request_id, response } = await client.chat.completions
      .create({ model: 'route/safe', messages, max_tokens: 4 })
      .withResponse();
    expect(response.headers.get('x-leeward-provider')).toBe('sim');
    expect(response.headers.get('x-leeward-attempts')).toBe('2');
    const call = await gateway.call(request_id);
    expect(call.attempts.map(({ provider, outcome }) => [provider, outcome])).toEqual([
      ['up', 'failed'],
      ['sim', 'ok'],
    ]);
  });
});

describe('errors as the SDK knows them', () => {
  test('a wrong key is an AuthenticationError with the code unauthenticated', async () => {
    const stranger = new OpenAI({ apiKey: 'lw_wrong', baseURL: gateway.baseURL, maxRetries: 0 });
    const error = await refusal(stranger.chat.completions.create({ model: 'sim/sim-small', messages }));
    expect(error).toBeInstanceOf(OpenAI.AuthenticationError);
    expect(error).toMatchObject({ status: 401, code: 'unauthenticated', type: 'authentication_error' });
    expect(error.requestID).toMatch(/^call_/);
    expect(error.message).not.toContain('lw_wrong');
  });

  test('an unknown model is a NotFoundError that suggests the nearest name', async () => {
    const error = await refusal(client.chat.completions.create({ model: 'sim/sim-smal', messages }));
    // What the provider does not know, the provider says; the gateway does not pretend to know its catalogue.
    expect(error).toBeInstanceOf(OpenAI.NotFoundError);
    const unknown = await refusal(client.chat.completions.create({ model: 'sin/sim-small', messages }));
    expect(unknown).toBeInstanceOf(OpenAI.NotFoundError);
    expect(unknown).toMatchObject({ code: 'no_route', param: 'model' });
    expect(unknown.message).toContain("Did you mean 'sim/sim-small'?");
    const route = await refusal(client.chat.completions.create({ model: 'route/saef', messages }));
    expect(route.message).toContain("Did you mean 'route/safe'?");
  });

  test('a bad request is a BadRequestError that names the parameter, ours and the provider’s alike', async () => {
    const ours = await refusal(
      client.chat.completions.create({ model: 'sim/sim-small', messages: 'hello' as unknown as [] }),
    );
    expect(ours).toBeInstanceOf(OpenAI.BadRequestError);
    expect(ours).toMatchObject({ code: 'invalid_request', param: 'messages' });
    for (const model of ['sim/sim-small', 'up/sim-small']) {
      const theirs = await refusal(client.chat.completions.create({ model, messages, temperature: 7 }));
      expect(theirs).toBeInstanceOf(OpenAI.BadRequestError);
      expect(theirs).toMatchObject({ param: 'temperature', type: 'invalid_request_error' });
    }
  });

  test('a prompt beyond the context is refused with context_length_exceeded', async () => {
    const long = [{ role: 'user' as const, content: 'word '.repeat(9_000) }];
    const error = await refusal(client.embeddings.create({ model: 'sim/sim-embed', input: long[0]?.content ?? '' }));
    expect(error).toBeInstanceOf(OpenAI.BadRequestError);
    const chat = await refusal(
      client.chat.completions.create({
        model: 'up/sim-small',
        messages: [{ role: 'user', content: 'word '.repeat(130_000) }],
      }),
    );
    expect(chat).toMatchObject({ status: 400, code: 'context_length_exceeded' });
  });

  test('an error inside a stream reaches the iterator as an APIError, and the record says failed', async () => {
    simulator.setFaults([{ fault: { kind: 'error-event', afterEvents: 4 } }]);
    const { data, request_id } = await client.chat.completions
      .create({ model: 'up/sim-small', messages, stream: true })
      .withResponse();
    await expect(chunksOf(data)).rejects.toBeInstanceOf(OpenAI.APIError);
    const call = await gateway.call(request_id);
    // Where the error is there before the first byte has left, the call is tried again first.
    expect(call.attempts.at(-1)).toMatchObject({ outcome: 'failed' });
    // The fallback is gone once a byte has been sent: by then it has, however busy the machine is.
    simulator.setFaults([{ fault: { kind: 'cut', afterEvents: 30 } }]);
    const cut = await client.chat.completions.create({ model: 'route/safe', messages, stream: true }).withResponse();
    await expect(chunksOf(cut.data)).rejects.toThrow(/before|closed|complete/);
    expect(await gateway.call(cut.request_id)).toMatchObject({
      error: 'stream_truncated',
      attempts: [{ provider: 'up', outcome: 'truncated' }],
    });
  });
});

describe('leaving and waiting', () => {
  test.each(['sim', 'up'])('an aborted stream over %s is recorded as cancelled within a second', async (provider) => {
    simulator.setFaults([{ fault: { kind: 'endless', of: 'tokens', intervalMs: 5 } }]);
    const model = provider === 'up' ? 'up/sim-small' : 'sim/sim-slow';
    const { data, request_id } = await client.chat.completions.create({ model, messages, stream: true }).withResponse();
    for await (const chunk of data) {
      if (chunk.choices[0]?.delta.content) break;
    }
    data.controller.abort();
    const call = await gateway.call(request_id, 1_000);
    expect(call).toMatchObject({ error: 'client_closed', attempts: [{ outcome: 'cancelled' }] });
    if (provider === 'up') {
      await expect.poll(() => simulator.counts().active, { timeout: 1_000 }).toBe(0);
      expect(simulator.calls().at(-1)?.outcome).toBe('cancelled');
    }
  });

  test('an aborted call that is not streamed is cancelled too', async () => {
    simulator.setFaults([{ fault: { kind: 'stall' } }]);
    const abort = new AbortController();
    const call = client.chat.completions.create({ model: 'up/sim-small', messages }, { signal: abort.signal });
    const refused = expect(call).rejects.toBeInstanceOf(OpenAI.APIUserAbortError);
    await expect.poll(() => simulator.counts().active).toBe(1);
    abort.abort();
    await refused;
    await expect.poll(() => simulator.counts().active, { timeout: 1_000 }).toBe(0);
  });

  test('the SDK’s own timeout ends a call on both sides', async () => {
    simulator.setFaults([{ fault: { kind: 'stall' } }]);
    const call = client.chat.completions.create({ model: 'up/sim-small', messages }, { timeout: 150 });
    await expect(call).rejects.toBeInstanceOf(OpenAI.APIConnectionTimeoutError);
    await expect.poll(() => simulator.counts().active, { timeout: 1_000 }).toBe(0);
  });

  test('an SDK’s timeout is about the answer’s beginning: a stream that has begun may take longer', async () => {
    simulator.setFaults([{ fault: { kind: 'endless', of: 'tokens', intervalMs: 20 } }]);
    const stream = await client.chat.completions.create(
      { model: 'up/sim-small', messages, stream: true },
      { timeout: 1_000 },
    );
    const endMs = performance.now() + 1_500;
    for await (const chunk of stream) {
      expect(chunk.object).toBe('chat.completion.chunk');
      if (performance.now() > endMs) break;
    }
    expect(performance.now()).toBeGreaterThan(endMs);
  });
});

describe('retries by the SDK', () => {
  const patient = () => client.withOptions({ maxRetries: 2 });

  test.each([
    [429, 'seconds'],
    [503, 'date'],
  ] as const)('a %s with Retry-After in %s is tried again after that time', async (code, as) => {
    // A date has whole seconds: of two at least one is left.
    const ms = as === 'date' ? 2_000 : 1_000;
    simulator.setFaults([{ times: 1, fault: { kind: 'status', code, retryAfter: { ms, as } } }]);
    const before = simulator.counts().calls;
    const startedMs = performance.now();
    const answer = await patient().chat.completions.create({ model: 'up/sim-small', messages, max_tokens: 3 });
    expect(answer.choices[0]?.finish_reason).toBe('length');
    expect(simulator.counts().calls - before).toBe(2);
    expect(performance.now() - startedMs).toBeGreaterThan(950);
    expect(performance.now() - startedMs).toBeLessThan(10_000);
  });

  test('without retries left the SDK’s error carries status and Retry-After', async () => {
    simulator.setFaults([{ fault: { kind: 'status', code: 429, retryAfter: { ms: 7_000, as: 'seconds' } } }]);
    const error = await refusal(client.chat.completions.create({ model: 'up/sim-small', messages }));
    expect(error).toBeInstanceOf(OpenAI.RateLimitError);
    expect(error.headers?.get('retry-after')).toBe('7');
  });

  test('what the gateway has already tried elsewhere is not multiplied by the SDK', async () => {
    simulator.setFaults([{ fault: { kind: 'status', code: 503 } }]);
    const before = simulator.counts().calls;
    const error = await refusal(patient().chat.completions.create({ model: 'route/twice', messages }));
    expect(error.status).toBe(503);
    expect(error.headers?.get('x-should-retry')).toBe('false');
    // Each target once, and the last one again after a moment.
    expect(simulator.counts().calls - before).toBe(3);
  });
});
