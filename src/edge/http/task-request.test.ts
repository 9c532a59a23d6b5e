import { expect, test } from 'vitest';
import { taskCost, taskName, taskVerdict } from './task-request.ts';

const review = { id: 'r1', kind: 'human_review', amount_usd: '0.14' };

test('a cost is read exactly, in dollars or in billionths', () => {
  expect(taskCost(review)).toEqual({ id: 'r1', kind: 'human_review', amountNanoUsd: 140_000_000n });
  const nano = { ...review, amount_usd: null, amount_nano_usd: '900719925474099' };
  expect(taskCost({ ...nano, description: ' Ann ', end_user: 'u' })).toEqual({
    id: 'r1',
    kind: 'human_review',
    amountNanoUsd: 900_719_925_474_099n,
    description: 'Ann',
    endUser: 'u',
  });
  expect(taskCost({ ...review, amount_usd: '0' }).amountNanoUsd).toBe(0n);
});

test.each([
  [undefined, 'must be a JSON object'],
  [[], 'must be a JSON object'],
  [{ ...review, id: '' }, 'id must be a text'],
  [{ ...review, id: 'x'.repeat(129) }, 'id is longer than 128'],
  [{ ...review, id: 'a\0b' }, 'id holds U+0000'],
  [{ ...review, kind: 'beer' }, 'kind must be one of tool, search, human_review, other'],
  [{ ...review, amount_usd: 0.14 }, 'amount_usd must be an exact amount as text'],
  [{ ...review, amount_usd: '-1' }, 'amount_usd must be an exact amount'],
  [{ ...review, amount_usd: '0.0000000001' }, 'of whole billionths'],
  [{ ...review, amount_usd: 'NaN' }, 'amount_usd must be'],
  [{ ...review, amount_usd: '1e9' }, 'more than a million dollars'],
  [{ ...review, amount_nano_usd: '1' }, 'and not both'],
  [{ id: 'r', kind: 'tool' }, 'amount_usd or amount_nano_usd must be there'],
  [{ ...review, amount_usd: undefined, amount_nano_usd: '1.5' }, 'amount_nano_usd must be'],
  [{ ...review, currency: 'EUR' }, 'currency is not known here'],
])('a cost that cannot be one is refused with its field and what is allowed (%#)', (body, message) => {
  expect(() => taskCost(body)).toThrow(message);
});

test('an outcome has its word, and may have a figure and a note', () => {
  expect(taskVerdict({ outcome: 'success' })).toEqual({ outcome: 'success' });
  expect(taskVerdict({ outcome: 'partial', value: 0.75, note: 'half' })).toEqual({
    outcome: 'partial',
    value: '0.75',
    note: 'half',
  });
  expect(taskVerdict({ outcome: 'failure', value: '-12.000000001' }).value).toBe('-12.000000001');
  expect(() => taskVerdict({ outcome: 'great' })).toThrow('outcome must be one of success, partial');
  expect(() => taskVerdict({ outcome: 'success', value: 'much' })).toThrow('value must be a decimal');
  expect(() => taskVerdict({ outcome: 'success', value: 1e-12 })).toThrow('value must be a decimal');
  expect(() => taskVerdict({})).toThrow('outcome must be one of');
});

test('a task is named by its path, as it was escaped', () => {
  expect(taskName('order%2F17%20b')).toBe('order/17 b');
  expect(() => taskName('%E0%A4')).toThrow('percent-encoded');
  expect(() => taskName('%00')).toThrow('U+0000');
  expect(() => taskName('x'.repeat(257))).toThrow('longer than 256');
});
