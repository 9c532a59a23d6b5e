import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import type { JsonObject } from '../../sim/json-object.ts';
import { SIM_MODELS, type SimChatModel } from '../../sim/models.ts';
import { type ChatRequest, readChatRequest } from '../../sim/openai/chat-request.ts';
import { countPrompt } from '../../sim/openai/prompt.ts';
import { TokenCounter, warm } from '../../sim/tokenizer.ts';
import { countTokens } from '../../tokens/token-worker.ts';
import { measureRequest } from './measure.ts';

/** What the simulated provider counts stands for any provider: it is the same formula that OpenAI publishes. */

beforeAll(warm);

const counter = new TokenCounter();
const model = SIM_MODELS.find((candidate): candidate is SimChatModel => candidate.kind === 'chat') as SimChatModel;

function measured(fields: Readonly<Record<string, unknown>>) {
  return measureRequest(fields, Buffer.from(JSON.stringify(fields)));
}

/** Through JSON, as it would come. */
function simTokens(fields: Readonly<Record<string, unknown>>): number {
  const request: ChatRequest = readChatRequest(JSON.parse(JSON.stringify(fields)) as JsonObject, model);
  return countPrompt(request, counter).tokens;
}

function ownTokens(fields: Readonly<Record<string, unknown>>): number {
  const { texts, otherTokens } = measured(fields).prompt();
  return texts.reduce((sum, text) => sum + countTokens(text), otherTokens);
}

const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom(
    '',
    '👩‍👩‍👧🏽 日本語 𝕏',
    '\u0000\u0001\u2028',
    '<|endoftext|>',
    '"\\"{}[]',
    ' \n\t '.repeat(20),
    'ﷺ'.repeat(9),
  ),
);
const part = fc.oneof(
  fc.record({ type: fc.constant('text'), text }),
  fc.record({ type: fc.constant('refusal'), refusal: text }),
  fc.record({
    type: fc.constant('image_url'),
    image_url: fc.record({ url: fc.constantFrom('https://a.test/b.png', 'data:image/png;base64,AAAA') }),
  }),
  fc.record({
    type: fc.constant('input_audio'),
    input_audio: fc.record({ data: fc.constant(''), format: fc.constant('mp3') }),
  }),
);
const numbers = fc.array(fc.constantFrom(1e20, 1e-6, -0, 7, 1.5, 123_456_789_012_345_680_000), { maxLength: 12 });
const toolCall = fc.record({
  id: fc.constant('c'),
  type: fc.constant('function'),
  function: fc.record({ name: fc.constant('f'), arguments: text }),
  more: numbers,
});
const message = fc.oneof(
  fc.record({
    role: fc.constantFrom('user', 'system', 'developer'),
    content: fc.oneof(text, fc.array(part, { maxLength: 4 })),
  }),
  fc.record({ role: fc.constant('user'), name: text, content: text }),
  fc.record({
    role: fc.constant('assistant'),
    content: fc.constant(null),
    tool_calls: fc.array(toolCall, { maxLength: 2 }),
  }),
);
const tool = fc.record({
  type: fc.constant('function'),
  function: fc.record({
    name: fc.constantFrom('get_weather', 'f'),
    description: text,
    parameters: fc.record({ type: fc.constant('object'), enum: numbers, title: text }),
  }),
});
const chat = fc.record(
  {
    model: fc.constant('m'),
    messages: fc.array(message, { minLength: 1, maxLength: 5 }),
    tools: fc.array(tool, { maxLength: 3 }),
    response_format: fc.record({
      type: fc.constant('json_schema'),
      json_schema: fc.record({ name: fc.constant('n'), schema: fc.record({ title: text, enum: numbers }) }),
    }),
    n: fc.integer({ min: 1, max: 9 }),
  },
  { requiredKeys: ['model', 'messages'] },
);

describe('bounds of the input', () => {
  test('are never below what a provider counts, in bytes or in tokens', () => {
    let asJson = 0;
    fc.assert(
      fc.property(chat, (fields) => {
        const { inputTokensMax, otherTokensMax, text: whole, unbounded, hostedTool } = measured(fields);
        expect([unbounded, hostedTool]).toEqual([undefined, undefined]);
        const tokens = simTokens(fields);
        expect(inputTokensMax).toBeGreaterThanOrEqual(tokens);
        expect(countTokens(whole()) + otherTokensMax).toBeGreaterThanOrEqual(tokens);
        if ('tools' in fields) asJson++;
      }),
      { numRuns: 400 },
    );
    expect(asJson).toBeGreaterThan(50);
  });

  test('hold for numbers that a provider writes longer than they came', () => {
    const body = Buffer.from(
      `{"model":"m","messages":[{"role":"user","content":""}],"tools":[{"type":"function","function":{"name":"f","parameters":{"enum":[${Array.from({ length: 2_000 }, () => '1e20').join(',')}]}}}]}`,
    );
    const fields = JSON.parse(body.toString()) as Record<string, unknown>;
    const { inputTokensMax, otherTokensMax, text: whole } = measureRequest(fields, body);
    const tokens = simTokens(fields);
    expect(tokens).toBeGreaterThan(body.length);
    expect(inputTokensMax).toBeGreaterThanOrEqual(tokens);
    expect(countTokens(whole()) + otherTokensMax).toBeGreaterThanOrEqual(tokens);
  });

  test('hold for prompts and inputs as text, texts, tokens and lists of tokens', () => {
    const tokens = fc.array(fc.integer({ min: 0, max: 199_999 }), { minLength: 1, maxLength: 20 });
    const prompt = fc.oneof(
      text,
      fc.array(text, { minLength: 1, maxLength: 4 }),
      tokens,
      fc.array(tokens, { minLength: 1, maxLength: 4 }),
    );
    fc.assert(
      fc.property(prompt, fc.constantFrom('prompt', 'input'), (value, field) => {
        const fields = { model: 'm', [field]: value };
        const entries: readonly unknown[] = Array.isArray(value) && typeof value[0] !== 'number' ? value : [value];
        const counted = entries.reduce<number>(
          (sum, entry) => sum + (typeof entry === 'string' ? counter.count(entry) : (entry as number[]).length),
          0,
        );
        const { inputTokensMax, choices } = measured(fields);
        expect(inputTokensMax).toBeGreaterThanOrEqual(counted);
        expect(ownTokens(fields)).toBe(counted);
        expect(choices).toBe(field === 'prompt' ? entries.length : 1);
      }),
      { numRuns: 200 },
    );
  });

  test('count a picture as the dearest one, wherever it lies, also where tokens are counted instead of bytes', () => {
    const url = `data:image/png;base64,${'iVBORw0KGgo'.repeat(20_000)}`;
    const of = (address: string) =>
      measured({ messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: address } }] }] });
    for (const address of [url, 'https://a.test/b.png']) {
      const { inputTokensMax, otherTokensMax, text: whole } = of(address);
      expect(inputTokensMax).toBeGreaterThan(48_169);
      expect(inputTokensMax).toBeLessThan(51_000);
      expect(otherTokensMax).toBeGreaterThan(48_169);
      expect(whole().length).toBeLessThan(1_000);
    }
  });

  test('take a text that looks like a picture for text', () => {
    const said = `data:${'word '.repeat(500)}`;
    const fields = { messages: [{ role: 'user', content: said }] };
    const measure = measured({ ...fields, messages: [...fields.messages, picture()] });
    expect(measure.text()).toContain(said);
    expect(measure.inputTokensMax).toBeGreaterThan(said.length);
  });
});

function picture() {
  return { role: 'user', content: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } }] };
}

describe('what has no bound is said', () => {
  const ofPart = (given: unknown) => measured({ messages: [{ role: 'user', content: [given] }] }).unbounded;

  test.each([
    [{ type: 'file', file: { file_id: 'file-1' } }, 'file'],
    [{ type: 'file', file: { file_data: 'JVBERi0=' } }, 'file (its pages)'],
    [{ type: 'video_url', video_url: { url: 'https://a.test' } }, 'video_url'],
    [{ type: 'document_url', document_url: 'https://a.test' }, 'document_url'],
    [{ type: 'input_audio', input_audio: { data: 'https://a.test/long.mp3' } }, 'input_audio'],
    [{ type: 'something_new', text: 'x' }, 'something_new'],
    [{ image_url: 'https://a.test' }, 'undefined'],
  ])('%j', (given, field) => {
    expect(ofPart(given)).toBe(field);
  });

  test('but text has one, with or without its type', () => {
    expect(ofPart({ type: 'text', text: 'x' })).toBeUndefined();
    expect(ofPart({ text: 'x' })).toBeUndefined();
  });

  test('also of embeddings that are no texts', () => {
    expect(measured({ input: [{ image: 'https://a.test' }] }).unbounded).toBe('input');
    expect(measured({ input: ['a', 'b'] }).unbounded).toBeUndefined();
  });

  test.each([
    [{ web_search_options: {} }, 'web_search_options'],
    [{ search_parameters: { mode: 'on' } }, 'search_parameters'],
    [{ plugins: [{ id: 'web' }] }, 'plugins'],
    [{ tools: [{ type: 'function' }, { type: 'web_search_preview' }] }, 'web_search_preview'],
    [{ tools: [{ type: 'function' }, { type: 'custom' }, {}] }, undefined],
    [{ tools: 'x', plugins: [], search_parameters: null }, undefined],
  ])('tools that run at the provider: %j', (fields, hosted) => {
    expect(measured(fields).hostedTool).toBe(hosted);
  });
});

test('a likely answer that the client gives is bounded as output', () => {
  const prediction = { type: 'content', content: 'x'.repeat(500) };
  expect(measured({ messages: [], prediction }).predictedTokensMax).toBeGreaterThanOrEqual(500);
  expect(measured({ messages: [] }).predictedTokensMax).toBeUndefined();
});

test.each([
  [{ n: 3 }, 3],
  [{ n: 2, best_of: 5 }, 5],
  [{ n: 2, prompt: ['a', 'b', 'c'] }, 6],
  [{ prompt: [1, 2, 3] }, 1],
  [{ prompt: [1, 'b'] }, 2],
  [{ prompt: [] }, 1],
  [{ n: 0 }, 1],
  [{ n: -4 }, 1],
  [{ n: 1.5 }, 1],
  [{ n: '9' }, 1],
  [{ n: null }, 1],
])('so many answers are asked for: %j', (fields, choices) => {
  expect(measured(fields).choices).toBe(choices);
});

test('our own count of a chat is the simulated provider’s', () => {
  fc.assert(
    fc.property(chat, (fields) => {
      expect(ownTokens(fields)).toBe(simTokens(fields));
    }),
    { numRuns: 300 },
  );
});
