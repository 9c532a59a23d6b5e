import { createOpenAI } from '@ai-sdk/openai';
import fc from 'fast-check';
import OpenAI from 'openai';
import { describe, expect, test } from 'vitest';
import {
  foreignAnswer,
  foreignThought,
  overlappingEvents,
  sealedThought,
  toolCall,
} from '../../../test/support/responses/arbitrary-answer.ts';
import type { ChatAnswer, StreamEvent } from '../../protocol/chat/answer.ts';
import type { AnswerIdentity } from '../../protocol/chat/codec.ts';
import type { ContentPart } from '../../protocol/chat/content.ts';
import { responsesClient } from './codec.ts';

type Wire = Record<string, unknown>;

const ASKED = {
  model: 'asked-for',
  input: 'x',
  tools: [{ type: 'function', name: 'add', parameters: { type: 'object', properties: {} } }],
};
const IDENTITY: AnswerIdentity = {
  id: 'resp_0a1b2c',
  model: 'asked-for',
  at: 1_700_000_003_000,
  usageWanted: true,
  echo: ASKED,
};

function written(events: readonly StreamEvent[]): string {
  const writer = responsesClient.streamWriter(IDENTITY);
  return Buffer.concat([...events.map((event) => writer.write(event)), writer.end()]).toString();
}

function whole(answer: ChatAnswer): Wire {
  return JSON.parse(responsesClient.writeAnswer(answer, IDENTITY).toString()) as Wire;
}

function answerOf(parts: readonly ContentPart[]): ChatAnswer {
  return { choices: [{ index: 0, parts, finish: { reason: 'stop' } }] };
}

/** Each event's data, in order. */
function told(text: string): Wire[] {
  return text
    .split('\n\n')
    .filter((event) => event !== '')
    .map((event) => {
      const [name, data] = event.split('\n');
      const value = JSON.parse((data ?? '').slice('data: '.length)) as Wire;
      expect(name).toBe(`event: ${String(value['type'])}`);
      return value;
    });
}

function answering(body: string, contentType: string): typeof fetch {
  return () => Promise.resolve(new Response(body, { headers: { 'content-type': contentType } }));
}

const client = (body: string, contentType: string) =>
  new OpenAI({ apiKey: 'none', maxRetries: 0, fetch: answering(body, contentType) });

/** What a client may have added to what it read. */
function asSent(value: unknown): Wire {
  return JSON.parse(
    JSON.stringify(value, (name, member: unknown) =>
      name === 'parsed' || name === 'output_parsed' || name === 'parsed_arguments' || name === 'output_text'
        ? undefined
        : member,
    ),
  ) as Wire;
}

describe('the official SDK', () => {
  test('puts a stream together to the whole answer, however its parts were told', async () => {
    await fc.assert(
      fc.asyncProperty(foreignAnswer, fc.integer({ min: 1, max: 5 }), async (answer, pieceChars) => {
        const text = written(overlappingEvents(answer, pieceChars));
        const stream = client(text, 'text/event-stream').responses.stream({ model: 'm', input: 'x' });
        // An answer that was cut ends the helper's stream with what there is.
        expect(asSent(await stream.finalResponse())).toEqual(asSent(whole(answer)));
      }),
      { numRuns: 150 },
    );
  });

  test('sees each event with its number, from 0 without gaps, and each item begun before it is told of', () => {
    fc.assert(
      fc.property(foreignAnswer, (answer) => {
        const events = told(written(overlappingEvents(answer, 3)));
        expect(events.map((event) => event['sequence_number'])).toEqual(events.map((_, at) => at));
        expect(events.slice(0, 2).map(({ type }) => type)).toEqual(['response.created', 'response.in_progress']);
        const last = events.at(-1)?.['response'] as Wire;
        const done = events.filter(({ type }) => type === 'response.output_item.done').map(({ item }) => item);
        expect(done).toEqual(last['output']);
        const ids = (last['output'] as Wire[]).map(({ id }) => id);
        expect(new Set(ids).size).toBe(ids.length);
      }),
      { numRuns: 150 },
    );
  });
});

describe('what the maker wants back comes back', () => {
  const sentBack = (output: unknown) => responsesClient.readCall({ model: 'm', input: output }).messages;

  test.each([
    ['a thought', foreignThought],
    ['a thought that is held back', sealedThought],
    ['a call with its signature', toolCall],
  ] as const)('with %s, whole and streamed', (_, part) => {
    fc.assert(
      fc.property(part as fc.Arbitrary<ContentPart>, (content) => {
        const answer = answerOf([content]);
        const streamed = told(written(overlappingEvents(answer, 2))).at(-1)?.['response'] as Wire;
        for (const { output } of [whole(answer), streamed] as { output: unknown }[]) {
          const [message] = sentBack(output);
          const empty = content.type === 'tool-call' && content.kind === 'function' && content.arguments === '';
          expect(message?.parts).toMatchObject([empty ? { ...content, arguments: '{}' } : content]);
        }
      }),
    );
  });

  test('with each of several calls its own', () => {
    const call = (id: string, value: string): ContentPart => ({
      type: 'tool-call',
      kind: 'function',
      id,
      name: 'add',
      arguments: '{}',
      signature: { value, dialect: 'gemini' },
    });
    const parts = [call('call_1', 'one'), call('call_2', 'two')];
    expect(sentBack(whole(answerOf(parts))['output'])[0]?.parts).toMatchObject(parts);
  });
});

const SIGNED: ChatAnswer = {
  model: 'claude',
  choices: [
    {
      index: 0,
      parts: [
        { type: 'reasoning', text: 'hm', signature: { value: 'c2ln', dialect: 'anthropic-messages' } },
        {
          type: 'hosted-call',
          tool: 'web-search',
          id: 'srvtoolu_1',
          name: 'web_search',
          arguments: '{"query":"rain"}',
          source: { dialect: 'anthropic-messages', fields: {} },
        },
        {
          type: 'text',
          text: 'It rains.',
          citations: [
            {
              kind: 'web',
              url: 'https://example.com/',
              title: 'Rain',
              source: { dialect: 'anthropic-messages', fields: {} },
            },
          ],
        },
        { type: 'tool-call', kind: 'function', id: 'toolu_1', name: 'add', arguments: '{"a":1}' },
        { type: 'tool-call', kind: 'custom', id: 'toolu_2', name: 'patch', arguments: 'a line' },
      ],
      finish: { reason: 'tool-calls', said: 'tool_use' },
    },
  ],
  usage: { inputTokens: 10, cachedInputTokens: 4, outputTokens: 6, reasoningTokens: 2 },
};

describe('the strict AI SDK', () => {
  const model = (body: string, contentType: string) =>
    createOpenAI({ apiKey: 'none', fetch: answering(body, contentType) }).responses('gpt-5.2');
  const prompt = [{ role: 'user' as const, content: [{ type: 'text' as const, text: 'x' }] }];

  test('reads a whole answer and a stream alike: thought, search, source, calls and usage', async () => {
    const all = await model(JSON.stringify(whole(SIGNED)), 'application/json').doGenerate({ prompt });
    const { stream } = await model(written(overlappingEvents(SIGNED, 2)), 'text/event-stream').doStream({ prompt });
    const parts = await Array.fromAsync(stream);
    const of = (list: readonly { readonly type: string }[], type: string) => list.filter((part) => part.type === type);
    expect(of(parts, 'error')).toEqual([]);
    expect(all.warnings).toEqual([]);
    expect(of(all.content, 'reasoning')).toMatchObject([{ text: 'hm' }]);
    expect(of(all.content, 'source')).toMatchObject([{ url: 'https://example.com/', title: 'Rain' }]);
    const calls = of(all.content, 'tool-call');
    expect(calls).toHaveLength(3);
    expect(calls).toMatchObject([{}, { toolCallId: 'toolu_1', input: '{"a":1}' }, { toolCallId: 'toolu_2' }]);
    expect(of(parts, 'tool-call')).toEqual(calls);
    expect(parts.at(-1)).toMatchObject({ type: 'finish', usage: all.usage, finishReason: all.finishReason });
    expect(all.usage.inputTokens).toMatchObject({ total: 10, cacheRead: 4 });
  });
});

describe('the bytes of a stream', () => {
  test('parts that are told all at once come one after the other, each whole', () => {
    const call = (part: number): StreamEvent => ({
      type: 'tool-call-start',
      choice: 0,
      part,
      kind: 'function',
      id: `c${part}`,
      name: 'f',
    });
    const args = (part: number, text: string): StreamEvent => ({ type: 'arguments-delta', choice: 0, part, text });
    const events = told(written([call(0), args(0, '{"x"'), call(1), args(1, '{}'), args(0, ':1}')]));
    expect(
      events.slice(2, -1).map(({ type, output_index }) => `${String(type).slice(9)} ${String(output_index)}`),
    ).toEqual([
      'output_item.added 0',
      'function_call_arguments.delta 0',
      'function_call_arguments.delta 0',
      'function_call_arguments.done 0',
      'output_item.done 0',
      'output_item.added 1',
      'function_call_arguments.delta 1',
      'function_call_arguments.done 1',
      'output_item.done 1',
    ]);
  });

  test('nothing is written of an answer before it says something', () => {
    const writer = responsesClient.streamWriter(IDENTITY);
    for (const event of [
      { type: 'answer-start' },
      { type: 'ping' },
      { type: 'usage-update', usage: { inputTokens: 7 } },
      { type: 'text-start', choice: 0, part: 0 },
    ] satisfies StreamEvent[]) {
      expect(writer.write(event)).toHaveLength(0);
    }
  });

  test('until the end nothing says that it is over, so that a stream that is cut is not taken for a whole one', () => {
    const writer = responsesClient.streamWriter(IDENTITY);
    const before = Buffer.concat(overlappingEvents(SIGNED, 4).map((event) => writer.write(event))).toString();
    expect(before).not.toContain('response.completed');
    expect(writer.end().toString()).toContain('"status":"completed"');
  });

  test.each([
    ['length', 'response.incomplete', { reason: 'max_output_tokens' }],
    ['content-filter', 'response.incomplete', { reason: 'content_filter' }],
    ['refusal', 'response.incomplete', { reason: 'content_filter' }],
    ['stop', 'response.completed', null],
    ['pause', 'response.completed', null],
  ] as const)('an answer that ended for %s says so, and so does its last message', (reason, type, details) => {
    const answer: ChatAnswer = {
      choices: [{ index: 0, parts: [{ type: 'text', text: 'Half' }], finish: { reason } }],
    };
    const last = told(written(overlappingEvents(answer, 2))).at(-1);
    const status = details === null ? 'completed' : 'incomplete';
    expect(last).toMatchObject({ type, response: { status, incomplete_details: details, output: [{ status }] } });
    expect(whole(answer)).toMatchObject({ status, incomplete_details: details, output: [{ status }] });
  });

  test('a refusal that stands on its own is a complete answer', () => {
    const answer: ChatAnswer = {
      choices: [{ index: 0, parts: [{ type: 'refusal', text: 'No.' }], finish: { reason: 'refusal' } }],
    };
    const content = [{ type: 'refusal', refusal: 'No.' }];
    expect(whole(answer)).toMatchObject({ status: 'completed', output: [{ content }] });
    expect(told(written(overlappingEvents(answer, 2))).at(-1)).toMatchObject({ type: 'response.completed' });
  });

  test('of a second choice nothing is told', () => {
    const events: StreamEvent[] = [
      { type: 'text-start', choice: 1, part: 0 },
      { type: 'text-delta', choice: 1, part: 0, text: 'other' },
      { type: 'choice-finish', choice: 1, finish: { reason: 'length' } },
    ];
    const text = written(events);
    expect(text).not.toContain('other');
    expect(told(text).at(-1)).toMatchObject({ type: 'response.completed' });
  });
});

test('an answer that its provider gave up is an error, whole and streamed', () => {
  const finish = { reason: 'error', said: 'engine_overloaded' } as const;
  expect(() => written([{ type: 'choice-finish', choice: 0, finish }])).toThrow(/engine_overloaded/);
  const answer: ChatAnswer = { choices: [{ index: 0, parts: [{ type: 'text', text: 'half' }], finish }] };
  expect(() => whole(answer)).toThrow(/engine_overloaded/);
  expect(() => whole({ choices: [] })).toThrow(/without any choice/);
});

test('an answer repeats what its client asked, and says what is usual of the rest', () => {
  expect(whole(answerOf([{ type: 'text', text: 'Hi' }]))).toMatchObject({
    id: 'resp_0a1b2c',
    object: 'response',
    model: 'asked-for',
    created_at: 1_700_000_003,
    tools: [{ type: 'function', name: 'add', strict: null }],
    tool_choice: 'auto',
    temperature: 1,
    text: { format: { type: 'text' } },
    usage: null,
    output: [{ id: 'msg_0a1b2c_0', content: [{ type: 'output_text', text: 'Hi' }] }],
  });
});
