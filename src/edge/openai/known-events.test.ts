import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { OpenAiStreamGate } from './stream-gate.ts';

/** What a gate made of a stream: what the client gets, at once and at the end, and what it was found to say. */
function passed(pieces: readonly Buffer[], dropUsage = true) {
  const gate = new OpenAiStreamGate({ dropUsage, eventBytesMax: 64 * 1024 });
  const out = pieces.map((piece) => gate.push(piece) ?? Buffer.alloc(0));
  const { bytes, complete } = gate.finish();
  const { output, outputChars, ...facts } = gate.facts;
  return {
    out: Buffer.concat([...out, bytes ?? Buffer.alloc(0)]).toString(),
    complete,
    facts: { ...facts, said: output?.(), chars: outputChars?.() },
  };
}

const bytewise = (events: readonly string[]) => [...Buffer.from(events.join(''))].map((byte) => Buffer.from([byte]));
const eventwise = (events: readonly string[]) => events.map((event) => Buffer.from(event));
const event = (fields: unknown) => `data: ${JSON.stringify(fields)}\n\n`;
const head = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'm' };
const says = (delta: object, more: object = {}, index = 0) =>
  event({ ...head, choices: [{ index, delta, logprobs: null, finish_reason: null }], usage: null, ...more });
const finish = (index = 0) => event({ ...head, choices: [{ index, delta: {}, finish_reason: 'stop' }] });
const USAGE = event({ ...head, choices: [], usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 } });
const DONE = 'data: [DONE]\n\n';

/** Texts as models write them, and those that JSON escapes, or that look like what stands around them. */
const text = fc.oneof(
  fc.constantFrom('', ' Hello', 'é', '好', '😀', '"', '\\', '\n', '\u2028', 'content', '"content":"x"', 'probe 0'),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
);
const anyEvent = fc.oneof(
  { weight: 12, arbitrary: text.map((content) => says({ content })) },
  { weight: 4, arbitrary: text.map((content) => says({ role: 'assistant', content, refusal: null })) },
  { weight: 4, arbitrary: fc.tuple(text, text).map(([content, pad]) => says({ content }, { obfuscation: pad })) },
  { weight: 2, arbitrary: text.map((reasoning) => says({ content: '', reasoning })) },
  { weight: 2, arbitrary: fc.tuple(text, text).map(([one, two]) => says({ content: one, reasoning_content: two })) },
  { weight: 2, arbitrary: text.map((content) => says({ content }, {}, 1)) },
  { weight: 1, arbitrary: text.map((content) => says({ content }, { usage: { prompt_tokens: 3 } })) },
  { weight: 1, arbitrary: text.map((content) => says({ content }, { error: { message: content } })) },
  { weight: 1, arbitrary: text.map((content) => says({ content }, { note: { content } })) },
  { weight: 1, arbitrary: text.map((name) => says({ tool_calls: [{ index: 0, function: { name } }] })) },
  { weight: 1, arbitrary: text.map((content) => says({ content }).replaceAll('\n', '\r\n')) },
  { weight: 1, arbitrary: text.map((content) => says({ content }).replaceAll('":', '": ')) },
  { weight: 1, arbitrary: text.map((content) => says({ content }).replace('data: ', 'data:')) },
  { weight: 1, arbitrary: text.map((content) => `event: chunk\n${says({ content })}`) },
  { weight: 1, arbitrary: fc.constantFrom(': ping\n\n', finish(0), finish(1), USAGE, 'data: {broken\n\n', DONE) },
);

test('whatever forms its events have, a stream that comes event by event is what it is byte by byte', () => {
  fc.assert(
    fc.property(fc.array(anyEvent, { maxLength: 24 }), fc.boolean(), (events, dropUsage) => {
      expect(passed(eventwise(events), dropUsage)).toEqual(passed(bytewise(events), dropUsage));
    }),
    { numRuns: 400 },
  );
});

test.each([
  ['a text', (index: number) => says({ content: ` word${index}` })],
  [
    'a text with padding of another length each',
    (index: number) => says({ content: ` word${index}` }, { obfuscation: 'x'.repeat(index % 7) }),
  ],
  [
    'reasoning beside an empty text',
    (index: number) => says({ role: 'assistant', content: '', reasoning: `r${index}` }),
  ],
  ['members with spaces after their colons', (index: number) => says({ content: `w${index}` }).replaceAll('":', '": ')],
])('a stream of events that differ in %s is parsed no more than a few times', (_, make) => {
  const events = Array.from({ length: 200 }, (_unused, index) => make(index));
  const parse = vi.spyOn(JSON, 'parse');
  const { facts } = passed(eventwise(events));
  const parsed = parse.mock.calls.length;
  parse.mockRestore();
  expect(facts).toMatchObject({ dataEvents: 200, contentSeen: true });
  expect(parsed).toBeLessThan(10);
});

test('a stream whose forms take turns is read, and does not learn for ever', () => {
  const events = Array.from({ length: 200 }, (_, index) => says({ content: `w${index}` }, {}, index % 2));
  const parse = vi.spyOn(JSON, 'parse');
  const { facts } = passed(eventwise(events));
  const parsed = parse.mock.calls.length;
  parse.mockRestore();
  expect(facts.said).toBe(Array.from({ length: 200 }, (_, index) => `w${index}`).join(''));
  expect(parsed).toBeLessThan(210);
});

test('an event of a known form with an escape, an error or a finish in it is read', () => {
  const known = [says({ content: 'a' }), says({ content: 'b' })];
  const escaped = passed(eventwise([...known, says({ content: 'line\nend' })]));
  expect(escaped.facts.said).toBe('abline\nend');
  const failing = passed(eventwise([...known, says({ content: 'c' }, { error: { message: 'overloaded' } })]));
  expect(failing.facts.error?.message).toContain('overloaded');
  expect(passed(eventwise([...known, finish()])).complete).toBe(true);
});

test('an event of a known form that comes in the middle of another stays there', () => {
  const known = [says({ content: 'a' }), says({ content: 'b' })];
  const pieces = eventwise([...known, 'data: {"half":', says({ content: 'c' }), says({ content: 'd' })]);
  const { out, facts } = passed(pieces);
  expect(out).toBe(Buffer.concat(pieces).toString());
  expect(facts.said).toBe('abd');
});

test('what only looks like the text is not taken for it', () => {
  const odd = (note: string, content: string) =>
    `data: {"note":{"content":"${note}"},"choices":[{"index":0,"delta":{"content":"${content}"}}]}\n\n`;
  const events = [odd('A', '\\u0041'), odd('b', '\\u0041'), odd('c', '\\u0041')];
  expect(passed(eventwise(events)).facts.said).toBe('AAA');
});

test('what stands twice under one name is not taken for the text', () => {
  const odd = (one: string, two: string) =>
    `data: {"choices":[{"index":0,"delta":{"content":"${one}","content":"${two}"}}]}\n\n`;
  const events = [odd('a', 'b'), odd('c', 'd'), odd('e', 'b')];
  expect(passed(eventwise(events)).facts.said).toBe('bdb');
});
