import { expect, test } from 'vitest';
import { nano } from '../kernel/amounts.ts';
import { VirtualClock } from '../kernel/clock.ts';
import type { Budget } from './budget.ts';
import type { BudgetRequest } from './budget-request.ts';
import { type BudgetShelf, Budgets } from './budgets.ts';
import type { StoredBudget } from './ledger-books.ts';

/** The store's shelf in memory, which can be away. */
class Shelf implements BudgetShelf {
  readonly kept = new Map<string, StoredBudget>();
  away = false;

  #answer(): void {
    if (this.away) throw new Error('the store is away');
  }

  async list({ afterId = '', limit }: { afterId?: string; limit: number }) {
    this.#answer();
    const inForce = [...this.kept.values()].filter((kept) => kept.retiredAt === undefined && kept.budget.id > afterId);
    return inForce.sort((one, other) => (one.budget.id < other.budget.id ? -1 : 1)).slice(0, limit);
  }

  async save({ budget, at, by }: { budget: Budget; at: number; by: string }) {
    this.#answer();
    const known = this.kept.get(budget.id);
    this.kept.set(budget.id, { budget, createdAt: known?.createdAt ?? at, createdBy: by, changedAt: at });
    return known === undefined;
  }

  async saveDeclared(budgets: readonly Budget[], { at, by }: { at: number; by: string }) {
    this.#answer();
    for (const [id, kept] of this.kept) {
      if (kept.budget.declaredIn !== undefined) this.kept.set(id, { ...kept, retiredAt: at });
    }
    for (const budget of budgets) await this.save({ budget, at, by });
  }

  async retire(id: string, at: number) {
    this.#answer();
    const known = this.kept.get(id);
    if (known === undefined || known.retiredAt !== undefined) return false;
    this.kept.set(id, { ...known, retiredAt: at });
    return true;
  }
}

function desk(shelf = new Shelf(), other: { refreshMs?: number } = {}) {
  const clock = new VirtualClock();
  const troubles: string[] = [];
  const budgets = new Budgets({
    shelf,
    clock,
    organisationOf: async ({ id }) => (id === 'nobody' ? undefined : 'org'),
    cheapestCall: async () => nano(9_750n),
    onTrouble: (_, what) => troubles.push(what),
    ...other,
  });
  return { shelf, clock, troubles, budgets };
}

const request: BudgetRequest = {
  scope: { kind: 'key', id: 'key_1' },
  period: 'day',
  timeZone: 'UTC',
  hard: nano(5_000_000_000n),
  credit: false,
  by: 'test',
};
const payer = {
  callId: 'call_1',
  organisation: 'org',
  project: 'proj',
  keyId: 'key_1',
  models: ['sim/sim-small'],
  at: Date.UTC(2026, 0, 1),
  resolveBy: Date.UTC(2026, 0, 1, 1),
};
const declared: Budget = {
  id: 'file.app',
  organisation: 'org',
  scope: { kind: 'key', id: 'key_1' },
  period: 'month',
  timeZone: 'UTC',
  hard: nano(1n),
  credit: false,
  declaredIn: 'leeward.yaml',
};

test('nobody is served before it is known who has a cap', async () => {
  const { budgets, shelf, clock, troubles } = desk();
  expect(() => budgets.accountsOf(payer)).toThrow(expect.objectContaining({ code: 'budget_unavailable' }));
  shelf.away = true;
  await budgets.load();
  expect(troubles).toEqual(['the budgets could not be read: calls are refused until they are']);
  expect(() => budgets.accountsOf(payer)).toThrow(expect.objectContaining({ status: 503, retryAfterMs: 1_000 }));
  shelf.away = false;
  await clock.advance(1_000);
  expect(budgets.accountsOf(payer)).toEqual([]);
  expect(clock.pendingTimers).toBe(0);
});

test('a budget counts from the call after it was set, and no longer once it is removed', async () => {
  const { budgets } = desk();
  await budgets.load();
  const { entry, created } = await budgets.set(request);
  expect(created).toBe(true);
  expect(budgets.accountsOf(payer).map(({ budget }) => budget.id)).toEqual([entry.budget.id]);
  await budgets.remove(entry.budget.id);
  expect(budgets.accountsOf(payer)).toEqual([]);
  await expect(budgets.remove(entry.budget.id)).rejects.toMatchObject({ code: 'not_found' });
});

test('setting a budget again changes the one there is: removing it and setting it anew starts nothing from 0', async () => {
  const { budgets, shelf } = desk();
  await budgets.load();
  const first = await budgets.set(request);
  const second = await budgets.set({ ...request, hard: nano(7_000_000_000n), timeZone: 'Europe/Berlin' });
  expect([second.created, second.entry.budget.id, second.entry.budget.hard]).toEqual([
    false,
    first.entry.budget.id,
    7_000_000_000n,
  ]);
  const other = await budgets.set({ ...request, period: 'month' });
  expect(other.created).toBe(true);
  await budgets.remove(first.entry.budget.id);
  expect((await budgets.set(request)).entry.budget.id).toBe(first.entry.budget.id);
  expect(shelf.kept.size).toBe(2);
});

test('what the file declares counts at once, is changed there alone, and is gone with it', async () => {
  const { budgets, shelf } = desk();
  await budgets.load();
  budgets.declare([declared], 'leeward.yaml');
  expect(budgets.accountsOf(payer)).toHaveLength(1);
  await budgets.declaring;
  expect(shelf.kept.get('file.app')?.retiredAt).toBeUndefined();
  await expect(budgets.remove('file.app')).rejects.toMatchObject({
    code: 'forbidden',
    message: 'The budget file.app cannot be removed here: leeward.yaml declares it. Remove it from that file.',
  });
  budgets.declare([], 'leeward.yaml');
  expect(budgets.accountsOf(payer)).toEqual([]);
  await budgets.declaring;
  expect(shelf.kept.get('file.app')?.retiredAt).toBeDefined();
});

test('declarations reach a store that was away, the latest of them', async () => {
  const { budgets, shelf, clock, troubles } = desk();
  await budgets.load();
  shelf.away = true;
  budgets.declare([declared], 'leeward.yaml');
  await clock.advance(1);
  budgets.declare([{ ...declared, hard: nano(2n) }], 'leeward.yaml');
  shelf.away = false;
  const saved = budgets.declaring;
  await clock.advance(1_000);
  await saved;
  expect(shelf.kept.get('file.app')?.budget.hard).toBe(2n);
  expect(troubles).toHaveLength(1);
  expect(clock.pendingTimers).toBe(0);
});

test('a gateway that ends stops trying', async () => {
  const { budgets, shelf, clock } = desk();
  await budgets.load();
  shelf.away = true;
  budgets.declare([declared], 'leeward.yaml');
  await clock.advance(1);
  expect(clock.pendingTimers).toBe(1);
  const saved = budgets.declaring;
  budgets.close();
  await saved;
  expect(clock.pendingTimers).toBe(0);
});

test('what another process set is seen within the time that was said', async () => {
  const { budgets, shelf, clock } = desk(new Shelf(), { refreshMs: 2_000 });
  await budgets.load();
  const elsewhere = desk(shelf);
  await elsewhere.budgets.load();
  await elsewhere.budgets.set(request);
  expect(budgets.accountsOf(payer)).toEqual([]);
  await clock.advance(2_000);
  expect(budgets.accountsOf(payer)).toHaveLength(1);
  budgets.close();
  expect(clock.pendingTimers).toBe(0);
});

test('while the store is away what is known stays in force, which is said once', async () => {
  const { budgets, shelf, clock, troubles } = desk(new Shelf(), { refreshMs: 2_000 });
  await budgets.load();
  await budgets.set(request);
  shelf.away = true;
  await clock.advance(20_000);
  expect(budgets.accountsOf(payer)).toHaveLength(1);
  expect(troubles).toEqual(['the budgets could not be read again: those that are known stay in force']);
  shelf.away = false;
  await clock.advance(2_000);
  shelf.away = true;
  await clock.advance(4_000);
  expect(troubles).toHaveLength(2);
  budgets.close();
});

test.each<[string, Partial<BudgetRequest>, string]>([
  ['a cap below the cheapest call', { hard: nano(9_749n) }, 'A cap of $0.000009749 pays for no call: the cheapest'],
  ['a cap of nothing', { hard: nano(0n) }, 'hard_usd must be above 0'],
  ['a cap below nothing', { hard: nano(-1n) }, 'hard_usd must be above 0'],
  ['an absurd cap', { hard: nano(10n ** 18n + 1n) }, 'at most a thousand million'],
  ['an alert above the cap', { soft: nano(6_000_000_000n) }, 'would never come'],
  ['a zone that is none', { timeZone: 'Mars/Olympus' }, "'Mars/Olympus' is no time zone"],
  ['an offset for a zone', { timeZone: '+02:00' }, 'is no time zone'],
  ['credit with windows', { credit: true }, 'Credit has no windows'],
  ['credit with a cap', { credit: true, period: 'lifetime' }, 'Credit has no cap but what was bought'],
  ['a rate beyond reason', { rates: [{ models: 'a/*', ratePpm: 10n ** 10n }] }, 'is not from 0 to 1000'],
])('%s is refused, with the reason', async (_, change, message) => {
  const { budgets, shelf } = desk();
  await budgets.load();
  await expect(budgets.set({ ...request, ...change })).rejects.toMatchObject({
    code: 'invalid_request',
    message: expect.stringContaining(message),
  });
  expect(shelf.kept.size).toBe(0);
});

test('a scope that is not there has no budget', async () => {
  const { budgets } = desk();
  await budgets.load();
  const asked = budgets.set({ ...request, scope: { kind: 'key', id: 'nobody' } });
  await expect(asked).rejects.toMatchObject({ code: 'not_found', message: 'There is no key nobody.' });
});
