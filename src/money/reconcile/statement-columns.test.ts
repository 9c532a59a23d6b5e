import { describe, expect, test } from 'vitest';
import { StatementColumns, type StatementField, type StatementFormat } from './statement-columns.ts';

const AT = Date.parse('2026-11-21T13:00:00Z');

function read(
  values: Record<string, string>,
  format: StatementFormat = 'generic',
  given: [string, StatementField][] = [],
) {
  const columns = new StatementColumns(format, new Map(given));
  const { line: _, ...line } = columns.read({ line: 7, values: new Map(Object.entries(values)) });
  return line;
}

test("the simulator's own bill", () => {
  expect(
    read(
      {
        n: '4',
        provider: 'sim',
        model: 'sim-small',
        prompt_tokens: '17',
        cached_tokens: '4',
        completion_tokens: '48',
        reasoning_tokens: '0',
        cost_nano_usd: '31200',
        request_id: 'req_4',
        client_request_id: 'call_x-1',
        started_at: '2026-11-21T13:00:00.000Z',
        billed: 'true',
      },
      'leeward-sim',
    ),
  ).toEqual({
    requestId: 'req_4',
    clientRequestId: 'call_x-1',
    model: 'sim-small',
    at: AT,
    tokens: { input: 17n, cachedInput: 4n, output: 48n },
    cost: 31_200_000n,
    open: false,
  });
});

test('a bucket of OpenAI, and an amount of its costs', () => {
  const bucket = { start_time: String(AT / 1_000), end_time: String(AT / 1_000 + 3_600) };
  expect(
    read({
      ...bucket,
      model: 'gpt-x',
      input_tokens: '10',
      input_cached_tokens: '4',
      output_tokens: '2',
      num_model_requests: '3',
    }),
  ).toMatchObject({ at: AT, until: AT + 3_600_000, tokens: { input: 10n, cachedInput: 4n, output: 2n }, requests: 3n });
  expect(read({ ...bucket, line_item: 'gpt-x, input', amount_value: '0.06', amount_currency: 'usd' })).toMatchObject({
    model: 'gpt-x',
    cost: 60_000_000_000n,
  });
});

test("Anthropic's input is without the cache, and its amounts are cents", () => {
  const values = {
    starting_at: '2026-11-21T13:00:00Z',
    uncached_input_tokens: '10',
    cache_read_input_tokens: '5',
    cache_creation_ephemeral_5m_input_tokens: '3',
    cache_creation_ephemeral_1h_input_tokens: '2',
    output_tokens: '7',
    amount: '12.5',
  };
  expect(read(values, 'anthropic')).toMatchObject({
    tokens: { input: 20n, cachedInput: 5n, cacheWrite: 5n, output: 7n },
    cost: 125_000_000_000n,
  });
});

test('columns can be given other meanings, and usage may stand in an object', () => {
  expect(read({ Wert: '0.5', 'usage.prompt tokens': '3' }, 'generic', [['wert', 'cost_usd']])).toMatchObject({
    cost: 500_000_000_000n,
    tokens: { input: 3n },
  });
  expect(read({ call_id: 'call_a', attempt: '2' })).toMatchObject({ clientRequestId: 'call_a-2' });
});

describe('amounts', () => {
  test.each([
    ['0.000031200000000000001', 31_200_000n],
    ['3.12e-05', 31_200_000n],
    ['$1.5', 1_500_000_000_000n],
    ['-0.000000001', -1_000n],
    ['0', 0n],
  ])('%s USD is read to the pico-dollar', (cost, pico) => {
    expect(read({ cost_usd: cost }).cost).toBe(pico);
  });
});

test.each<[Record<string, string>, string]>([
  [{ input_tokens: '-5' }, 'input_tokens'],
  [{ input_tokens: 'NaN' }, 'input_tokens'],
  [{ output_tokens: '1.5' }, 'output_tokens'],
  [{ output_tokens: '1e30' }, 'output_tokens'],
  [{ cost_usd: 'free' }, 'cost_usd'],
  [{ cost_usd: 'Infinity' }, 'cost_usd'],
  [{ cost_usd: '1', currency: 'EUR' }, 'currency'],
  [{ started_at: 'yesterday' }, 'time'],
])('%j is refused with line, value and what is allowed', (values, column) => {
  expect(() => read(values)).toThrow(new RegExp(`^Line 7 of the statement has ".+" as ${column}; it must be `));
});
