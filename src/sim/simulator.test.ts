import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { VirtualClock } from '../kernel/clock.ts';
import { Simulator } from './simulator.ts';
import { ask, ready } from './testing.ts';

beforeAll(ready);

const KNOWN_FIELDS = [
  'messages',
  'stream',
  'n',
  'max_tokens',
  'stop',
  'tools',
  'tool_choice',
  'response_format',
  'logprobs',
  'input',
  'prompt',
];

test('whatever JSON is sent, the answer is a body or a refusal in the wire format, and the books close', () => {
  const simulator = new Simulator({ seed: 1, clock: new VirtualClock() });
  const value = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom<unknown>(
      true,
      3,
      'x',
      ['a'],
      [[1]],
      [{ role: 'user', content: 'json' }],
      [{ role: 'user', content: [{ type: 'text', text: 'a' }] }],
    ),
    fc.record({
      type: fc.constantFrom('function', 'json_schema', 'json_object'),
      function: fc.jsonValue(),
      json_schema: fc.jsonValue(),
    }),
  );
  const body = fc.record(
    {
      model: fc.constantFrom('sim-small', 'sim-embed', 'x'),
      ...Object.fromEntries(KNOWN_FIELDS.map((name) => [name, value])),
    },
    { requiredKeys: ['model'] },
  );
  const path = fc.constantFrom('/v1/chat/completions', '/v1/completions', '/v1/embeddings');
  fc.assert(
    fc.property(body, path, (sent, to) => {
      const { status, text, json } = ask(simulator, { ...sent }, {}, to);
      if (status !== 200) expect(json.error.message).toEqual(expect.any(String));
      else if (!text.startsWith('data:')) expect(json.object).toEqual(expect.any(String));
    }),
    { numRuns: 1_500, seed: 1 },
  );
  const { calls, active, complete, error } = simulator.counts();
  expect(active).toBe(0);
  expect(complete + error).toBe(calls);
  expect(complete).toBeGreaterThan(20);
});

test('any schema is answered with JSON', () => {
  const simulator = new Simulator({ seed: 1, clock: new VirtualClock() });
  const keyword = fc.constantFrom(
    'type',
    'enum',
    'items',
    'properties',
    'required',
    'anyOf',
    'allOf',
    '$ref',
    'minItems',
    'pattern',
    'minimum',
    'format',
  );
  fc.assert(
    fc.property(fc.dictionary(keyword, fc.jsonValue()), (schema) => {
      const { json } = ask(simulator, {
        model: 'sim-small',
        messages: [{ role: 'user', content: 'x' }],
        response_format: { type: 'json_schema', json_schema: { name: 's', schema } },
      });
      JSON.parse(json.choices[0].message.content);
    }),
    { numRuns: 500, seed: 2 },
  );
});

test('a body nested 20,000 levels deep is answered, and the books close', () => {
  const simulator = new Simulator({ seed: 1, clock: new VirtualClock() });
  const deep = `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`;
  const body = `{"model":"sim-small","messages":[{"role":"user","content":"x"}],"tools":[{"type":"function","function":{"name":"f","parameters":${deep}}}]}`;
  expect(ask(simulator, body).json.choices[0].finish_reason).toBe('tool_calls');
  expect(simulator.counts()).toMatchObject({ calls: 1, complete: 1, active: 0 });
});

test('a reset gives the same answers again from the first', () => {
  const simulator = new Simulator({ seed: 1, clock: new VirtualClock(), faults: [{ fault: { kind: 'gzip' } }] });
  const body = { model: 'sim-small', messages: [{ role: 'user', content: 'x' }] };
  simulator.reset();
  const first = ask(simulator, body).text;
  expect(ask(simulator, body).text).not.toBe(first);
  simulator.reset();
  expect(ask(simulator, body).text).toBe(first);
  expect(simulator.calls()).toHaveLength(1);
});
