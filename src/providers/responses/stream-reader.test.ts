import { describe, expect, test } from 'vitest';
import { collectedAnswer } from '../../../test/support/chat/collected-answer.ts';
import { bytesOf, eventsOf, type Wire, withoutPings } from '../../../test/support/responses-stream.ts';
import type { ContentPart } from '../../protocol/chat/content.ts';
import { responsesProvider } from './codec.ts';

const HEAD = { id: 'resp_1', object: 'response', created_at: 7, model: 'm', status: 'in_progress', output: [] };
const created = { type: 'response.created', response: HEAD };
const USAGE = { input_tokens: 5, output_tokens: 3, total_tokens: 8 };

const completed = (output: readonly Wire[] = [], more: Wire = {}): Wire => ({
  type: 'response.completed',
  response: { ...HEAD, status: 'completed', output, usage: USAGE, ...more },
});
const added = (output_index: number, item: Wire): Wire => ({ type: 'response.output_item.added', output_index, item });
const done = (output_index: number, item: Wire): Wire => ({ type: 'response.output_item.done', output_index, item });
const call = (id: string, args: string, more: Wire = {}): Wire => ({
  type: 'function_call',
  id: `fc_${id}`,
  call_id: id,
  name: 'weather',
  arguments: args,
  ...more,
});
const args = (item_id: string, output_index: number, delta: string): Wire => ({
  type: 'response.function_call_arguments.delta',
  item_id,
  output_index,
  delta,
});
const message = (text: string, more: Wire = {}): Wire => ({
  type: 'message',
  id: 'msg_1',
  role: 'assistant',
  content: [{ type: 'output_text', text, annotations: [], ...more }],
});
const said = (delta: string, more: Wire = {}): Wire => ({
  type: 'response.output_text.delta',
  item_id: 'msg_1',
  output_index: 0,
  content_index: 0,
  delta,
  ...more,
});

function answered(...events: readonly Wire[]) {
  return collectedAnswer(eventsOf([bytesOf([created, ...events])]));
}

function partsOf(...events: readonly Wire[]): readonly ContentPart[] {
  const [choice] = answered(...events).choices;
  return (choice?.parts ?? []).map((part) => ({ ...part, rest: undefined }) as unknown as ContentPart);
}

const weather = { type: 'tool-call', kind: 'function', name: 'weather' };

describe('what servers leave out', () => {
  test('everything but the last event: its items are told once', () => {
    const item = { type: 'web_search_call', id: 'ws_1', status: 'completed', action: { type: 'search', query: 'x' } };
    expect(partsOf(completed([item, message('Hi'), call('a', '{}')]))).toMatchObject([
      { type: 'hosted-call', tool: 'web-search' },
      { type: 'text', text: 'Hi' },
      { ...weather, id: 'a', arguments: '{}' },
    ]);
  });

  test('the items, of the last event', () => {
    const events = [said('Hi'), added(1, call('a', '')), args('fc_a', 1, '{}'), done(1, call('a', '{}'))];
    expect(partsOf(...events, completed())).toMatchObject([
      { type: 'text', text: 'Hi' },
      { ...weather, id: 'a' },
    ]);
  });

  test('the event with which an item begins', () => {
    const thought = { type: 'response.reasoning_text.delta', item_id: 'rs_1', output_index: 0, content_index: 0 };
    const events = [{ ...thought, delta: 'Hm' }, { ...thought, delta: '.' }, said('Hi', { output_index: 1 })];
    expect(
      partsOf(...events, args('fc_a', 2, '{"x":'), args('fc_a', 2, '1}'), done(2, call('a', '{"x":1}')), completed()),
    ).toMatchObject([
      { type: 'reasoning', text: 'Hm.' },
      { type: 'text', text: 'Hi' },
      { ...weather, id: 'a', arguments: '{"x":1}' },
    ]);
  });

  test('the events with which items end: the whole answer has what they lack', () => {
    const reasoning = { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'gA' };
    const events = [added(0, { ...reasoning, encrypted_content: null }), added(1, call('a', '')), args('fc_a', 1, '{')];
    expect(partsOf(...events, args('fc_a', 1, '}'), completed([reasoning, call('a', '{}')]))).toMatchObject([
      { ...weather, id: 'a', arguments: '{}' },
      { type: 'reasoning', id: 'rs_1', encrypted: { value: 'gA' } },
    ]);
  });

  test('deltas: what ends a content, or the item, says it', () => {
    const at = { item_id: 'msg_1', output_index: 0, content_index: 0 };
    expect(
      partsOf(added(0, message('')), { type: 'response.output_text.done', ...at, text: 'Hi' }, completed()),
    ).toMatchObject([{ text: 'Hi' }]);
    expect(partsOf(done(0, message('Hi')), completed([message('Hi')]))).toMatchObject([{ text: 'Hi' }]);
    expect(partsOf(added(0, call('a', '{"x":1}')), completed())).toMatchObject([{ arguments: '{"x":1}' }]);
  });

  test('an end: then there is none', () => {
    const events = withoutPings(eventsOf([bytesOf([created, said('Hi')])]));
    expect(events.map(({ type }) => type)).toEqual(['answer-start', 'text-start', 'text-delta']);
  });

  test('the blank line after the last event', () => {
    const bytes = bytesOf([created, said('Hi'), completed()]);
    expect(collectedAnswer(eventsOf([bytes.subarray(0, -2)])).choices[0]?.parts).toMatchObject([{ text: 'Hi' }]);
  });
});

describe('what servers get wrong', () => {
  test('an id that changes from event to event: the place tells', () => {
    const events = [added(0, call('a', '')), args('fc_x', 0, '{'), args('fc_y', 0, '}')];
    const last = { ...call('a', '{}'), id: 'fc_z' };
    expect(partsOf(...events, done(0, last), completed([{ ...last, id: 'fc_w' }]))).toEqual([
      { ...weather, id: 'a', arguments: '{}', rest: undefined },
    ]);
  });

  test('every item at place 0: the id tells', () => {
    const events = [
      added(0, call('a', '')),
      added(0, call('b', '')),
      args('fc_a', 0, '{"n":1}'),
      args('fc_b', 0, '{}'),
    ];
    const items = [call('a', '{"n":1}'), call('b', '{}')];
    expect(partsOf(...events, ...items.map((item) => done(0, item)), completed(items))).toMatchObject([
      { id: 'a', arguments: '{"n":1}' },
      { id: 'b', arguments: '{}' },
    ]);
  });

  test('no names and every item at place 0: an item after one that is over is another one', () => {
    const nameless = (id: string): Wire => ({ ...call(id, '{}'), id: undefined });
    const second = { ...call('b', '{}'), id: 'fc_b' };
    expect(partsOf(done(0, nameless('a')), done(0, second), completed())).toMatchObject([{ id: 'a' }, { id: 'b' }]);
  });

  test('an item that only the last event has, before one that was told', () => {
    const [first, second] = [call('a', '{}'), call('b', '{}')];
    expect(partsOf(done(1, second), completed([first, second]))).toMatchObject([{ id: 'b' }, { id: 'a' }]);
  });

  test('a thought told twice, as its summary and as itself, is told once', () => {
    const delta = (of: string, text: string) => ({
      type: `response.${of}.delta`,
      item_id: 'rs_1',
      output_index: 0,
      summary_index: 0,
      content_index: 0,
      delta: text,
    });
    expect(
      partsOf(delta('reasoning_summary_text', 'In short.'), delta('reasoning_text', 'At length.'), completed()),
    ).toMatchObject([{ type: 'reasoning', text: 'In short.', summary: true }]);
  });

  test('arguments at the beginning and in deltas are told once', () => {
    expect(partsOf(added(0, call('a', '{}')), args('fc_a', 0, '{}'), completed([call('a', '{}')]))).toMatchObject([
      { arguments: '{}' },
    ]);
  });

  test('sequence numbers, padding, keepalives, comments and a DONE say nothing', () => {
    const frames = [
      ': hello',
      'data: {"type":"keepalive"}',
      `data: ${JSON.stringify({ ...said('Hi'), obfuscation: 'x' })}`,
    ];
    const bytes = Buffer.concat([
      Buffer.from(frames.map((frame) => `${frame}\r\n\r\n`).join('')),
      bytesOf([completed([message('Hi')])]),
      Buffer.from('data: [DONE]\n\n'),
    ]);
    const events = eventsOf([bytes]);
    expect(events.filter(({ type }) => type === 'ping')).toHaveLength(2);
    expect(collectedAnswer(events)).toMatchObject({ choices: [{ parts: [{ text: 'Hi' }] }] });
  });
});

describe('parts', () => {
  test('a summary in several parts is one thought, sealed at its end', () => {
    const at = { item_id: 'rs_1', output_index: 0 };
    const reasoning = { type: 'reasoning', id: 'rs_1', encrypted_content: 'gA' };
    const delta = (summary_index: number, text: string) => ({
      type: 'response.reasoning_summary_text.delta',
      ...at,
      summary_index,
      delta: text,
    });
    const summary = ['**A**', '**B**'].map((text) => ({ type: 'summary_text', text }));
    const item = { ...reasoning, summary };
    const events = [added(0, { ...reasoning, summary: [] }), delta(0, '**A'), delta(0, '**'), delta(1, '**B**')];
    expect(partsOf(...events, done(0, item), completed([item]))).toEqual([
      {
        type: 'reasoning',
        id: 'rs_1',
        summary: true,
        text: '**A**\n\n**B**',
        encrypted: { value: 'gA', dialect: 'openai-responses' },
        rest: undefined,
      },
    ]);
  });

  test('citations come while the text is written, or with what ends it, and once', () => {
    const citation = (url: string) => ({ type: 'url_citation', url, title: 't', start_index: 0, end_index: 2 });
    const event = {
      type: 'response.output_text.annotation.added',
      item_id: 'msg_1',
      output_index: 0,
      content_index: 0,
    };
    const item = message('Hi', { annotations: [citation('https://a.example'), citation('https://b.example')] });
    const events = [said('Hi'), { ...event, annotation_index: 0, annotation: citation('https://a.example') }];
    expect(partsOf(...events, done(0, item), completed([item]))).toMatchObject([
      {
        text: 'Hi',
        citations: [
          { kind: 'web', url: 'https://a.example', textStart: 0, textEnd: 2 },
          { kind: 'web', url: 'https://b.example' },
        ],
      },
    ]);
  });

  test("tokens' probabilities come with their deltas, or at the end", () => {
    const token = { token: 'Hi', logprob: -0.5, bytes: [72, 105], top_logprobs: [] };
    const whole = message('Hi', { logprobs: [token] });
    const expected = [{ token: 'Hi', logprob: -0.5, bytes: [72, 105], top: [] }];
    for (const first of [said('Hi', { logprobs: [token] }), said('Hi', { logprobs: [] })]) {
      expect(answered(first, done(0, whole), completed([whole])).choices[0]?.logprobs).toEqual(expected);
    }
  });

  test('a picture that was made is a picture, with what was said of it', () => {
    const item = {
      type: 'image_generation_call',
      id: 'ig_1',
      status: 'completed',
      result: 'AAAA',
      output_format: 'webp',
    };
    const [part] =
      answered(added(0, { ...item, result: null }), done(0, item), completed([item])).choices[0]?.parts ?? [];
    expect(part).toMatchObject({
      type: 'image',
      source: { kind: 'bytes', mediaType: 'image/webp', base64: 'AAAA' },
      rest: { fields: { id: 'ig_1' } },
    });
  });

  test('names that were too long to be sent are whole again', () => {
    const whole = `mcp__${'long_'.repeat(20)}search`;
    const tools = [{ type: 'function', name: whole }] as const;
    const traits = { model: 'm', maxTokensField: 'max_tokens', streamUsageOption: false } as const;
    const asked = { model: 'm', stream: true, messages: [], sampling: {}, tools };
    const written = responsesProvider.writeCall(asked, traits, []) as { tools: { name: string }[] };
    const name = written.tools[0]?.name ?? '';
    expect(name).toHaveLength(64);
    const options = { longNames: new Set([whole]) };
    const last = completed([call('a', '{}', { name })]);
    expect(collectedAnswer(eventsOf([bytesOf([created, last])], options)).choices[0]?.parts).toMatchObject([
      { name: whole },
    ]);
    const { choices } = responsesProvider.readAnswer(Buffer.from(JSON.stringify(last['response'])), options);
    expect(choices[0]?.parts).toMatchObject([{ name: whole }]);
  });
});

describe('the end', () => {
  test.each([
    [{ status: 'completed' }, { reason: 'stop' }],
    [
      { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } },
      { reason: 'length', said: 'max_output_tokens' },
    ],
    [
      { status: 'incomplete', incomplete_details: { reason: 'content_filter' } },
      { reason: 'content-filter', said: 'content_filter' },
    ],
    [
      { status: 'incomplete', incomplete_details: { reason: 'steered' } },
      { reason: 'other', said: 'steered' },
    ],
  ] as const)('%j', (end, finish) => {
    const type = end.status === 'completed' ? 'response.completed' : 'response.incomplete';
    const last = { ...completed([message('Hi')], end), type };
    expect(answered(said('Hi'), last).choices[0]?.finish).toEqual(finish);
  });

  test('a call ends for the call, a refusal for the refusal', () => {
    expect(answered(completed([call('a', '{}')])).choices[0]?.finish).toEqual({ reason: 'tool-calls' });
    const refusal = { ...message(''), content: [{ type: 'refusal', refusal: 'No.' }] };
    const [choice] = answered(completed([refusal])).choices;
    expect(choice).toMatchObject({ finish: { reason: 'refusal' }, parts: [{ type: 'refusal', text: 'No.' }] });
  });

  test('usage counts tokens, and what hosted tools did, also where the last event leaves out the items', () => {
    const item = { type: 'web_search_call', id: 'ws_1', action: { type: 'search', query: 'x' } };
    const usage = { inputTokens: 5, outputTokens: 3, quantities: { 'web-searches': 1 } };
    expect(answered(done(0, item), completed()).usage).toEqual(usage);
    expect(answered(done(0, item), completed([item])).usage).toEqual(usage);
  });
});

describe('errors', () => {
  const limited = { code: 'rate_limit_exceeded', message: 'Slow down.', param: null };
  const failed = { type: 'response.failed', response: { ...HEAD, status: 'failed', error: limited, usage: USAGE } };
  const isLimit = { type: 'answer-error', error: { code: 'rate_limited', retry: 'other-target' } };

  test.each([
    ['inside it, as OpenAI sends it', { type: 'error', error: { type: 'tokens', ...limited } }],
    ['as itself, as the types say', { type: 'error', ...limited }],
  ])('an `error` event with its error %s is told once, before an answer starts', (_, event) => {
    expect(withoutPings(eventsOf([bytesOf([created, event, failed])]))).toMatchObject([isLimit]);
  });

  test('an answer that fails on its own tells what it used', () => {
    const events = withoutPings(eventsOf([bytesOf([created, said('Hi'), failed])]));
    expect(events.slice(-2)).toMatchObject([{ type: 'usage-update', usage: { outputTokens: 3 } }, isLimit]);
    expect(events.some(({ type }) => type === 'answer-end')).toBe(false);
  });

  test.each([
    ['server_error', 'upstream_error', 'other-target'],
    ['invalid_prompt', 'content_policy', 'never'],
    ['invalid_image_url', 'invalid_request', 'never'],
    ['insufficient_quota', 'rate_limited', 'other-target'],
    ['vector_store_timeout', 'upstream_timeout', 'other-target'],
    ['context_length_exceeded', 'context_length_exceeded', 'never'],
  ])('%s is %s', (code, judged, retry) => {
    const event = { ...failed, response: { ...failed.response, error: { code, message: 'x' }, usage: null } };
    expect(withoutPings(eventsOf([bytesOf([created, event])]))).toMatchObject([
      { type: 'answer-error', error: { code: judged, retry } },
    ]);
  });

  test('what is no event of this dialect is not understood, after what came before it', () => {
    const chunk = Buffer.from('data: {"object":"chat.completion.chunk","choices":[]}\n\n');
    expect(() => eventsOf([chunk])).toThrow(/none of the Responses API: an event of its stream has no `type`/);
    const events = eventsOf([Buffer.concat([bytesOf([created, said('Hi')]), chunk])]);
    expect(events.at(-1)).toMatchObject({ type: 'answer-error', error: { code: 'upstream_error' } });
  });

  test('an event that is too long is one', () => {
    const bytes = bytesOf([said('x'.repeat(200))]).subarray(0, -10);
    expect(() => eventsOf([bytes], { eventBytesMax: 100 })).toThrow(/a single event of more than 100 bytes/);
  });

  test('a call without a name is one', () => {
    const events = eventsOf([bytesOf([created, said('Hi'), args('fc_a', 1, '{}'), completed()])]);
    expect(events.at(-1)).toMatchObject({ type: 'answer-error', error: { message: expect.stringMatching(/no name/) } });
  });
});
