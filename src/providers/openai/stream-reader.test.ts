import { describe, expect, test } from 'vitest';
import { collectedAnswer } from '../../../test/support/chat/collected-answer.ts';
import type { StreamEvent } from '../../protocol/chat/answer.ts';
import type { ContentPart } from '../../protocol/chat/content.ts';
import { chatProvider } from './codec.ts';

type Json = Readonly<Record<string, unknown>>;

const HEAD = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 7, model: 'm' };

function chunk(delta: Json, more: Json = {}): Json {
  return { ...HEAD, choices: [{ index: 0, delta, finish_reason: null, ...more }] };
}

function call(index: number | undefined, body: Json): Json {
  return chunk({ tool_calls: [{ ...(index === undefined ? {} : { index }), ...body }] });
}

const fn = (name: string | undefined, text?: string) => ({
  type: 'function',
  function: { ...(name === undefined ? {} : { name }), ...(text === undefined ? {} : { arguments: text }) },
});

const finish = (reason: string) => chunk({}, { finish_reason: reason });

function bytesOf(chunks: readonly (Json | string)[], done = true): Buffer {
  const events = chunks.map((each) => (typeof each === 'string' ? each : `data: ${JSON.stringify(each)}\n\n`));
  return Buffer.from(events.join('') + (done ? 'data: [DONE]\n\n' : ''));
}

function read(...parts: readonly Buffer[]): StreamEvent[] {
  const reader = chatProvider.streamReader({ eventBytesMax: 100_000 });
  const events = parts.flatMap((part) => reader.push(part));
  const last = reader.finish();
  expect(reader.heldBytes).toBe(0);
  return [...events, ...last];
}

function answered(...chunks: readonly (Json | string)[]) {
  return collectedAnswer(read(bytesOf(chunks)));
}

function partsOf(...chunks: readonly (Json | string)[]): readonly ContentPart[] {
  return answered(...chunks).choices[0]?.parts ?? [];
}

describe('tool calls', () => {
  const weather = { type: 'tool-call', kind: 'function', name: 'weather' };

  test('come in pieces that belong together by their index, in turns too', () => {
    const parts = partsOf(
      call(0, { id: 'a', ...fn('weather', '') }),
      call(1, { id: 'b', ...fn('weather', '{"x"') }),
      call(0, fn(undefined, '{}')),
      call(1, fn(undefined, ':1}')),
      finish('tool_calls'),
    );
    expect(parts).toEqual([
      { ...weather, id: 'a', arguments: '{}' },
      { ...weather, id: 'b', arguments: '{"x":1}' },
    ]);
  });

  test('repeat id and name in each piece without becoming more calls', () => {
    const piece = (text: string) => call(0, { id: 'a', ...fn('weather', text) });
    expect(partsOf(piece('{'), piece('}'), finish('tool_calls'))).toEqual([{ ...weather, id: 'a', arguments: '{}' }]);
  });

  test('are several where each has index 0 and a new id', () => {
    const parts = partsOf(
      call(0, { id: 'a', ...fn('weather', '{"n":1}') }),
      call(0, { id: 'b', ...fn('weather', '{"n"') }),
      call(0, fn(undefined, ':2}')),
      finish('tool_calls'),
    );
    expect(parts).toEqual([
      { ...weather, id: 'a', arguments: '{"n":1}' },
      { ...weather, id: 'b', arguments: '{"n":2}' },
    ]);
  });

  test('without an id get one that is the same each time and differs between answers', () => {
    const [first, second] = partsOf(call(0, fn('weather', '{}')), call(1, fn('weather', '{}')), finish('tool_calls'));
    expect([first, second]).toEqual([
      { ...weather, id: 'call_0_chatcmpl-1', arguments: '{}' },
      { ...weather, id: 'call_1_chatcmpl-1', arguments: '{}' },
    ]);
  });

  test('have the whole names of the tools that were asked for, where those were too long to be sent', () => {
    const whole = `mcp__${'long_'.repeat(15)}search`;
    const sent = chatProvider.writeCall(
      { model: 'm', stream: true, messages: [], sampling: {}, tools: [{ type: 'function', name: whole }] },
      { model: 'm', maxTokensField: 'max_tokens', streamUsageOption: false },
      [],
    ) as { tools: { function: { name: string } }[] };
    const name = sent.tools[0]?.function.name ?? '';
    expect(name).toMatch(/^mcp__long_.{45}_[0-9a-f]{8}$/);
    const options = { eventBytesMax: 100_000, longNames: new Set([whole]) };
    const reader = chatProvider.streamReader(options);
    const events = [
      ...reader.push(bytesOf([call(0, { id: 'a', ...fn(name, '{}') }), finish('tool_calls')])),
      ...reader.finish(),
    ];
    expect(collectedAnswer(events).choices[0]?.parts).toMatchObject([{ name: whole }]);
    const message = { role: 'assistant', content: null, tool_calls: [{ id: 'a', ...fn(name, '{}') }] };
    const body = Buffer.from(JSON.stringify({ choices: [{ index: 0, message, finish_reason: 'tool_calls' }] }));
    expect(chatProvider.readAnswer(body, options).choices[0]?.parts).toMatchObject([{ name: whole }]);
  });

  test('without an index begin with each name', () => {
    const parts = partsOf(
      call(undefined, { id: 'a', ...fn('weather', '{') }),
      call(undefined, fn(undefined, '}')),
      call(undefined, { id: 'b', ...fn('weather', '{}') }),
      finish('tool_calls'),
    );
    expect(parts).toMatchObject([
      { id: 'a', arguments: '{}' },
      { id: 'b', arguments: '{}' },
    ]);
  });

  test('may have their name after their first arguments', () => {
    const parts = partsOf(
      call(0, { id: 'a', ...fn(undefined, '{"x"') }),
      call(0, fn('weather', ':1}')),
      finish('tool_calls'),
    );
    expect(parts).toEqual([{ ...weather, id: 'a', arguments: '{"x":1}' }]);
  });

  test('end what was said before them, and what is said after them is another part', () => {
    const parts = partsOf(
      chunk({ role: 'assistant', content: 'before' }),
      call(0, { id: 'a', ...fn('weather', '{}') }),
      chunk({ content: 'after' }),
      finish('tool_calls'),
    );
    expect(parts.map(({ type }) => type)).toEqual(['text', 'tool-call', 'text']);
  });

  test('go on while a sealed thought comes between their pieces', () => {
    const sealed = { type: 'reasoning.encrypted', data: 'abc', format: 'google-gemini-v1', index: 0 };
    const parts = partsOf(
      call(0, { id: 'a', ...fn('weather', '{') }),
      chunk({ reasoning_details: [sealed] }),
      call(0, fn(undefined, '}')),
      finish('tool_calls'),
    );
    expect(parts).toEqual([
      { ...weather, id: 'a', arguments: '{}' },
      { type: 'reasoning', encrypted: { value: 'abc', dialect: 'gemini' } },
    ]);
  });

  test('go on while line ends come between their pieces', () => {
    const parts = partsOf(
      call(0, { id: 'a', ...fn('weather', '{') }),
      chunk({ content: '\n\n' }),
      call(0, fn(undefined, '}')),
      chunk({ content: 'after' }),
      finish('tool_calls'),
    );
    expect(parts).toEqual([
      { ...weather, id: 'a', arguments: '{}' },
      { type: 'text', text: '\n\nafter' },
    ]);
  });

  test('that go on after another text are not put together', () => {
    const torn = bytesOf([
      call(0, { id: 'a', ...fn('weather', '{') }),
      chunk({ content: 'between' }),
      call(0, fn(undefined, '}')),
    ]);
    expect(read(torn).at(-1)).toMatchObject({ type: 'answer-error', error: { code: 'upstream_error' } });
  });

  test('are read in the older form of one function, and in the form of plain text', () => {
    const older = partsOf(
      chunk({ function_call: { name: 'weather', arguments: '' } }),
      chunk({ function_call: { arguments: '{}' } }),
      finish('function_call'),
    );
    expect(older).toEqual([{ ...weather, id: 'call_0_chatcmpl-1', arguments: '{}' }]);
    const custom = partsOf(
      call(0, { id: 'a', type: 'custom', custom: { name: 'sql', input: 'select' } }),
      call(0, { custom: { input: ' 1' } }),
      finish('tool_calls'),
    );
    expect(custom).toEqual([{ type: 'tool-call', kind: 'custom', id: 'a', name: 'sql', arguments: 'select 1' }]);
  });

  test('say why the answer ended where the provider says no more than stop', () => {
    const answer = answered(call(0, { id: 'a', ...fn('weather', '{}') }), finish('stop'));
    expect(answer.choices[0]?.finish).toEqual({ reason: 'tool-calls', said: 'stop' });
  });

  test('without a name are none', () => {
    expect(() => answered(call(0, { id: 'a', ...fn(undefined, '{}') }), finish('tool_calls'))).toThrow('has no name');
  });
});

describe('thoughts', () => {
  test.each(['reasoning_content', 'reasoning'])('under the name %s end where the text begins', (name) => {
    const parts = partsOf(
      chunk({ [name]: 'h', content: '' }),
      chunk({ [name]: 'm' }),
      chunk({ content: 'Hi' }),
      finish('stop'),
    );
    expect(parts).toEqual([
      { type: 'reasoning', text: 'hm' },
      { type: 'text', text: 'Hi' },
    ]);
  });

  test('with details are told once, and keep the signature that comes after them', () => {
    const detail = (more: Json) => ({ type: 'reasoning.text', format: 'anthropic-claude-v1', index: 0, ...more });
    const parts = partsOf(
      chunk({ reasoning: 'h', reasoning_details: [detail({ text: 'h', signature: '' })] }),
      chunk({ reasoning: 'm', reasoning_details: [detail({ text: 'm' })] }),
      chunk({ content: '', reasoning_details: [detail({ signature: 'c2ln' })] }),
      chunk({
        reasoning_details: [{ type: 'reasoning.encrypted', data: 'zzz', format: 'anthropic-claude-v1', index: 1 }],
      }),
      finish('stop'),
    );
    expect(parts).toEqual([
      { type: 'reasoning', text: 'hm', signature: { value: 'c2ln', dialect: 'anthropic-messages' } },
      { type: 'redacted-reasoning', data: { value: 'zzz', dialect: 'anthropic-messages' } },
    ]);
  });

  test('in plain pieces that end in one whole detail are told once, with its signature', () => {
    const detail = { type: 'reasoning.text', text: 'hm', index: 0, signature: 'c2ln', format: 'anthropic-claude-v1' };
    const parts = partsOf(
      chunk({ reasoning_content: 'h' }),
      chunk({ reasoning_content: 'm' }),
      chunk({ reasoning_details: [detail] }),
      chunk({ reasoning_content: 'and more' }),
      finish('stop'),
    );
    expect(parts).toEqual([
      { type: 'reasoning', text: 'hm', signature: { value: 'c2ln', dialect: 'anthropic-messages' } },
      { type: 'reasoning', text: 'and more' },
    ]);
  });

  test("in Mistral's parts are told apart from the text", () => {
    const parts = partsOf(
      chunk({ content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'hm' }] }] }),
      chunk({ content: [{ type: 'text', text: 'Hi' }] }),
      chunk({ content: '!' }),
      finish('stop'),
    );
    expect(parts).toEqual([
      { type: 'reasoning', text: 'hm' },
      { type: 'text', text: 'Hi!' },
    ]);
  });
});

describe('usage', () => {
  const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 };
  const counted = { inputTokens: 3, outputTokens: 2 };
  const said = chunk({ content: 'Hi' });

  test.each([
    ['in a chunk of its own', [said, finish('stop'), { ...HEAD, choices: [], usage }]],
    ['in the last chunk of the choice', [said, { ...finish('stop'), usage }]],
    ['in the choice', [said, chunk({}, { finish_reason: 'stop', usage })]],
    ['under the name of Groq', [said, { ...finish('stop'), x_groq: { usage } }]],
    [
      'in every chunk',
      [
        { ...said, usage: { ...usage, completion_tokens: 1 } },
        { ...finish('stop'), usage },
      ],
    ],
  ])('is read %s', (_, chunks) => {
    expect(answered(...chunks).usage).toEqual(counted);
  });

  test('is read after the end too', () => {
    const events = read(bytesOf([said, finish('stop'), 'data: [DONE]\n\n', { ...HEAD, choices: [], usage }], false));
    expect(collectedAnswer(events).usage).toEqual(counted);
  });
});

describe('what else providers send', () => {
  test('comments are signs of life', () => {
    expect(read(bytesOf([': OPENROUTER PROCESSING\n\n', chunk({ content: 'Hi' }), finish('stop')]))[0]).toEqual({
      type: 'ping',
    });
  });

  test("Azure's filter results come before the answer and stay with it", () => {
    const { id, model, rest } = answered(
      { choices: [], created: 0, id: '', model: '', object: '', prompt_filter_results: [1] },
      chunk({ content: 'Hi' }, { content_filter_results: { hate: 1 } }),
      finish('stop'),
    );
    expect({ id, model, rest }).toEqual({
      id: 'chatcmpl-1',
      model: 'm',
      rest: { dialect: 'openai-chat', fields: { prompt_filter_results: [1] } },
    });
  });

  test('choices are told apart, and each says why it ended', () => {
    const second = (delta: Json, reason: string | null) => ({
      ...HEAD,
      choices: [{ index: 1, delta, finish_reason: reason }],
    });
    const answer = answered(
      second({ content: 'B' }, null),
      chunk({ content: 'A' }),
      second({}, 'length'),
      finish('stop'),
    );
    expect(answer.choices).toMatchObject([
      { index: 0, parts: [{ text: 'A' }], finish: { reason: 'stop' } },
      { index: 1, parts: [{ text: 'B' }], finish: { reason: 'length' } },
    ]);
  });

  test('a reason that is given twice is told once', () => {
    const twice = read(bytesOf([chunk({ content: 'Hi' }), finish('stop'), finish('stop')]));
    expect(twice.filter(({ type }) => type === 'choice-finish')).toHaveLength(1);
  });

  test('a refusal, probabilities, sound, pictures, pages', () => {
    const token = { token: 'H', logprob: -0.5, bytes: [72], top_logprobs: [] };
    const answer = answered(
      chunk({ content: 'H' }, { logprobs: { content: [token], refusal: null } }),
      chunk({
        annotations: [
          {
            type: 'url_citation',
            url_citation: { url: 'https://a.example', title: 'A', start_index: 0, end_index: 1 },
          },
        ],
      }),
      chunk({ refusal: 'No' }),
      chunk({ images: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } }] }),
      chunk({ audio: { id: 's', data: 'AA', transcript: 'o' } }),
      chunk({ audio: { data: 'BB', transcript: 'h', expires_at: 9 } }),
      { ...finish('stop'), search_results: [{ url: 'https://b.example', title: 'B' }] },
    );
    const [choice] = answer.choices;
    expect(choice?.logprobs).toEqual([{ token: 'H', logprob: -0.5, bytes: [72], top: [] }]);
    expect(choice?.finish).toEqual({ reason: 'refusal', said: 'stop' });
    expect(choice?.parts).toMatchObject([
      { type: 'text', text: 'H', citations: [{ kind: 'web', url: 'https://a.example', textStart: 0, textEnd: 1 }] },
      { type: 'refusal', text: 'No' },
      { type: 'image', source: { kind: 'bytes', mediaType: 'image/png' } },
      { type: 'text', text: '', citations: [{ kind: 'web', url: 'https://b.example' }] },
      { type: 'audio', source: { kind: 'bytes', base64: 'AABB' }, transcript: 'oh', expiresAt: 9 },
    ]);
  });
});

describe('the end of a stream', () => {
  const types = (bytes: Buffer) => read(bytes).map(({ type }) => type);

  test('needs no [DONE] once every choice has said why it ended', () => {
    expect(types(bytesOf([chunk({ content: 'Hi' }), finish('stop')], false)).at(-1)).toBe('answer-end');
  });

  test('needs no blank line after its last event, but all of that event', () => {
    const bytes = bytesOf([chunk({ content: 'Hi' }), finish('stop')], false);
    expect(types(bytes.subarray(0, -2)).at(-1)).toBe('answer-end');
    expect(types(bytes.subarray(0, -3))).not.toContain('answer-end');
  });

  test('does not come without a reason', () => {
    expect(types(bytesOf([chunk({ content: 'Hi' })], false))).not.toContain('answer-end');
    expect(types(Buffer.alloc(0))).toEqual([]);
  });

  test('with [DONE] and nothing before it is no answer', () => {
    expect(() => read(bytesOf([]))).toThrow('its stream ended without a choice');
  });
});

describe('what is no answer', () => {
  test.each([
    ['a page', 'data: <html>\n\n', 'an event of its stream is not JSON'],
    ['a list', 'data: [1]\n\n', 'an event of its stream is not a JSON object'],
    ['another dialect', 'event: message_start\ndata: {"type":"message_start"}\n\n', 'has no `choices`'],
  ])('%s is named', (_, text, named) => {
    expect(() => read(Buffer.from(text))).toThrow(named);
  });

  test('an error in the stream is what it is, and nothing ends well after it', () => {
    const events = read(
      bytesOf([chunk({ content: 'Hi' }), { error: { code: 429, message: 'slow down' } }, finish('stop')]),
    );
    expect(events.at(-1)).toMatchObject({ type: 'answer-error', error: { code: 'rate_limited' } });
  });

  test.each([
    ['in the choice', chunk({}, { error: { code: 502, message: 'gone' }, finish_reason: 'error' })],
    ['as the reason alone', finish('error')],
  ])('an error that is told %s ends the stream badly', (_, broken) => {
    const types = read(bytesOf([chunk({ content: 'Hi' }), broken])).map(({ type }) => type);
    expect(types.slice(-1)).toEqual(['answer-error']);
  });

  test('what came before it is told, however the bytes are cut', () => {
    const bytes = bytesOf([chunk({ content: 'Hi' }), 'data: <html>\n\n']);
    expect(read(bytes).map(({ type }) => type)).toEqual(['answer-start', 'text-start', 'text-delta', 'answer-error']);
  });

  test('an event without end is refused', () => {
    const reader = chatProvider.streamReader({ eventBytesMax: 100 });
    expect(() => reader.push(Buffer.alloc(101, 'x'))).toThrow('more than 100 bytes');
  });
});
