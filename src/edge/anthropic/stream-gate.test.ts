import { expect, test } from 'vitest';
import { AnthropicStreamGate } from './stream-gate.ts';

const event = (fields: { readonly type: string } & Record<string, unknown>) =>
  `event: ${fields.type}\ndata: ${JSON.stringify(fields)}\n\n`;
const START = event({
  type: 'message_start',
  message: { content: [], usage: { input_tokens: 10, cache_read_input_tokens: 90, output_tokens: 1 } },
});
const PING = 'event: ping\ndata: {"type": "ping"}\n\n';
const block = (content: object, index = 0) => event({ type: 'content_block_start', index, content_block: content });
const delta = (fields: object) => event({ type: 'content_block_delta', index: 0, delta: fields });
const STOP = event({ type: 'content_block_stop', index: 0 });
const END = event({
  type: 'message_delta',
  delta: { stop_reason: 'end_turn', stop_sequence: null },
  usage: { output_tokens: 7, input_tokens: 12 },
});
const OVER = event({ type: 'message_stop' });
const TEXT = { type: 'text', text: '' };
const SAID = delta({ type: 'text_delta', text: 'né 🌊' });
const WHOLE = `${START}${PING}${block(TEXT)}${SAID}${STOP}${END}${OVER}`;

function run(text: string) {
  const gate = new AnthropicStreamGate({ dropUsage: false, eventBytesMax: 1024 });
  const beforeEnd = gate.push(Buffer.from(text))?.toString() ?? '';
  const { bytes, complete } = gate.finish();
  return { out: beforeEnd + (bytes?.toString() ?? ''), beforeEnd, complete, gate };
}

test('a whole stream passes as it came, and its last event waits for the settlement', () => {
  const { out, beforeEnd, complete, gate } = run(WHOLE);
  expect(out).toBe(WHOLE);
  expect(beforeEnd).not.toContain('message_stop');
  expect(complete).toBe(true);
  expect(gate.facts).toMatchObject({
    dataEvents: 5,
    contentSeen: true,
    terminal: true,
    finishReason: 'end_turn',
    usage: { inputTokens: 102, cachedInputTokens: 90, outputTokens: 7 },
  });
  expect(gate.facts.output?.()).toBe('né 🌊');
});

test('wherever it is cut, the same bytes come out and the same is read', () => {
  const bytes = Buffer.from(WHOLE);
  const once = run(WHOLE).gate.facts;
  for (let cut = 0; cut <= bytes.length; cut++) {
    const gate = new AnthropicStreamGate({ dropUsage: false, eventBytesMax: 1024 });
    const parts = [gate.push(bytes.subarray(0, cut)), gate.push(bytes.subarray(cut)), gate.finish().bytes];
    expect(Buffer.concat(parts.filter((part) => part !== undefined)).toString()).toBe(WHOLE);
    expect({ ...gate.facts, output: gate.facts.output?.(), outputChars: 0 }).toEqual({
      ...once,
      output: once.output?.(),
      outputChars: 0,
    });
  }
});

test('one byte at a time, in CRLF too, is the same stream', () => {
  for (const text of [WHOLE, WHOLE.replaceAll('\n', '\r\n')]) {
    const gate = new AnthropicStreamGate({ dropUsage: false, eventBytesMax: 1024 });
    const out: Buffer[] = [];
    for (const byte of Buffer.from(text)) {
      const passed = gate.push(Buffer.of(byte));
      if (passed !== undefined) out.push(passed);
    }
    const { bytes, complete } = gate.finish();
    expect(Buffer.concat(bytes === undefined ? out : [...out, bytes]).toString()).toBe(text);
    expect(complete).toBe(true);
    expect(gate.facts).toMatchObject({ dataEvents: 5, usage: { outputTokens: 7 } });
  }
});

test('a stream without its last event is not complete, and the placeholder for its output is no count', () => {
  const { out, complete, gate } = run(`${START}${block(TEXT)}${SAID}`);
  expect(out).toBe(`${START}${block(TEXT)}${SAID}`);
  expect(complete).toBe(false);
  expect(gate.facts.usage).toEqual({ inputTokens: 100, cachedInputTokens: 90 });
  expect(run(`${START}${block(TEXT)}${SAID}${STOP}${END}`).complete).toBe(false);
});

test('a message that has begun, and a ping, are no progress', () => {
  const { gate, out } = run(START + PING + PING);
  expect(gate.facts.dataEvents).toBe(0);
  expect(out).toBe(START + PING + PING);
  expect(run(START + block(TEXT)).gate.facts.dataEvents).toBe(1);
});

test.each([
  ['the beginning of a text', START + block(TEXT), false],
  ['a piece of text', START + block(TEXT) + SAID, true],
  ['a text that begins with something', START + block({ type: 'text', text: 'a' }), true],
  ['the beginning of a tool call', START + block({ type: 'tool_use', id: 't', name: 'n', input: {} }), true],
  ['a thought that nobody may read', START + block({ type: 'redacted_thinking', data: 'x' }), true],
])('%s: content has been seen: %#', (_what, text, seen) => {
  expect(run(text).gate.facts.contentSeen).toBe(seen);
});

test('what tools are called with, and thoughts, are output', () => {
  const { gate } = run(
    START +
      block({ type: 'thinking', thinking: '', signature: '' }) +
      delta({ type: 'thinking_delta', thinking: 'hm ' }) +
      delta({ type: 'signature_delta', signature: 'EqQB' }) +
      block({ type: 'tool_use', id: 't', name: 'look', input: {} }, 1) +
      delta({ type: 'input_json_delta', partial_json: '{"a":1}' }),
  );
  expect(gate.facts.output?.()).toBe('hm look{"a":1}');
});

test('an error inside the stream is a fact, with the status that belongs to it', () => {
  const error = event({ type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } });
  const { gate, out, complete } = run(START + error);
  expect(out).toBe(START + error);
  expect(complete).toBe(false);
  expect(gate.facts.error).toMatchObject({ code: 'upstream_error', status: 529, retry: 'other-target' });
});

test('half an event at the end is never passed on, and a whole one gets the blank line that it lacks', () => {
  expect(run(`${START}event: content_block_delta\ndata: {"type":"content_bl`)).toMatchObject({
    out: START,
    complete: false,
  });
  expect(run(WHOLE.slice(0, -1))).toMatchObject({ out: WHOLE, complete: true });
  expect(run(WHOLE.slice(0, -2))).toMatchObject({ out: WHOLE, complete: true });
});

test('what is not JSON passes on: it is the provider’s own', () => {
  const odd = 'event: content_block_delta\ndata: {oops\n\n';
  expect(run(START + odd + OVER)).toMatchObject({ out: START + odd + OVER, complete: true });
});

test('a single event beyond the bound is refused', () => {
  const gate = new AnthropicStreamGate({ dropUsage: false, eventBytesMax: 64 });
  expect(() => gate.push(Buffer.from(`data: ${'x'.repeat(100)}`))).toThrow(/more than 64 bytes/);
});
