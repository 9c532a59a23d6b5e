import { describe, expect, test } from 'vitest';
import type { StreamEvent } from '../../protocol/chat/answer.ts';
import { messagesProvider } from './codec.ts';

type Data = Readonly<Record<string, unknown>>;

const START: Data = {
  type: 'message_start',
  message: {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'claude',
    content: [],
    usage: { input_tokens: 9, output_tokens: 1 },
  },
};
const STOP: Data = { type: 'message_stop' };

function bytesOf(...events: readonly (Data | string)[]): Buffer {
  return Buffer.from(
    events.map((event) => (typeof event === 'string' ? event : `data: ${JSON.stringify(event)}\n\n`)).join(''),
  );
}

function read(bytes: Buffer, customTools?: ReadonlySet<string>): StreamEvent[] {
  const asked = customTools === undefined ? {} : { customTools };
  const reader = messagesProvider.streamReader({ eventBytesMax: 10_000, ...asked });
  const events = [...reader.push(bytes), ...reader.finish()];
  expect(reader.heldBytes).toBe(0);
  return events;
}

function block(start: Data, ...deltas: Data[]): Data[] {
  return [
    { type: 'content_block_start', index: 0, content_block: start },
    ...deltas.map((delta) => ({ type: 'content_block_delta', index: 0, delta })),
    { type: 'content_block_stop', index: 0 },
  ];
}

/** The events of one block, without those around it. */
function ofBlock(start: Data, deltas: Data[] = [], customTools?: ReadonlySet<string>): StreamEvent[] {
  return read(bytesOf(START, ...block(start, ...deltas), STOP), customTools).slice(2, -1);
}

describe('a tool call', () => {
  const tool = { type: 'tool_use', id: 'toolu_1', name: 'f', input: {} };
  const pieces = (...texts: string[]) => texts.map((text) => ({ type: 'input_json_delta', partial_json: text }));

  test.each([
    ['no delta', []],
    ['an empty one', pieces('')],
  ])('without arguments has the arguments of none: %s', (_how, deltas) => {
    expect(ofBlock(tool, deltas).find(({ type }) => type === 'arguments-delta')).toMatchObject({ text: '{}' });
  });

  test('that some servers begin with its whole input has that', () => {
    const events = ofBlock({ ...tool, input: { a: 1 } });
    expect(events.find(({ type }) => type === 'arguments-delta')).toMatchObject({ text: '{"a":1}' });
  });

  test('of a tool that takes plain text gives that text', () => {
    const events = ofBlock(tool, pieces('{"inp', 'ut":"l', 's\\n"}'), new Set(['f']));
    expect(events).toMatchObject([
      { type: 'tool-call-start', kind: 'custom', id: 'toolu_1' },
      { type: 'arguments-delta', text: 'ls\n' },
      { type: 'part-end' },
    ]);
  });
});

test('a block that is not known grows by its deltas and comes whole', () => {
  const events = ofBlock({ type: 'compaction', content: null, note: 'a' }, [
    { type: 'compaction_delta', content: 'short', note: 'b' },
  ]);
  expect(events).toEqual([
    {
      type: 'part-add',
      choice: 0,
      part: 0,
      content: {
        type: 'other',
        name: 'compaction',
        source: { dialect: 'anthropic-messages', fields: { type: 'compaction', content: 'short', note: 'ab' } },
      },
    },
  ]);
});

test('events, deltas and members that are not known are passed over', () => {
  const known = ofBlock({ type: 'text', text: '' }, [{ type: 'text_delta', text: 'hi' }]);
  const events = read(
    bytesOf(
      START,
      { type: 'zz_event', index: 0 },
      ...block({ type: 'text', text: '' }, { type: 'zz_delta', zz: 1 }, { type: 'text_delta', text: 'hi', zz: 1 }),
      STOP,
      'data: [DONE]\n\n',
    ),
  );
  expect(events.slice(2, -1)).toEqual(known);
});

test('counts of the end replace those of the start, and what only the start tells stays', () => {
  const start = { input_tokens: 9, cache_read_input_tokens: 5, output_tokens: 1, service_tier: 'priority' };
  const events = read(
    bytesOf(
      { type: 'message_start', message: { ...(START['message'] as Data), usage: start } },
      { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 40 } },
      STOP,
    ),
  );
  expect(events.findLast(({ type }) => type === 'usage-update')).toMatchObject({
    usage: { inputTokens: 14, cachedInputTokens: 5, outputTokens: 40 },
    serviceTier: 'priority',
  });
});

describe('a stream that was cut', () => {
  const whole = bytesOf(
    START,
    ...block({ type: 'text', text: 'hi' }),
    { type: 'message_delta', delta: { stop_reason: 'end_turn' } },
    STOP,
  );

  test('is never an answer that ended, wherever it was cut', () => {
    for (let end = 1; end < whole.length - 3; end++) {
      const reader = messagesProvider.streamReader({ eventBytesMax: 10_000 });
      const events = [...reader.push(whole.subarray(0, end))];
      try {
        events.push(...reader.finish());
      } catch (error) {
        expect(error).toMatchObject({ code: 'upstream_error' });
      }
      if (events.some(({ type }) => type === 'answer-end')) expect.fail(`ended at byte ${end} of ${whole.length}`);
    }
  });

  test('lacks nothing but the line that says so is whole', () => {
    expect(read(whole.subarray(0, -1)).at(-1)).toEqual({ type: 'answer-end' });
    expect(read(whole.subarray(0, -2)).at(-1)).toEqual({ type: 'answer-end' });
  });
});

test.each<[string, string, string]>([
  ['overloaded_error', 'upstream_error', 'other-target'],
  ['rate_limit_error', 'rate_limited', 'other-target'],
  ['invalid_request_error', 'invalid_request', 'never'],
])('an error in the middle, %s, is told as what it is', (type, code, retry) => {
  const events = read(bytesOf(START, { type: 'error', error: { type, message: 'Overloaded' } }));
  expect(events.at(-1)).toMatchObject({ type: 'answer-error', error: { code, retry } });
  expect(events.some((event) => event.type === 'answer-end')).toBe(false);
});

test.each([
  ['a page', '<html><body>busy</body></html>\n\n', 'message_start'],
  ['a chat stream', 'data: {"id":"x","choices":[]}\n\n', 'without a type'],
  ['text', 'data: hello\n\n', 'not JSON'],
  ['a list', 'data: []\n\n', 'no JSON object'],
  ['a stream that begins in its middle', 'data: {"type":"content_block_stop","index":0}\n\n', 'content_block_stop'],
  [
    'a delta of a block that is not open',
    `data: ${JSON.stringify(START)}\n\ndata: {"type":"content_block_delta","index":3,"delta":{}}\n\n`,
    'block 3',
  ],
])('%s is no Messages stream, and what was not understood is named', (_what, bytes, named) => {
  expect(() => read(Buffer.from(bytes))).toThrow(named);
});

test('an event that does not end is not held without bound', () => {
  const reader = messagesProvider.streamReader({ eventBytesMax: 100 });
  reader.push(Buffer.from(`data: ${'x'.repeat(90)}`));
  expect(() => reader.push(Buffer.from('x'.repeat(20)))).toThrow(/single event of more than 100 bytes/);
});

test('a block that is told as a whole is not held without bound', () => {
  const reader = messagesProvider.streamReader({ eventBytesMax: 2_000_000 });
  reader.push(bytesOf(START, { type: 'content_block_start', index: 0, content_block: { type: 'zz', zz: '' } }));
  const piece = bytesOf({
    type: 'content_block_delta',
    index: 0,
    delta: { type: 'zz_delta', zz: 'x'.repeat(1_000_000) },
  });
  expect(() => {
    for (let times = 0; times < 17; times++) reader.push(piece);
  }).toThrow(/told as a whole/);
});

describe('a whole answer', () => {
  const answer = (body: string) => messagesProvider.readAnswer(Buffer.from(body));

  test.each([
    ['<html>', 'not JSON'],
    ['[]', 'no JSON object'],
    ['{"choices":[]}', '`content`'],
    ['{"content":[{"type":"text"}]}', 'content[0].text'],
    ['{"content":[7]}', 'content[0]'],
  ])('of another form is named: %s', (body, named) => {
    expect(() => answer(body)).toThrow(named);
  });

  test('that is an error is thrown as what it says', () => {
    const body = '{"type":"error","error":{"type":"not_found_error","message":"model: claude-9"}}';
    expect(() => answer(body)).toThrow(expect.objectContaining({ code: 'not_found' }));
  });

  test('keeps numbers that JavaScript would round', () => {
    const body = '{"content":[{"type":"tool_use","id":"a","name":"f","input":{"id":12345678901234567890}}]}';
    expect(answer(body).choices[0]?.parts[0]).toMatchObject({ arguments: '{"id":12345678901234567890}' });
  });

  test('gives a custom tool its plain text', () => {
    const body = '{"content":[{"type":"tool_use","id":"a","name":"sh","input":{"input":"ls"}}]}';
    const asked = { customTools: new Set(['sh']) };
    expect(messagesProvider.readAnswer(Buffer.from(body), asked).choices[0]?.parts[0]).toMatchObject({
      kind: 'custom',
      arguments: 'ls',
    });
  });
});
