import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { VirtualClock } from '../../kernel/clock.ts';
import { Simulator, type SimulatorOptions } from '../simulator.ts';
import { ask, askStream, type ChatBody, ready } from '../testing.ts';
import { encode } from '../tokenizer.ts';

beforeAll(ready);

const hello: ChatBody = {
  model: 'sim-small',
  messages: [{ role: 'user', content: 'Describe the lighthouse of Genoa' }],
};

function simulator(options: Partial<SimulatorOptions> = {}) {
  return new Simulator({ seed: 7, clock: new VirtualClock(), ...options });
}

const weather = {
  type: 'function',
  function: {
    name: 'get_weather',
    description: 'The weather in a city',
    parameters: {
      type: 'object',
      properties: { city: { type: 'string' }, days: { type: 'integer', minimum: 1, maximum: 5 } },
      required: ['city', 'days'],
      additionalProperties: false,
    },
  },
};
const harbour = {
  type: 'function',
  function: { name: 'find_harbour', parameters: { type: 'object', properties: {} } },
};

describe('an answer that is not streamed', () => {
  test('has the shape of OpenAI and usage as the tokenizer counts it', () => {
    const { status, json } = ask(simulator(), hello);
    expect(status).toBe(200);
    const content = json.choices[0].message.content;
    expect(json).toEqual({
      id: expect.stringMatching(/^chatcmpl-[A-Za-z0-9]{29}$/),
      object: 'chat.completion',
      created: Date.UTC(2026, 0, 1) / 1_000,
      model: 'sim-small',
      choices: [
        {
          index: 0,
          message: {
            role: 'assistant',
            content: expect.stringContaining('lighthouse Genoa'),
            refusal: null,
            annotations: [],
          },
          logprobs: null,
          finish_reason: 'stop',
        },
      ],
      usage: {
        // 3 for the message, 1 for its role, 3 for the answer.
        prompt_tokens: 7 + encode('Describe the lighthouse of Genoa').length,
        completion_tokens: encode(content).length,
        total_tokens: 7 + encode('Describe the lighthouse of Genoa').length + encode(content).length,
        prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
        completion_tokens_details: {
          reasoning_tokens: 0,
          audio_tokens: 0,
          accepted_prediction_tokens: 0,
          rejected_prediction_tokens: 0,
        },
      },
      service_tier: 'default',
      system_fingerprint: expect.stringMatching(/^fp_[0-9a-f]{10}$/),
    });
    expect(encode(content).length).toBeGreaterThanOrEqual(40);
    expect(encode(content).length).toBeLessThanOrEqual(100);
  });

  test('stops at max_tokens, under either name, and says length', () => {
    for (const limit of [{ max_tokens: 9 }, { max_completion_tokens: 9 }]) {
      const { json } = ask(simulator(), { ...hello, ...limit });
      expect(json.choices[0].finish_reason).toBe('length');
      expect(json.usage.completion_tokens).toBe(9);
      expect(encode(json.choices[0].message.content)).toHaveLength(9);
    }
  });

  test('ends before a stop text, also one that spans tokens or cuts one, and says stop', () => {
    const whole = ask(simulator(), hello).json.choices[0].message.content as string;
    for (const [from, to] of [
      [30, 41],
      [33, 35],
      [0, 3],
      [50, 51],
    ] as const) {
      const stop = whole.slice(from, to);
      const { json } = ask(simulator(), { ...hello, stop: ['never there', stop] });
      const content = json.choices[0].message.content;
      expect(content).toBe(whole.slice(0, whole.indexOf(stop)));
      expect(json.choices[0].finish_reason).toBe('stop');
      expect(json.usage.completion_tokens).toBe(encode(content).length);
    }
    expect(ask(simulator(), { ...hello, stop: whole.slice(30, 41) }).json.choices[0].message.content).toBe(
      whole.slice(0, 30),
    );
  });

  test('gives n different choices and counts the tokens of all', () => {
    const { json } = ask(simulator(), { ...hello, n: 3 });
    const contents: string[] = json.choices.map((choice: { message: { content: string } }) => choice.message.content);
    expect(json.choices.map((choice: { index: number }) => choice.index)).toEqual([0, 1, 2]);
    expect(new Set(contents).size).toBe(3);
    expect(json.usage.completion_tokens).toBe(contents.reduce((sum, text) => sum + encode(text).length, 0));
  });

  test('shows what it thinks to who names an effort, streamed or not, and thinks nothing for none', () => {
    const body = { ...hello, model: 'sim-reasoner', reasoning_effort: 'low' };
    const { json } = ask(simulator(), body);
    const { message } = json.choices[0];
    const { reasoning_tokens } = json.usage.completion_tokens_details;
    expect(encode(message.reasoning_content).length).toBe(reasoning_tokens);
    expect(json.usage.completion_tokens).toBe(reasoning_tokens + encode(message.content).length);
    const one = simulator();
    const { chunks } = askStream(one, { ...body, stream_options: { include_usage: true } });
    const deltas = chunks.flatMap(({ choices }) => choices.map(({ delta }: { delta: object }) => delta));
    expect(deltas.map((delta) => delta.reasoning_content ?? '').join('')).toBe(message.reasoning_content);
    expect(deltas.map((delta) => delta.content ?? '').join('')).toBe(message.content);
    expect(chunks.at(-1).usage).toEqual(json.usage);
    expect(one.bill()[0]).toMatchObject({ reasoning_tokens, completion_tokens: json.usage.completion_tokens });
    const none = ask(simulator(), { ...body, reasoning_effort: 'none' }).json;
    expect(none.usage.completion_tokens_details.reasoning_tokens).toBe(0);
    expect(ask(simulator(), { ...hello, model: 'sim-reasoner' }).json.choices[0].message).not.toHaveProperty(
      'reasoning_content',
    );
  });

  test('answers what tools returned, also when a picture of theirs follows as a message of the user', () => {
    const call = (id: string) => ({ id, type: 'function', function: { name: 'get_weather', arguments: '{}' } });
    const picture = { type: 'image_url', image_url: { url: 'https://harbor.example/chart.png' } };
    const messages = [
      ...hello.messages,
      { role: 'assistant', tool_calls: [call('a'), call('b')] },
      { role: 'tool', tool_call_id: 'a', content: 'sunny' },
      { role: 'tool', tool_call_id: 'b', content: 'calm' },
      { role: 'user', content: [{ type: 'text', text: 'The picture of call b:' }, picture] },
    ];
    const { json } = ask(simulator(), { ...hello, messages, tools: [weather] });
    expect(json.choices[0].message.content).toMatch(
      /^The tool returned: sunny The tool returned: calm Looking at 1 file\. /,
    );
  });

  test('thinks first when the model reasons, and bills what it thought', () => {
    const { json } = ask(simulator(), { ...hello, model: 'sim-reasoner' });
    const { reasoning_tokens } = json.usage.completion_tokens_details;
    expect(reasoning_tokens).toBeGreaterThanOrEqual(64);
    expect(json.usage.completion_tokens).toBe(reasoning_tokens + encode(json.choices[0].message.content).length);
    const cut = ask(simulator(), { ...hello, model: 'sim-reasoner', max_completion_tokens: 10 }).json;
    expect(cut.choices[0]).toMatchObject({ finish_reason: 'length', message: { content: '' } });
    expect(cut.usage.completion_tokens).toBe(10);
    expect(cut.usage.completion_tokens_details.reasoning_tokens).toBe(10);
  });

  test('names log probabilities for each token when asked', () => {
    const { json } = ask(simulator(), { ...hello, max_tokens: 5, logprobs: true, top_logprobs: 3 });
    const { content } = json.choices[0].logprobs;
    expect(content.map((entry: { token: string }) => entry.token).join('')).toBe(json.choices[0].message.content);
    for (const entry of content) {
      expect(entry.logprob).toBeLessThanOrEqual(0);
      expect(Buffer.from(entry.bytes).toString()).toBe(entry.token);
      expect(entry.top_logprobs).toHaveLength(3);
      expect(entry.top_logprobs[0].token).toBe(entry.token);
    }
  });

  test('bills a long prompt that comes again as cached, in steps of 128', () => {
    const sim = simulator();
    const long = { ...hello, messages: [{ role: 'system', content: 'calm water '.repeat(800) }, ...hello.messages] };
    expect(ask(sim, long).json.usage.prompt_tokens_details.cached_tokens).toBe(0);
    const again = ask(sim, long).json.usage;
    expect(again.prompt_tokens_details.cached_tokens % 128).toBe(0);
    expect(again.prompt_tokens_details.cached_tokens).toBeGreaterThan(1_500);
    expect(again.prompt_tokens_details.cached_tokens).toBeLessThanOrEqual(again.prompt_tokens);
  });
});

describe('structured answers', () => {
  test('json_schema is obeyed', () => {
    const schema = weather.function.parameters;
    for (let seed = 0; seed < 30; seed++) {
      const format = { type: 'json_schema', json_schema: { name: 'w', strict: true, schema } };
      const { json } = ask(simulator(), { ...hello, seed, response_format: format });
      const content = json.choices[0].message.content;
      expect(z.fromJSONSchema(schema as never).safeParse(JSON.parse(content)).success, content).toBe(true);
      expect(json.usage.completion_tokens).toBe(encode(content).length);
    }
  });

  test('json_object gives an object, and is refused when nobody mentions json', () => {
    const format = { response_format: { type: 'json_object' } };
    const asking = { ...hello, messages: [{ role: 'user', content: 'Answer in JSON please' }] };
    expect(JSON.parse(ask(simulator(), { ...asking, ...format }).json.choices[0].message.content)).toBeTypeOf('object');
    const refused = ask(simulator(), { ...hello, ...format });
    expect(refused.status).toBe(400);
    expect(refused.json.error.message).toContain("must contain the word 'json'");
  });
});

describe('tools', () => {
  const body = {
    ...hello,
    messages: [{ role: 'user', content: 'What is the weather in Genoa?' }],
    tools: [weather, harbour],
  };

  test('the tool that fits is called, with arguments its schema accepts', () => {
    for (let seed = 0; seed < 30; seed++) {
      const { json } = ask(simulator(), { ...body, seed });
      const [choice] = json.choices;
      expect(choice.finish_reason).toBe('tool_calls');
      expect(choice.message.content).toBeNull();
      expect(choice.message.tool_calls).toHaveLength(1);
      const [call] = choice.message.tool_calls;
      expect(call).toMatchObject({
        type: 'function',
        id: expect.stringMatching(/^call_\w{24}$/),
        function: { name: 'get_weather' },
      });
      const accepted = z
        .fromJSONSchema(weather.function.parameters as never)
        .safeParse(JSON.parse(call.function.arguments));
      expect(accepted.success, call.function.arguments).toBe(true);
      expect(json.usage.completion_tokens).toBe(
        encode(call.function.name).length + encode(call.function.arguments).length,
      );
    }
  });

  test('several that fit are called at once, unless parallel calls are switched off', () => {
    const both = { ...body, messages: [{ role: 'user', content: 'weather at the harbour' }] };
    const names = (json: { choices: { message: { tool_calls: { function: { name: string } }[] } }[] }) =>
      json.choices[0]?.message.tool_calls.map((call) => call.function.name);
    expect(names(ask(simulator(), both).json)).toEqual(['get_weather', 'find_harbour']);
    expect(names(ask(simulator(), { ...both, parallel_tool_calls: false }).json)).toEqual(['get_weather']);
  });

  test('tool_choice decides: none gives text, a name gives that tool', () => {
    expect(ask(simulator(), { ...body, tool_choice: 'none' }).json.choices[0].message.tool_calls).toBeUndefined();
    const named = ask(simulator(), { ...body, tool_choice: { type: 'function', function: { name: 'find_harbour' } } });
    expect(named.json.choices[0].message.tool_calls[0].function.name).toBe('find_harbour');
    expect(named.json.choices[0].finish_reason).toBe('stop');
  });

  test('a tool result is answered with text that mentions it, unless a call is required', () => {
    const messages = [
      ...body.messages,
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: 'c1', type: 'function', function: { name: 'get_weather', arguments: '{}' } }],
      },
      { role: 'tool', tool_call_id: 'c1', content: '{"celsius": 21.5, "sky": "clear"}' },
    ];
    const { json } = ask(simulator(), { ...body, messages });
    expect(json.choices[0].message.content).toContain('{"celsius": 21.5, "sky": "clear"}');
    expect(json.usage.completion_tokens).toBe(encode(json.choices[0].message.content).length);
    const required = ask(simulator(), { ...body, messages, tool_choice: 'required' }).json;
    expect(required.choices[0].finish_reason).toBe('tool_calls');
  });

  test('arguments are cut at max_tokens and the answer says length', () => {
    const { json } = ask(simulator(), { ...body, max_tokens: 4 });
    expect(json.choices[0].finish_reason).toBe('length');
    expect(json.usage.completion_tokens).toBe(4);
  });
});

describe('a stream', () => {
  test('begins with the role, ends with finish reason, usage and [DONE]', () => {
    const { headers, events, chunks } = askStream(simulator(), { ...hello, stream_options: { include_usage: true } });
    expect(headers['content-type']).toBe('text/event-stream; charset=utf-8');
    expect(events.at(-1)).toBe('[DONE]');
    expect(chunks[0].choices[0].delta).toEqual({ role: 'assistant', content: '', refusal: null });
    expect(chunks.at(-2)).toMatchObject({ usage: null, choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] });
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { prompt_tokens: expect.any(Number) } });
    for (const chunk of chunks) {
      expect(chunk).toMatchObject({
        id: chunks[0].id,
        object: 'chat.completion.chunk',
        model: 'sim-small',
        created: chunks[0].created,
      });
    }
  });

  test('has no usage anywhere unless it is asked for', () => {
    for (const chunk of askStream(simulator(), hello).chunks) expect(chunk).not.toHaveProperty('usage');
  });

  test.each([
    ['text', {}],
    ['two choices with logprobs', { n: 2, logprobs: true, top_logprobs: 1 }],
    ['a stop text', { stop: ['. '] }],
    ['reasoning', { model: 'sim-reasoner' }],
    ['tool calls', { tools: [weather, harbour], tool_choice: 'required' as const }],
  ])('says the same as the answer that is not streamed: %s', (_name, extra) => {
    const body = { ...hello, ...extra };
    const whole = ask(simulator(), body).json;
    const { chunks } = askStream(simulator(), { ...body, stream_options: { include_usage: true } });
    const choices = whole.choices.map((choice: { index: number; message: { content: string | null } }) => {
      const deltas = chunks.flatMap((chunk) =>
        chunk.choices.filter((one: { index: number }) => one.index === choice.index),
      );
      const text = deltas.map((one) => one.delta.content ?? '').join('');
      const logprobs = deltas.flatMap((one) => one.logprobs?.content ?? []);
      const calls: { id: string; function: { name: string; arguments: string } }[] = [];
      for (const part of deltas.flatMap((one) => one.delta.tool_calls ?? [])) {
        calls[part.index] ??= { id: part.id, function: { name: part.function.name, arguments: '' } };
        const call = calls[part.index];
        if (call !== undefined) call.function.arguments += part.function.arguments;
      }
      return { text, logprobs, calls, finish: deltas.at(-1).finish_reason };
    });
    expect(choices).toEqual(
      whole.choices.map(
        (choice: {
          message: { content: string | null; tool_calls?: unknown[] };
          logprobs: { content: unknown[] } | null;
          finish_reason: string;
        }) => ({
          text: choice.message.content ?? '',
          logprobs: choice.logprobs?.content ?? [],
          calls: (choice.message.tool_calls ?? []).map((call) => {
            const { id, function: called } = call as { id: string; function: unknown };
            return { id, function: called };
          }),
          finish: choice.finish_reason,
        }),
      ),
    );
    expect(chunks.at(-1).usage).toEqual(whole.usage);
  });
});

describe('what is refused', () => {
  test.each([
    ['no messages', { model: 'sim-small' }, 400, 'messages', 'missing_required_parameter'],
    ['messages of the wrong type', { ...hello, messages: 'hi' }, 400, 'messages', 'invalid_type'],
    ['no message at all', { ...hello, messages: [] }, 400, 'messages', 'empty_array'],
    [
      'an unknown role',
      { ...hello, messages: [{ role: 'pirate', content: 'arr' }] },
      400,
      'messages[0].role',
      'invalid_value',
    ],
    ['a temperature of the wrong type', { ...hello, temperature: 'hot' }, 400, 'temperature', 'invalid_type'],
    ['a temperature out of range', { ...hello, temperature: 3 }, 400, 'temperature', 'decimal_above_max_value'],
    ['max_tokens of 0', { ...hello, max_tokens: 0 }, 400, 'max_tokens', 'integer_below_min_value'],
    ['max_tokens above the model', { ...hello, max_tokens: 999_999 }, 400, 'max_tokens', 'invalid_value'],
    [
      'both limits',
      { ...hello, max_tokens: 5, max_completion_tokens: 5 },
      400,
      'max_tokens',
      'invalid_parameter_combination',
    ],
    ['an unknown model', { ...hello, model: 'gpt-9' }, 404, null, 'model_not_found'],
    ['an embedding model', { ...hello, model: 'sim-embed' }, 404, 'model', null],
    [
      'a result without a call',
      { ...hello, messages: [{ role: 'tool', tool_call_id: 'x', content: 'y' }] },
      400,
      'messages.[0].role',
      null,
    ],
    ['stream_options without stream', { ...hello, stream_options: {} }, 400, 'stream_options', null],
    ['five stops', { ...hello, stop: ['a', 'b', 'c', 'd', 'e'] }, 400, 'stop', 'array_above_max_length'],
    [
      'a wrong tool name',
      { ...hello, tools: [{ type: 'function', function: { name: 'a b' } }] },
      400,
      'tools[0].function.name',
      'invalid_value',
    ],
  ])('%s', (_name, body, status, param, code) => {
    const sim = simulator();
    const refused = ask(sim, body);
    expect(refused.status).toBe(status);
    expect(refused.json).toEqual({
      error: { message: expect.any(String), type: 'invalid_request_error', param, code },
    });
    expect(sim.counts()).toMatchObject({ calls: 1, error: 1, active: 0, promptTokens: 0, completionTokens: 0 });
  });

  test('a body that is not JSON', () => {
    const refused = ask(simulator(), '{"model": ');
    expect(refused.status).toBe(400);
    expect(refused.json.error).toMatchObject({ type: 'invalid_request_error', param: null, code: null });
  });

  test('a prompt above the context window', () => {
    const messages = [{ role: 'user', content: 'word '.repeat(130_000) }];
    const refused = ask(simulator(), { ...hello, messages });
    expect(refused.status).toBe(400);
    expect(refused.json.error).toMatchObject({ code: 'context_length_exceeded', param: 'messages' });
    expect(refused.json.error.message).toMatch(/^This model's maximum context length is 128000 tokens\. However/);
  });

  test('a missing, an invalid and an unlisted key, where keys are asked for', () => {
    const sim = simulator({ requireKey: true });
    expect(ask(sim, hello).status).toBe(401);
    expect(ask(sim, hello, { authorization: 'Bearer invalid' }).json.error.code).toBe('invalid_api_key');
    expect(ask(sim, hello, { authorization: 'Bearer anything' }).status).toBe(200);
    const listed = simulator({ requireKey: ['sk-good'] });
    expect(ask(listed, hello, { authorization: 'Bearer sk-bad-and-long-enough' }).json.error.message).not.toContain(
      'bad-and',
    );
    expect(ask(listed, hello, { authorization: 'Bearer sk-good' }).status).toBe(200);
  });
});

test('the same seed and the same requests give the same bytes, another seed others', () => {
  const run = (seed: number) => {
    const sim = simulator({ seed });
    const bodies = [hello, { ...hello, stream: true }, { ...hello, tools: [weather] }, { ...hello, n: 2 }, hello];
    return bodies.map((body) => ask(sim, body).text);
  };
  expect(run(1)).toEqual(run(1));
  expect(run(1)).not.toEqual(run(2));
  const [first, , , , last] = run(1);
  expect(first).not.toBe(last);
});
