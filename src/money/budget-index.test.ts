import { expect, test } from 'vitest';
import { nano } from '../kernel/amounts.ts';
import type { Budget } from './budget.ts';
import { BudgetIndex } from './budget-index.ts';
import { ratedLines } from './budget-rates.ts';
import type { ChargeLine } from './ledger.ts';

const AT = Date.UTC(2026, 10, 21, 13, 30);
const DAY = Date.UTC(2026, 10, 21);
const DAY_MS = 86_400_000;

function budget(id: string, scope: Budget['scope'], other: Partial<Budget> = {}): Budget {
  return { id, organisation: 'org', scope, period: 'day', timeZone: 'UTC', hard: nano(1n), credit: false, ...other };
}

const caller = { organisation: 'org', project: 'proj', keyId: 'leaf', models: ['sim/sim-small'], at: AT };
const ids = (index: BudgetIndex, spender: Parameters<BudgetIndex['accountsOf']>[0]) =>
  index.accountsOf(spender).map((account) => account.budget.id);

test('a call spends from its organisation, its project, its key and every parent of that', () => {
  const index = new BudgetIndex([
    budget('of-org', { kind: 'organisation', id: 'org' }),
    budget('of-project', { kind: 'project', id: 'proj' }),
    budget('of-leaf', { kind: 'key', id: 'leaf' }),
    budget('of-leaf-too', { kind: 'key', id: 'leaf' }, { period: 'month' }),
    budget('of-top', { kind: 'key', id: 'top' }),
    budget('of-other', { kind: 'key', id: 'other' }),
    // An id means something in its own scope alone.
    budget('of-namesake', { kind: 'project', id: 'leaf' }),
  ]);
  expect(ids(index, { ...caller, ancestors: ['middle', 'top'] })).toEqual([
    'of-org',
    'of-project',
    'of-leaf',
    'of-leaf-too',
    'of-top',
  ]);
  expect(ids(index, { ...caller, organisation: 'x', project: 'y', keyId: 'middle', ancestors: ['top'] })).toEqual([
    'of-top',
  ]);
  expect(ids(index, { ...caller, organisation: 'x', project: 'y', keyId: 'z' })).toEqual([]);
});

test('an account is the window that the call began in', () => {
  const index = new BudgetIndex([
    budget('day', { kind: 'key', id: 'leaf' }),
    budget('ever', { kind: 'key', id: 'leaf' }, { period: 'lifetime' }),
  ]);
  const [day, ever] = index.accountsOf(caller);
  expect(day).toMatchObject({ subject: '', windowStart: DAY, windowEnd: DAY + DAY_MS });
  expect(ever).toMatchObject({ windowStart: 0 });
  expect(ever).not.toHaveProperty('windowEnd');
});

test('a budget for each end user has an account for each, and one for calls that name nobody', () => {
  const index = new BudgetIndex([
    budget('user', { kind: 'project', id: 'proj' }, { each: 'end_user' }),
    budget('task', { kind: 'project', id: 'proj' }, { each: 'task' }),
  ]);
  const subjects = (names: { endUser?: string; task?: string }) =>
    index.accountsOf({ ...caller, ...names }).map(({ subject }) => subject);
  expect(subjects({ endUser: 'ann', task: 't1' })).toEqual(['ann', 't1']);
  expect(subjects({ endUser: 'bob' })).toEqual(['bob', '']);
  expect(subjects({})).toEqual(['', '']);
});

test('a name that no column and no index takes stands for its digest, always the same', () => {
  const index = new BudgetIndex([budget('user', { kind: 'key', id: 'leaf' }, { each: 'end_user' })]);
  const subject = (endUser: string) => index.accountsOf({ ...caller, endUser })[0]?.subject ?? '';
  expect(subject('x'.repeat(256))).toBe('x'.repeat(256));
  for (const name of ['x'.repeat(257), 'x'.repeat(1_000_000), 'a\0b']) {
    expect(subject(name)).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(subject(name)).toBe(subject(name));
  }
  expect(subject('a\0b')).not.toBe(subject('a\0c'));
});

test('credit is held for at the dearest rate of what the call may reach, and charged at that of what answered', () => {
  const rates = [
    { models: 'openai/gpt-4o', ratePpm: 1_250_000n },
    { models: 'openai/*', ratePpm: 900_000n },
  ];
  const index = new BudgetIndex([
    budget('pool', { kind: 'key', id: 'leaf' }, { credit: true, period: 'lifetime', rates }),
    budget('plain', { kind: 'key', id: 'leaf' }),
  ]);
  const held = (...models: string[]) => index.accountsOf({ ...caller, models }).map(({ ratePpm }) => ratePpm);
  expect(held('openai/gpt-4o-mini')).toEqual([900_000n, undefined]);
  expect(held('openai/gpt-4o-mini', 'openai/gpt-4o')).toEqual([1_250_000n, undefined]);
  expect(held('openai/gpt-4o-mini', 'sim/sim-small')).toEqual([1_000_000n, undefined]);
  expect(held()).toEqual([1_000_000n, undefined]);
  const line: ChargeLine = {
    attempt: 1,
    provider: 'openai',
    model: 'gpt-4o-mini',
    amount: nano(10n),
    usageSource: 'provider',
  };
  const accounts = index.accountsOf({ ...caller, models: ['openai/gpt-4o-mini', 'openai/gpt-4o'] });
  expect(ratedLines(accounts, [line])).toEqual([{ ...line, ratesPpm: { pool: 900_000n } }]);
  expect(ratedLines(accounts.slice(1), [line])).toEqual([line]);
});

test('who has no budget costs next to nothing among ten thousand', () => {
  const many = Array.from({ length: 10_000 }, (_, n) => budget(`b${n}`, { kind: 'key', id: `key_${n}` }));
  const index = new BudgetIndex(many);
  const rounds = 200_000;
  let found = 0;
  const run = () => {
    for (let round = 0; round < rounds; round++) found += index.accountsOf(caller).length;
  };
  run();
  const started = performance.now();
  run();
  const microsEach = ((performance.now() - started) * 1_000) / rounds;
  expect(found).toBe(0);
  // A tenth of it as a rule; a machine that is shared gets room.
  expect(microsEach).toBeLessThan(3);
});
