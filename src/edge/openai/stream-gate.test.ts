import { expect, test } from 'vitest';
import { OpenAiStreamGate } from './stream-gate.ts';

const chunk = (fields: object) => `data: ${JSON.stringify(fields)}\n\n`;
const delta = (content: string, index = 0) => chunk({ choices: [{ index, delta: { content }, finish_reason: null }] });
const finish = (index = 0) => chunk({ choices: [{ index, delta: {}, finish_reason: 'stop' }] });
const USAGE = chunk({ choices: [], usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 } });
const DONE = 'data: [DONE]\n\n';

interface Run {
  readonly out: string;
  readonly beforeEnd: string;
  readonly complete: boolean;
  readonly gate: OpenAiStreamGate;
}

function run(text: string, dropUsage = false): Run {
  const gate = new OpenAiStreamGate({ dropUsage, eventBytesMax: 1024 });
  const beforeEnd = gate.push(Buffer.from(text))?.toString() ?? '';
  const { bytes, complete } = gate.finish();
  return { out: beforeEnd + (bytes?.toString() ?? ''), beforeEnd, complete, gate };
}

test('a whole stream passes as it came, and its last event waits for the settlement', () => {
  const text = `: ping\n\n${delta('a')}${finish()}${USAGE}${DONE}`;
  const { out, beforeEnd, complete, gate } = run(text);
  expect(out).toBe(text);
  expect(beforeEnd).not.toContain('[DONE]');
  expect(complete).toBe(true);
  expect(gate.facts).toMatchObject({
    contentSeen: true,
    finishReason: 'stop',
    usage: { inputTokens: 3, outputTokens: 2 },
  });
});

test('a usage event that only our injection caused is dropped, and is still read', () => {
  const { out, gate } = run(`${delta('a')}${finish()}${USAGE}${DONE}`, true);
  expect(out).toBe(`${delta('a')}${finish()}${DONE}`);
  expect(gate.facts.usage).toEqual({ inputTokens: 3, outputTokens: 2 });
});

test('usage that rides on an event with choices is never dropped', () => {
  const last = chunk({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }], usage: { prompt_tokens: 1 } });
  expect(run(`${last}${DONE}`, true).out).toBe(`${last}${DONE}`);
});

test.each([
  ['Groq', { choices: [], x_groq: { usage: { prompt_tokens: 3, completion_tokens: 2 } } }],
  ['Moonshot', { choices: [{ index: 0, delta: {}, usage: { prompt_tokens: 3, completion_tokens: 2 } }] }],
])('usage is read where %s puts it', (_, fields) => {
  expect(run(`${delta('a')}${chunk(fields)}${finish()}${DONE}`).gate.facts.usage).toEqual({
    inputTokens: 3,
    outputTokens: 2,
  });
});

test('a missing [DONE] is supplied once every choice has finished', () => {
  expect(run(`${delta('a')}${finish()}`)).toMatchObject({ out: `${delta('a')}${finish()}${DONE}`, complete: true });
  const oneOfTwo = `${delta('a', 0)}${delta('b', 1)}${finish(0)}`;
  expect(run(oneOfTwo)).toMatchObject({ out: oneOfTwo, complete: false });
});

test('a stream without a finish is not complete, and no end is made up', () => {
  expect(run(delta('a'))).toMatchObject({ out: delta('a'), complete: false });
  expect(run('')).toMatchObject({ out: '', complete: false });
});

test('half an event at the end is never passed on', () => {
  expect(run(`${delta('a')}data: {"choices":[{"ind`)).toMatchObject({ out: delta('a'), complete: false });
});

test('a last event that lacks only its blank line counts and passes', () => {
  const text = `${delta('a')}${finish()}data: [DONE]`;
  expect(run(text)).toMatchObject({ out: text, complete: true });
});

test('an error inside the stream is seen, passed on, and followed by no [DONE] of ours', () => {
  const error = chunk({ error: { message: 'overloaded', type: 'server_error' } });
  const { out, gate } = run(`${delta('a')}${finish()}${error}`);
  expect(out).toBe(`${delta('a')}${finish()}${error}`);
  expect(gate.facts.error?.message).toContain('overloaded');
});

test('an event that is not JSON passes as it came', () => {
  const text = `data: {broken\n\n${finish()}${DONE}`;
  expect(run(text)).toMatchObject({ out: text, complete: true });
});

test('usage that comes after [DONE] is read', () => {
  const { out, gate } = run(`${finish()}${DONE}${USAGE}`);
  expect(out).toBe(`${finish()}${DONE}${USAGE}`);
  expect(gate.facts.usage).toBeDefined();
});

test('absurd counts are unknown, not zero', () => {
  const bad = chunk({ choices: [], usage: { prompt_tokens: -1, completion_tokens: '7' } });
  expect(run(`${finish()}${bad}${DONE}`).gate.facts.usage).toBeUndefined();
});

test('an event beyond the limit is refused', () => {
  const gate = new OpenAiStreamGate({ dropUsage: false, eventBytesMax: 64 });
  expect(() => gate.push(Buffer.from(`data: ${'x'.repeat(100)}`))).toThrow(/more than 64 bytes/);
});
