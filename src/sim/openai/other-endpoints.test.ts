import { beforeAll, expect, test } from 'vitest';
import { VirtualClock } from '../../kernel/clock.ts';
import { SIM_MODELS } from '../models.ts';
import { Simulator } from '../simulator.ts';
import { ask, askStream, ready } from '../testing.ts';
import { encode } from '../tokenizer.ts';

beforeAll(ready);

const simulator = (seed = 7) => new Simulator({ seed, clock: new VirtualClock() });
const embed = (body: Record<string, unknown>, sim = simulator()) =>
  ask(sim, { model: 'sim-embed', ...body }, {}, '/v1/embeddings');
const complete = (body: Record<string, unknown>, sim = simulator()) =>
  ask(sim, { model: 'sim-small', ...body }, {}, '/v1/completions');

function dot(one: number[], other: number[]): number {
  return one.reduce((sum, value, at) => sum + value * (other[at] ?? 0), 0);
}

test('the models are listed and found one by one', () => {
  const list = ask(simulator(), undefined, {}, '/v1/models').json;
  expect(list.object).toBe('list');
  expect(list.data.map((model: { id: string }) => model.id)).toEqual(SIM_MODELS.map((model) => model.id));
  expect(ask(simulator(), undefined, {}, '/v1/models/sim-large').json).toEqual({
    id: 'sim-large',
    object: 'model',
    created: expect.any(Number),
    owned_by: 'sim',
  });
  expect(ask(simulator(), undefined, {}, '/v1/models/none').status).toBe(404);
  expect(ask(simulator(), undefined, {}, '/v1/nothing').json.error.message).toBe('Invalid URL (GET /v1/nothing)');
  expect(ask(simulator(), undefined, {}, '/v1/chat/completions').status).toBe(405);
});

test('an embedding has length 1, hangs on the text alone, and lies near texts that share words', () => {
  const { json } = embed({ input: ['the tide turns', 'the tide returns', 'quarterly tax report', 'the tide turns'] });
  const vectors: number[][] = json.data.map((item: { embedding: number[] }) => item.embedding);
  for (const vector of vectors) {
    expect(vector).toHaveLength(1_536);
    expect(dot(vector, vector)).toBeCloseTo(1, 6);
  }
  const [one = [], near = [], far = [], same = []] = vectors;
  expect(same).toEqual(one);
  expect(dot(one, near)).toBeGreaterThan(0.5);
  expect(Math.abs(dot(one, far))).toBeLessThan(0.2);
  expect(embed({ input: 'the tide turns' }).json.data[0].embedding).toEqual(one);
  const tokens = ['the tide turns', 'the tide returns', 'quarterly tax report', 'the tide turns'].reduce(
    (sum, text) => sum + encode(text).length,
    0,
  );
  expect(json.usage).toEqual({ prompt_tokens: tokens, total_tokens: tokens });
});

test('base64 holds the same vector, and fewer dimensions are its beginning at length 1', () => {
  const whole: number[] = embed({ input: 'anchor' }).json.data[0].embedding;
  const text: string = embed({ input: 'anchor', encoding_format: 'base64' }).json.data[0].embedding;
  const bytes = Buffer.from(text, 'base64');
  const floats = Array.from({ length: bytes.length / 4 }, (_, at) => bytes.readFloatLE(at * 4));
  expect(floats).toHaveLength(1_536);
  floats.forEach((value, at) => {
    expect(value).toBeCloseTo(whole[at] ?? 0, 6);
  });
  const short: number[] = embed({ input: 'anchor', dimensions: 64 }).json.data[0].embedding;
  expect(short).toHaveLength(64);
  expect(dot(short, short)).toBeCloseTo(1, 6);
  expect(dot(short, whole.slice(0, 64)) ** 2).toBeCloseTo(dot(whole.slice(0, 64), whole.slice(0, 64)), 5);
});

test('token arrays are taken, ids that name no token are not', () => {
  expect(embed({ input: encode('the tide turns') }).json.usage.prompt_tokens).toBe(3);
  expect(embed({ input: [encode('the tide'), encode('turns')] }).json.data).toHaveLength(2);
  expect(embed({ input: [5_000_000] }).status).toBe(400);
});

test.each([
  [{}, 'missing_required_parameter'],
  [{ input: '' }, 'invalid_value'],
  [{ input: [] }, 'invalid_value'],
  [{ input: 5 }, 'invalid_type'],
  [{ input: 'a', dimensions: 99_999 }, 'integer_above_max_value'],
  [{ input: 'a', encoding_format: 'hex' }, 'invalid_value'],
  [{ input: 'word '.repeat(9_000) }, 'context_length_exceeded'],
])('an embeddings request that is wrong is refused by name (%#)', (body, code) => {
  const refused = embed(body);
  expect(refused.status).toBe(400);
  expect(refused.json.error.code).toBe(code);
});

test('a legacy completion stops at 16 tokens unless told otherwise, for each prompt', () => {
  const { json } = complete({ prompt: ['Once upon a tide', 'Far away'] });
  expect(json).toMatchObject({ id: expect.stringMatching(/^cmpl-/), object: 'text_completion' });
  expect(json.choices).toHaveLength(2);
  for (const choice of json.choices) {
    expect(encode(choice.text)).toHaveLength(16);
    expect(choice).toMatchObject({ finish_reason: 'length', logprobs: null });
  }
  expect(json.usage.completion_tokens).toBe(32);
  expect(json.usage.prompt_tokens).toBe(encode('Once upon a tide').length + encode('Far away').length);
  expect(complete({ prompt: 'x', max_tokens: 500 }).json.choices[0].finish_reason).toBe('stop');
});

test('a legacy completion can echo its prompt, which costs no completion tokens', () => {
  const { json } = complete({ prompt: 'Once upon a tide', echo: true, max_tokens: 5, logprobs: 2 });
  expect(json.choices[0].text.startsWith('Once upon a tide')).toBe(true);
  expect(json.usage.completion_tokens).toBe(5);
  expect(json.choices[0].logprobs.tokens.join('')).toBe(json.choices[0].text);
  expect(json.choices[0].logprobs.text_offset[1]).toBe('Once upon a tide'.length);
});

test('a legacy completion says the same streamed and whole', () => {
  const body = { model: 'sim-small', messages: [], prompt: 'Once upon a tide', max_tokens: 30, n: 2 };
  const whole = complete(body).json;
  const { chunks, events } = askStream(
    simulator(),
    { ...body, stream_options: { include_usage: true } },
    '/v1/completions',
  );
  for (const choice of whole.choices) {
    const own = chunks.flatMap((chunk) => chunk.choices.filter((one: { index: number }) => one.index === choice.index));
    expect(own.map((one) => one.text).join('')).toBe(choice.text);
    expect(own.at(-1).finish_reason).toBe(choice.finish_reason);
  }
  expect(chunks.at(-1)).toMatchObject({ object: 'text_completion', choices: [], usage: whole.usage });
  expect(events.at(-1)).toBe('[DONE]');
});
