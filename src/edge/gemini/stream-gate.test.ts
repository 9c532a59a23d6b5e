import { expect, test } from 'vitest';
import { GatewayError } from '../../kernel/errors.ts';
import type { StreamForm } from './address.ts';
import { GeminiStreamGate } from './stream-gate.ts';

const event = (fields: object) => `data: ${JSON.stringify(fields)}\r\n\r\n`;
const says = (parts: object[], more: object = {}, index = 0) => ({
  candidates: [{ content: { parts, role: 'model' }, index, ...more }],
});
const usage = (candidatesTokenCount: number) => ({
  usageMetadata: { promptTokenCount: 10, candidatesTokenCount, totalTokenCount: 10 + candidatesTokenCount },
});
const FIRST = event({ ...says([{ text: 'né 🌊' }]), ...usage(2), modelVersion: 'm' });
const SECOND = event({ ...says([{ functionCall: { name: 'look', args: { a: 1 } } }]), ...usage(5) });
const LAST = event({ ...says([{ text: '' }], { finishReason: 'STOP' }), ...usage(7) });
const WHOLE = FIRST + SECOND + LAST;
const ERROR = event({ error: { code: 503, message: 'busy', status: 'UNAVAILABLE' } });

function run(text: string, form: StreamForm = 'sse', eventBytesMax = 1024) {
  const gate = new GeminiStreamGate({ dropUsage: false, eventBytesMax }, form);
  const beforeEnd = gate.push(Buffer.from(text))?.toString() ?? '';
  const { bytes, complete } = gate.finish();
  return { out: beforeEnd + (bytes?.toString() ?? ''), beforeEnd, complete, gate };
}

test('a whole stream passes as it came, and its last event waits for the settlement', () => {
  const { out, beforeEnd, complete, gate } = run(WHOLE);
  expect(out).toBe(WHOLE);
  expect(beforeEnd).toBe(FIRST + SECOND);
  expect(complete).toBe(true);
  expect(gate.facts).toMatchObject({
    dataEvents: 3,
    contentSeen: true,
    terminal: true,
    finishReason: 'STOP',
    usage: { inputTokens: 10, outputTokens: 7 },
  });
  expect(gate.facts.output?.()).toBe('né 🌊look{"a":1}');
});

test('what comes after the event with a reason takes its place as the last one', () => {
  const after = event(usage(9));
  const { out, beforeEnd, complete, gate } = run(`${WHOLE}: idle\r\n\r\n${after}\r\n`);
  expect(out).toBe(`${WHOLE}: idle\r\n\r\n${after}\r\n`);
  expect(beforeEnd).toBe(`${WHOLE}: idle\r\n\r\n`);
  expect(complete).toBe(true);
  expect(gate.facts.usage?.outputTokens).toBe(9);
});

test.each(['sse', 'array'] as const)('wherever it is cut, the same comes out and the same is read: %s', (form) => {
  const bytes = Buffer.from(WHOLE);
  const once = run(WHOLE, form);
  for (let cut = 0; cut <= bytes.length; cut++) {
    const gate = new GeminiStreamGate({ dropUsage: false, eventBytesMax: 1024 }, form);
    const parts = [gate.push(bytes.subarray(0, cut)), gate.push(bytes.subarray(cut)), gate.finish().bytes];
    expect(Buffer.concat(parts.filter((part) => part !== undefined)).toString()).toBe(once.out);
    expect(gate.facts.usage).toEqual(once.gate.facts.usage);
    expect(gate.facts.dataEvents).toBe(3);
  }
});

test('one byte at a time, with any line end, is the same stream', () => {
  for (const text of [WHOLE, WHOLE.replaceAll('\r\n', '\n')]) {
    const gate = new GeminiStreamGate({ dropUsage: false, eventBytesMax: 1024 }, 'sse');
    const passed = [...Buffer.from(text)].flatMap((byte) => gate.push(Buffer.of(byte)) ?? []);
    const { bytes, complete } = gate.finish();
    expect(Buffer.concat(bytes === undefined ? passed : [...passed, bytes]).toString()).toBe(text);
    expect(complete).toBe(true);
  }
});

test('for a client that reads an array, data become its elements, and comments nothing', () => {
  const { out, beforeEnd, complete } = run(`${FIRST}: idle\r\n\r\n${SECOND}${LAST}`, 'array');
  expect(complete).toBe(true);
  expect(JSON.parse(`${beforeEnd}\n]`)).toHaveLength(2);
  expect(out).toMatch(/^\[\{.*\}\n,\r\n\{.*\}\n,\r\n\{.*\}\n\]\n$/);
  const datas = [FIRST, SECOND, LAST].map((each) => each.slice('data: '.length).trimEnd());
  expect(out).toBe(`[${datas.join('\n,\r\n')}\n]\n`);
  expect(() => run('data: {oops\n\n', 'array')).toThrow(/no JSON object/);
});

test('a stream without a reason is not complete', () => {
  expect(run(FIRST + SECOND)).toMatchObject({ out: FIRST + SECOND, complete: false });
  expect(run(FIRST, 'array').complete).toBe(false);
});

test('an answer is complete when each of its candidates is', () => {
  const other = event(says([{ text: 'b' }], {}, 1));
  const otherEnd = event(says([], { finishReason: 'MAX_TOKENS' }, 1));
  expect(run(FIRST + other + LAST).complete).toBe(false);
  expect(run(FIRST + other + LAST + otherEnd)).toMatchObject({
    complete: true,
    beforeEnd: FIRST + other + LAST,
  });
});

test('a prompt that is blocked has no answer, and that is all of it', () => {
  const blocked = event({ promptFeedback: { blockReason: 'SAFETY' }, ...usage(0) });
  const { complete, out, gate } = run(blocked);
  expect({ complete, out }).toEqual({ complete: true, out: blocked });
  expect(gate.facts).toMatchObject({ finishReason: 'SAFETY', dataEvents: 1, contentSeen: false });
});

test('an event that only counts is no progress', () => {
  expect(run(event({ ...usage(0), responseId: 'r' })).gate.facts.dataEvents).toBe(0);
});

test.each([
  ['a text', [{ text: 'a' }], true],
  ['an empty text', [{ text: '' }], false],
  ['a thought', [{ text: 'hm', thought: true }], true],
  ['a call', [{ functionCall: { name: 'f' } }], true],
  ['a picture', [{ inlineData: { mimeType: 'image/png', data: 'AA==' } }], true],
  ['a signature alone', [{ text: '', thoughtSignature: 'x' }], false],
])('content has been seen: %s', (_what, parts, seen) => {
  expect(run(event(says(parts))).gate.facts.contentSeen).toBe(seen);
});

test('an error inside the stream is a fact, with its status, and closes an array', () => {
  const { gate, out, complete } = run(FIRST + ERROR);
  expect({ out, complete }).toEqual({ out: FIRST + ERROR, complete: false });
  expect(gate.facts.error).toMatchObject({ code: 'upstream_error', status: 503, retry: 'other-target' });
  expect(JSON.parse(run(FIRST + ERROR, 'array').out)).toMatchObject([{}, { error: { code: 503 } }]);
  expect(run(LAST + ERROR).complete).toBe(false);
});

test('an error of ours ends an array where it stands', () => {
  const error = new GatewayError('stream_truncated', { message: 'cut' });
  for (const before of ['', FIRST, FIRST + SECOND]) {
    const { gate, out } = run(before, 'array');
    const told = JSON.parse(out + (gate.errorEvent(error, 'call_1')?.toString() ?? '')) as unknown[];
    expect(told).toHaveLength(before.split('data:').length);
    expect(told.at(-1)).toMatchObject({ error: { status: 'INTERNAL', message: 'cut' } });
  }
  expect(run(FIRST).gate.errorEvent(error, 'call_1')).toBeUndefined();
});

test('half an event at the end is never passed on, and a whole one gets the blank line that it lacks', () => {
  expect(run(`${FIRST}data: {"candidates":[{"con`)).toMatchObject({ out: FIRST, complete: false });
  expect(run(WHOLE.slice(0, -2))).toMatchObject({ out: WHOLE, complete: true });
  expect(run(WHOLE.slice(0, -4))).toMatchObject({ out: `${WHOLE.slice(0, -4)}\n\n`, complete: true });
});

test('what is not JSON passes on as it is: it is the provider’s own', () => {
  const odd = 'data: {oops\r\n\r\n';
  expect(run(FIRST + odd + LAST)).toMatchObject({ out: FIRST + odd + LAST, complete: true });
});

test('a single event beyond the bound is refused', () => {
  expect(() => run(`data: ${'x'.repeat(100)}`, 'sse', 64)).toThrow(/more than 64 bytes/);
});
