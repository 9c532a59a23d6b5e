import { describe, expect, test } from 'vitest';
import { GatewayError } from '../../kernel/errors.ts';
import { eventText } from './errors.ts';
import { ResponsesStreamGate } from './stream-gate.ts';

type Event = { readonly type: string } & Record<string, unknown>;

const RESPONSE = { id: 'resp_1', object: 'response', created_at: 7, model: 'm', status: 'in_progress', output: [] };
const ITEM = { id: 'msg_1', type: 'message', role: 'assistant', status: 'in_progress', content: [] };
const USAGE = { input_tokens: 9, output_tokens: 4, output_tokens_details: { reasoning_tokens: 1 } };
const BEGINNING: Event[] = [
  { type: 'response.created', response: RESPONSE },
  { type: 'response.in_progress', response: RESPONSE },
];
const SPEAKING: Event[] = [
  { type: 'response.output_item.added', output_index: 0, item: ITEM },
  { type: 'response.content_part.added', output_index: 0, content_index: 0, part: { type: 'output_text', text: '' } },
  { type: 'response.output_text.delta', output_index: 0, content_index: 0, delta: 'Hello.' },
];
const COMPLETED: Event = {
  type: 'response.completed',
  response: { ...RESPONSE, status: 'completed', usage: USAGE, service_tier: 'flex' },
};

function text(...events: readonly Event[]): string {
  return events.map((event, at) => eventText({ ...event, sequence_number: at })).join('');
}

function run(stream: string, pieces: readonly number[] = []) {
  const gate = new ResponsesStreamGate({ dropUsage: false, eventBytesMax: 4096 });
  const bytes = Buffer.from(stream);
  const cuts = [0, ...pieces, bytes.length];
  let beforeEnd = '';
  for (const [at, from] of cuts.slice(0, -1).entries()) {
    beforeEnd += gate.push(bytes.subarray(from, cuts[at + 1]))?.toString() ?? '';
  }
  const { bytes: tail, complete } = gate.finish();
  return { out: beforeEnd + (tail?.toString() ?? ''), beforeEnd, complete, gate };
}

describe('a whole stream', () => {
  const whole = text(...BEGINNING, ...SPEAKING, COMPLETED);

  test('passes as it came, and its end waits for the settlement', () => {
    const { out, beforeEnd, complete, gate } = run(whole);
    expect(out).toBe(whole);
    expect(beforeEnd).toBe(text(...BEGINNING, ...SPEAKING));
    expect(complete).toBe(true);
    expect(gate.facts).toMatchObject({
      dataEvents: 4,
      contentSeen: true,
      terminal: true,
      finishReason: 'completed',
      usage: { inputTokens: 9, outputTokens: 4, reasoningTokens: 1, serviceTier: 'flex' },
    });
    expect(gate.facts.output?.()).toBe('Hello.');
  });

  test('is the same cut at every byte, and one byte at a time', () => {
    const facts = JSON.stringify(run(whole).gate.facts);
    const each = Array.from({ length: whole.length - 1 }, (_, at) => at + 1);
    for (const pieces of [each, ...each.map((at) => [at])]) {
      const { out, complete, gate } = run(whole, pieces);
      expect(out).toBe(whole);
      expect(complete).toBe(true);
      expect(JSON.stringify(gate.facts)).toBe(facts);
    }
  });

  test('that stops for want of room is complete, and says why it ended', () => {
    const incomplete = {
      type: 'response.incomplete',
      response: {
        ...RESPONSE,
        status: 'incomplete',
        incomplete_details: { reason: 'max_output_tokens' },
        usage: USAGE,
      },
    };
    const { complete, gate } = run(text(...BEGINNING, ...SPEAKING, incomplete));
    expect(complete).toBe(true);
    expect(gate.facts).toMatchObject({ finishReason: 'max_output_tokens', usage: { outputTokens: 4 } });
  });

  test('may lack its last blank line, and gets it', () => {
    const { out, complete } = run(whole.slice(0, -2));
    expect(out).toBe(whole);
    expect(complete).toBe(true);
  });

  test('may be followed by the end of another dialect, which passes', () => {
    const { out, complete } = run(`${whole}data: [DONE]\n\n`);
    expect(out).toBe(`${whole}data: [DONE]\n\n`);
    expect(complete).toBe(true);
  });
});

test('an answer that has only begun is no progress, nor is a sign of life', () => {
  const { gate } = run(text(...BEGINNING, { type: 'response.queued', response: RESPONSE }, { type: 'keepalive' }));
  expect(gate.facts).toMatchObject({ dataEvents: 0, contentSeen: false, terminal: false });
});

test.each<[string, Event, boolean]>([
  ['a message that is still empty', { type: 'response.output_item.added', item: ITEM }, false],
  [
    'a thought that is still empty',
    { type: 'response.output_item.added', item: { type: 'reasoning', summary: [] } },
    false,
  ],
  ['an empty piece', { type: 'response.output_text.delta', delta: '' }, false],
  [
    'a call',
    { type: 'response.output_item.added', item: { type: 'function_call', name: 'look', arguments: '' } },
    true,
  ],
  ['a search', { type: 'response.output_item.added', item: { type: 'web_search_call' } }, true],
  ['a thought', { type: 'response.reasoning_summary_text.delta', delta: 'hm' }, true],
  ['a piece of a picture', { type: 'response.image_generation_call.partial_image', partial_image_b64: 'AA' }, true],
])('%s is content or not', (_what, event, seen) => {
  expect(run(text(...BEGINNING, event)).gate.facts.contentSeen).toBe(seen);
});

test('what is said in calls, thoughts and refusals is counted, and sound is not', () => {
  const { gate } = run(
    text(
      { type: 'response.reasoning_text.delta', delta: 'hm ' },
      { type: 'response.output_item.added', item: { type: 'function_call', name: 'look', arguments: '' } },
      { type: 'response.function_call_arguments.delta', delta: '{}' },
      { type: 'response.refusal.delta', delta: ' no' },
      { type: 'response.audio.delta', delta: 'AAAA' },
    ),
  );
  expect(gate.facts.output?.()).toBe('hm look{} no');
});

test('an answer that comes whole with its end is counted from there', () => {
  const output = [{ ...ITEM, content: [{ type: 'output_text', text: 'Hi.' }] }];
  const { gate } = run(text({ type: 'response.completed', response: { ...RESPONSE, status: 'completed', output } }));
  expect(gate.facts.output?.()).toBe('Hi.');
  expect(gate.facts.contentSeen).toBe(true);
});

describe('a stream that fails', () => {
  const rate = { type: 'tokens', code: 'rate_limit_exceeded', message: 'Limit 1, requested 30.', param: null };
  const failed = { type: 'response.failed', response: { ...RESPONSE, status: 'failed', error: rate } };

  test.each<[string, readonly Event[]]>([
    ['an error and a failure', [{ type: 'error', error: rate }, failed]],
    ['an error as the types have it', [{ ...rate, type: 'error' }, failed]],
    ['a failure alone', [failed]],
  ])('with %s passes both, and the error is a fact', (_what, ending) => {
    const stream = text(...BEGINNING, ...ending);
    const { out, gate } = run(stream);
    expect(out).toBe(stream);
    expect(gate.facts.error).toMatchObject({ code: 'rate_limited', message: expect.stringContaining('Limit 1') });
    expect(gate.facts.contentSeen).toBe(false);
  });

  test('keeps what it used', () => {
    const { response } = failed;
    const { gate } = run(text({ type: 'response.failed', response: { ...response, usage: USAGE } }));
    expect(gate.facts.usage).toMatchObject({ inputTokens: 9 });
  });

  test('by stopping is not complete, and no end is made up', () => {
    const stream = text(...BEGINNING, ...SPEAKING);
    expect(run(stream)).toMatchObject({ out: stream, complete: false });
    expect(run(`${stream}event: response.completed\ndata: {"type":"resp`)).toMatchObject({
      out: stream,
      complete: false,
    });
  });
});

test('an error of ours goes on with the stream’s own numbers and names its answer', () => {
  const { out, gate } = run(text(...BEGINNING, ...SPEAKING));
  const ended = gate.errorEvent(new GatewayError('stream_truncated', { message: 'It stopped.' }), 'call_9');
  const events = (out + ended.toString())
    .split('\n\n')
    .filter((event) => event !== '')
    .map((event) => JSON.parse(event.slice(event.indexOf('data: ') + 6)) as Event);
  expect(events.map((event) => event['sequence_number'])).toEqual([0, 1, 2, 3, 4, 5, 6]);
  expect(events.at(-2)).toMatchObject({ type: 'error', code: 'stream_truncated', message: 'It stopped.', param: null });
  expect(events.at(-1)).toMatchObject({
    type: 'response.failed',
    response: { id: 'resp_1', created_at: 7, model: 'm', status: 'failed', error: { code: 'server_error' } },
  });
});

test('an event that is not JSON passes as it came', () => {
  const stream = `data: {broken\n\n${text(COMPLETED)}`;
  expect(run(stream)).toMatchObject({ out: stream, complete: true });
});

test('an event beyond the limit is refused', () => {
  const gate = new ResponsesStreamGate({ dropUsage: false, eventBytesMax: 64 });
  expect(() => gate.push(Buffer.from(`data: ${'x'.repeat(100)}`))).toThrow(/more than 64 bytes/);
});
