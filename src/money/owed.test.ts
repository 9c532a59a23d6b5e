import { expect, test } from 'vitest';
import { owedFor } from './owed.ts';

const ended = { attempt: 1, outcome: 'ok', chargeNanoUsd: 7n, costNanoUsd: 9n } as const;
const cut = { attempt: 1, outcome: 'interrupted' } as const;
const second = { attempt: 2, outcome: 'ok', chargeNanoUsd: 3n, costNanoUsd: 3n } as const;

test('what was charged stays', () => {
  expect(owedFor(ended, [ended], 'winner_only')).toBe(7n);
  expect(owedFor(ended, [ended, second], 'all_attempts')).toBe(7n);
});

test('what a crash cut costs what its checkpoint says, and without one nobody can say', () => {
  expect(owedFor({ ...cut, costNanoUsd: 5n }, [cut], 'winner_only')).toBe(5n);
  expect(owedFor(cut, [cut], 'winner_only')).toBeUndefined();
  expect(owedFor({ attempt: 1 } as never, [cut], 'winner_only')).toBeUndefined();
});

test('what has no price counts as nothing, because no cap depends on it', () => {
  expect(owedFor({ attempt: 1, outcome: 'ok' }, [cut], 'winner_only')).toBe(0n);
});

test('an attempt that another one came after is paid for only where each is', () => {
  expect(owedFor(cut, [cut, second], 'winner_only')).toBe(0n);
  expect(owedFor({ ...cut, costNanoUsd: 5n }, [cut, second], 'winner_only')).toBe(0n);
  expect(owedFor({ ...cut, costNanoUsd: 5n }, [cut, second], 'all_attempts')).toBe(5n);
  expect(owedFor(cut, [cut, second], 'all_attempts')).toBeUndefined();
});
