import Anthropic from '@anthropic-ai/sdk';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { meaningOf, type Wire } from '../../../test/support/messages-arbitrary.ts';
import type { ChatAnswer, FinishReason, StreamEvent } from '../../protocol/chat/answer.ts';
import type { ContentPart } from '../../protocol/chat/content.ts';
import type { Usage } from '../../protocol/usage.ts';
import { messagesClient } from './codec.ts';

const IDENTITY = { id: 'msg_ours', model: 'asked-for', at: 0, usageWanted: true };

function written(events: readonly StreamEvent[]): string {
  const writer = messagesClient.streamWriter(IDENTITY);
  return Buffer.concat([...events.map((event) => writer.write(event)), writer.end()]).toString();
}

/** Each event's name and data, in order. */
function told(text: string): { readonly name: string; readonly data: Wire }[] {
  return text
    .split('\n\n')
    .filter((event) => event !== '')
    .map((event) => {
      const [name, data] = event.split('\n');
      return {
        name: (name ?? '').slice('event: '.length),
        data: JSON.parse((data ?? '').slice('data: '.length)) as Wire,
      };
    });
}

async function readByOfficialClient(text: string): Promise<Wire> {
  const fetch = () => Promise.resolve(new Response(text, { headers: { 'content-type': 'text/event-stream' } }));
  const client = new Anthropic({ apiKey: 'none', fetch, maxRetries: 0 });
  const stream = client.messages.stream({ model: 'm', max_tokens: 1, messages: [{ role: 'user', content: 'hi' }] });
  return JSON.parse(JSON.stringify(await stream.finalMessage())) as Wire;
}

const at = (part: number) => ({ choice: 0, part });
const stop: StreamEvent = { type: 'choice-finish', choice: 0, finish: { reason: 'stop', said: 'stop' } };
const call = (part: number, id: string): StreamEvent => ({
  type: 'tool-call-start',
  ...at(part),
  kind: 'function',
  id,
  name: `tool_${id}`,
});
const args = (part: number, text: string): StreamEvent => ({ type: 'arguments-delta', ...at(part), text });
const end = (part: number): StreamEvent => ({ type: 'part-end', ...at(part) });

describe('blocks', () => {
  test('of tool calls that are told all at once come one after the other, each whole', () => {
    const events = told(
      written([
        { type: 'answer-start', id: 'chatcmpl-1', model: 'gpt' },
        call(0, 'a'),
        args(0, '{"x"'),
        call(1, 'b'),
        call(2, 'c'),
        args(2, '{}'),
        args(1, '{"y":'),
        args(0, ':1}'),
        args(1, '2}'),
        end(0),
        end(1),
        end(2),
        stop,
      ]),
    );
    expect(
      events.map(({ name, data }) => [name.replace('content_block_', ''), data['index']].join(' ').trim()),
    ).toEqual([
      'message_start',
      ...['start 0', 'delta 0', 'delta 0', 'stop 0'],
      ...['start 1', 'delta 1', 'delta 1', 'stop 1'],
      ...['start 2', 'delta 2', 'stop 2'],
      'message_delta',
      'message_stop',
    ]);
    expect(events[0]?.data['message']).toMatchObject({ id: 'msg_ours', model: 'gpt', usage: { input_tokens: 0 } });
    expect(events.at(-2)?.data['delta']).toMatchObject({ stop_reason: 'tool_use', stop_sequence: null });
  });

  test('that were left open are closed at the end, those that wait for them too', () => {
    const names = told(written([call(0, 'a'), call(1, 'b'), args(1, '{}'), stop])).map(({ name }) => name);
    expect(names.filter((name) => name === 'content_block_start')).toHaveLength(2);
    expect(names.filter((name) => name === 'content_block_stop')).toHaveLength(2);
  });

  test('wait for each other within bounds', () => {
    const writer = messagesClient.streamWriter(IDENTITY);
    writer.write(call(0, 'a'));
    writer.write(call(1, 'b'));
    const piece = args(1, 'x'.repeat(1_000_000));
    expect(() => {
      for (let times = 0; times < 17; times++) writer.write(piece);
    }).toThrow(/several parts of its answer at once/);
  });

  test('of a second choice are not told', () => {
    const text = written([
      { type: 'text-start', choice: 1, part: 0 },
      { type: 'text-delta', choice: 1, part: 0, text: 'other' },
      { type: 'choice-finish', choice: 1, finish: { reason: 'length' } },
      stop,
    ]);
    expect(text).not.toContain('other');
    expect(told(text).at(-2)?.data['delta']).toMatchObject({ stop_reason: 'end_turn' });
  });
});

describe('a thought', () => {
  const thought = (...events: StreamEvent[]) =>
    told(written([{ type: 'reasoning-start', ...at(0) }, ...events, end(0), stop]))
      .slice(1, -2)
      .map(({ data }) => data);

  test('of another vendor says so where its signature would stand', () => {
    expect(thought({ type: 'reasoning-delta', ...at(0), text: 'hm' }).at(-2)?.['delta']).toEqual({
      type: 'signature_delta',
      signature: 'leeward-unsigned',
    });
  });

  test('keeps the signature of Anthropic as it is', () => {
    const signature = { value: 's:1', dialect: 'anthropic-messages' } as const;
    const events = thought(
      { type: 'reasoning-delta', ...at(0), text: 'hm' },
      { type: 'signature-add', ...at(0), signature },
    );
    expect(events.at(-2)?.['delta']).toEqual({ type: 'signature_delta', signature: 's:1' });
  });
});

test("Gemini's signature of a call comes back on that call, whole or streamed", () => {
  const signature = { value: 'c2ln', dialect: 'gemini' } as const;
  const signed = {
    type: 'tool-call',
    kind: 'function',
    id: 'a',
    name: 'add',
    arguments: '{"x":1}',
    signature,
  } as const;
  const plain = { type: 'tool-call', kind: 'function', id: 'b', name: 'now', arguments: '{}' } as const;
  const custom = { ...signed, kind: 'custom', id: 'c', arguments: 'text' } as const;
  const parts: ContentPart[] = [plain, signed, custom];
  const answer: ChatAnswer = { choices: [{ index: 0, parts, finish: { reason: 'tool-calls' } }] };
  const whole = (JSON.parse(messagesClient.writeAnswer(answer, IDENTITY).toString()) as { content: Wire[] }).content;
  const pieces: StreamEvent[] = [
    call(0, 'b'),
    { type: 'tool-call-start', ...at(1), kind: 'function', id: 'a', name: 'add' },
    { type: 'signature-add', ...at(1), signature },
    args(1, '{"x":'),
    args(1, '1}'),
    args(0, '{}'),
    end(0),
    end(1),
    { type: 'part-add', ...at(2), content: custom },
  ];
  const streamed = blocksOf(told(written([...pieces, stop])));
  const types = ['tool_use', 'thinking', 'tool_use', 'thinking', 'tool_use'];
  for (const content of [whole, streamed]) {
    expect(content.map(({ type }) => type)).toEqual(types);
    const messages = [{ role: 'assistant', content }];
    const [turn] = messagesClient.readCall({ model: 'm', max_tokens: 1, messages }).messages;
    expect(turn?.parts).toMatchObject([{ id: 'b' }, { id: 'a', signature }, { id: 'c', signature }]);
    expect(turn?.parts[0]).not.toHaveProperty('signature');
  }
});

test('what the maker of a thought wants back comes back with it, whole or streamed', () => {
  fc.assert(
    fc.property(foreignThought, (thought) => {
      const finish = { reason: 'stop' } as const;
      const answer: ChatAnswer = { choices: [{ index: 0, parts: [thought], finish }] };
      const whole = JSON.parse(messagesClient.writeAnswer(answer, IDENTITY).toString()) as Wire;
      const readBack = (content: unknown) =>
        messagesClient.readCall({ model: 'm', max_tokens: 1, messages: [{ role: 'assistant', content }] }).messages[0];
      expect(readBack(whole['content'])?.parts).toEqual([thought]);
      const streamed = told(written([{ type: 'part-add', ...at(0), content: thought }, stop]));
      expect(readBack([blockOf(streamed)])?.parts).toEqual([thought]);
    }),
  );
});

/** The blocks of a stream, put together. */
function blocksOf(events: ReturnType<typeof told>): Wire[] {
  const indexes = new Set(events.flatMap(({ data }) => (typeof data['index'] === 'number' ? [data['index']] : [])));
  return [...indexes].map((index) => {
    const { partial_json: json, ...block } = blockOf(events.filter(({ data }) => data['index'] === index));
    return json === undefined ? block : { ...block, input: JSON.parse(String(json).replace('undefined', '')) as Wire };
  });
}

/** The one block of a stream, put together. */
function blockOf(events: ReturnType<typeof told>): Wire {
  const block = { ...(events.find(({ name }) => name === 'content_block_start')?.data['content_block'] as Wire) };
  for (const { data } of events.filter(({ name }) => name === 'content_block_delta')) {
    const { type: _, ...members } = data['delta'] as Record<string, string>;
    for (const [name, value] of Object.entries(members)) block[name] = String(block[name]) + value;
  }
  return block;
}

test('nothing is written of an answer before it says something, but for a ping', () => {
  const writer = messagesClient.streamWriter(IDENTITY);
  const usage = { inputTokens: 7 };
  expect(writer.write({ type: 'ping' })).toHaveLength(0);
  expect(writer.write({ type: 'answer-start' })).toHaveLength(0);
  expect(writer.write({ type: 'usage-update', usage })).toHaveLength(0);
  const [start, ping] = told(writer.write({ type: 'ping' }).toString());
  expect(start?.data['message']).toMatchObject({ usage: { input_tokens: 7 } });
  expect(ping?.name).toBe('ping');
});

test('an answer that its provider gave up is an error, whole and streamed', () => {
  const finish = { reason: 'error', said: 'engine_overloaded' } as const;
  expect(() => written([{ type: 'choice-finish', choice: 0, finish }])).toThrow(/engine_overloaded/);
  const answer: ChatAnswer = { choices: [{ index: 0, parts: [{ type: 'text', text: 'half' }], finish }] };
  expect(() => messagesClient.writeAnswer(answer, IDENTITY)).toThrow(/engine_overloaded/);
  expect(() => messagesClient.writeAnswer({ choices: [] }, IDENTITY)).toThrow(/without any choice/);
});

const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 10 });
const json = fc.dictionary(fc.stringMatching(/^[a-z]{1,4}$/), fc.oneof(fc.string(), fc.integer()), { maxKeys: 3 });
const signature = fc.record({ value: text, dialect: fc.constantFrom('anthropic-messages', 'openai-chat') });

const sealOfOthers = fc.record({ value: text, dialect: fc.constant('openai-chat' as const) });
const beside = {
  id: text,
  summary: fc.boolean(),
  rest: fc.record({ dialect: fc.constant('openai-chat' as const), fields: json }),
};
const foreignThought: fc.Arbitrary<Extract<ContentPart, { type: 'reasoning' }>> = fc.oneof(
  fc.record(
    { type: fc.constant('reasoning' as const), text, signature: sealOfOthers, ...beside },
    { requiredKeys: ['type', 'text'] },
  ),
  fc.record(
    { type: fc.constant('reasoning' as const), encrypted: sealOfOthers, ...beside },
    { requiredKeys: ['type', 'encrypted'] },
  ),
);

/** Parts as providers of other dialects answer with. */
const part: fc.Arbitrary<ContentPart> = fc.oneof(
  fc.record({ type: fc.constant('text'), text }),
  fc.record({ type: fc.constant('refusal'), text }),
  fc.record({ type: fc.constant('reasoning'), text, signature }, { requiredKeys: ['type', 'text'] }),
  fc.record({ type: fc.constant('reasoning'), encrypted: signature }),
  fc.record({ type: fc.constant('redacted-reasoning'), data: signature }),
  fc.record({
    type: fc.constant('tool-call'),
    kind: fc.constant('function'),
    id: fc.stringMatching(/^call_[a-z0-9]{1,5}$/),
    name: fc.stringMatching(/^[a-z]{1,5}$/),
    arguments: fc.oneof(
      json.map((value) => JSON.stringify(value)),
      fc.constant(''),
    ),
  }),
  fc.record({ type: fc.constant('tool-call'), kind: fc.constant('custom'), id: text, name: text, arguments: text }),
) as fc.Arbitrary<ContentPart>;

const usage: fc.Arbitrary<Usage> = fc.record({
  inputTokens: fc.integer({ min: 100, max: 9_999 }),
  cachedInputTokens: fc.integer({ min: 0, max: 50 }),
  cacheWriteTokens: fc.integer({ min: 0, max: 50 }),
  outputTokens: fc.nat({ max: 9_999 }),
  reasoningTokens: fc.nat({ max: 9_999 }),
});

/** The events of parts, each of which may be told while others are: the calls of tools overlap. */
function eventsOf(parts: readonly ContentPart[], pieces: readonly number[]): StreamEvent[] {
  const events: StreamEvent[] = [{ type: 'answer-start', id: 'chatcmpl-1', model: 'gpt' }];
  const open: { readonly number: number; rest: string }[] = [];
  const closeAll = () => {
    for (let turn = 0; open.some(({ rest }) => rest !== ''); turn++) {
      const one = open[turn % open.length];
      if (one === undefined || one.rest === '') continue;
      const length = pieces[turn % pieces.length] ?? 3;
      events.push(args(one.number, one.rest.slice(0, length)));
      one.rest = one.rest.slice(length);
    }
    for (const { number } of open.splice(0)) events.push(end(number));
  };
  for (const [number, content] of parts.entries()) {
    if (content.type !== 'tool-call') {
      closeAll();
      events.push({ type: 'part-add', ...at(number), content });
    } else {
      events.push({ type: 'tool-call-start', ...at(number), kind: content.kind, id: content.id, name: content.name });
      open.push({ number, rest: content.arguments });
    }
  }
  closeAll();
  return events;
}

test('the official client accumulates to the whole answer, however the parts were told', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(part, { maxLength: 6 }),
      fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 4 }),
      usage,
      fc.constantFrom<FinishReason>('stop', 'length', 'tool-calls', 'content-filter', 'stop-sequence', 'other'),
      async (parts, pieces, counts, reason) => {
        const finish = { reason };
        const answer: ChatAnswer = {
          id: 'chatcmpl-1',
          model: 'gpt',
          choices: [{ index: 0, parts, finish }],
          usage: counts,
        };
        const whole = JSON.parse(messagesClient.writeAnswer(answer, IDENTITY).toString()) as Wire;
        const streamed = written([
          ...eventsOf(parts, pieces),
          { type: 'usage-update', usage: counts },
          { type: 'choice-finish', choice: 0, finish },
          { type: 'answer-end' },
        ]);
        const accumulated = await readByOfficialClient(streamed);
        const { service_tier: _tier, cache_creation: _split, ...total } = whole['usage'] as Wire;
        expect(meaningOf({ ...accumulated, usage: null })).toEqual(meaningOf({ ...whole, usage: null }));
        expect(meaningOf(accumulated['usage'])).toMatchObject(meaningOf(total) as Wire);
      },
    ),
    { numRuns: 150 },
  );
});
