import { afterAll, beforeAll, expect, test } from 'vitest';
import { nano } from '../kernel/amounts.ts';
import { DEFAULT_ORGANISATION, DEFAULT_PROJECT, insertKey, keyByHash, parentsOf } from './key-queries.ts';
import { listBookings } from './ledger/booking-queries.ts';
import { saveBudget } from './ledger/budget-queries.ts';
import { StoreLedgerBooks } from './ledger/store-ledger-books.ts';
import type { Store } from './store.ts';
import { openScratchStore, type ScratchDirectory, scratchDirectory } from './testing/scratch.ts';

let scratch: ScratchDirectory;
let store: Store;

beforeAll(async () => {
  scratch = await scratchDirectory();
  store = await openScratchStore(scratch.path);
});

afterAll(async () => {
  await store.close();
  await scratch[Symbol.asyncDispose]();
});

const AT = Date.UTC(2026, 10, 21);

async function key(id: string, parentKeyId?: string): Promise<void> {
  await insertKey(store.database, {
    id,
    organisation: DEFAULT_ORGANISATION,
    project: DEFAULT_PROJECT,
    ...(parentKeyId === undefined ? {} : { parentKeyId }),
    name: id,
    prefix: '',
    last4: '',
    pepperId: 'p',
    hash: Buffer.from(id),
    scopes: [],
    ...(id === 'key_b' ? { allow: { models: ['sim/*'], addresses: ['10.0.0.0/8'] } } : {}),
    createdAt: AT,
    createdBy: 'test',
    source: 'database',
  });
}

test('all parents of a key come in one statement, the nearest first, with their rules', async () => {
  await key('key_a');
  await key('key_b', 'key_a');
  await key('key_c', 'key_b');
  const parents = await parentsOf(store.database, 'key_c');
  expect(parents.map(({ id, allow }) => [id, allow])).toEqual([
    ['key_b', { models: ['sim/*'], addresses: ['10.0.0.0/8'] }],
    ['key_a', undefined],
  ]);
  expect(await parentsOf(store.database, 'key_a')).toEqual([]);
  expect((await keyByHash(store.database, Buffer.from('key_b')))?.allow?.models).toEqual(['sim/*']);
});

test('bookings are listed the newest first, by budget and kind, page by page', async () => {
  const books = new StoreLedgerBooks(store);
  const credit = async (id: string) => {
    const budget = {
      id,
      organisation: DEFAULT_ORGANISATION,
      scope: { kind: 'organisation' as const, id: DEFAULT_ORGANISATION },
      period: 'lifetime' as const,
      timeZone: 'UTC',
      credit: true,
    };
    await saveBudget(store.database, { budget, at: AT, by: 'test' });
    return { budget, subject: '', windowStart: 0 };
  };
  const [one, other] = [await credit('bud_one'), await credit('bud_other')];
  const booking = (id: string, at: number) => ({
    id,
    organisation: DEFAULT_ORGANISATION,
    amount: nano(5n),
    at,
    createdBy: 'test',
  });
  await books.topUp({ ...booking('top_up/1', AT), account: one, paid: nano(4n), note: 'bulk' });
  await books.topUp({ ...booking('top_up/2', AT), account: other, paid: nano(5n) });
  await books.transfer({ ...booking('transfer/1', AT + 1), from: one, to: other });
  const ids = async (question: Partial<Parameters<typeof listBookings>[1]>) =>
    (await listBookings(store.database, { limit: 10, ...question })).map(({ id }) => id);
  expect(await ids({})).toEqual(['transfer/1', 'top_up/2', 'top_up/1']);
  expect(await ids({ budgetId: 'bud_one' })).toEqual(['transfer/1', 'top_up/1']);
  expect(await ids({ kind: 'top_up' })).toEqual(['top_up/2', 'top_up/1']);
  expect(await ids({ limit: 1, before: { at: AT, id: 'top_up/2' } })).toEqual(['top_up/1']);
  const [transfer, , first] = await listBookings(store.database, { limit: 10 });
  expect(transfer).toMatchObject({ from: 'bud_one', to: 'bud_other', amount: 5n, at: AT + 1 });
  expect(first).toEqual({
    id: 'top_up/1',
    kind: 'top_up',
    at: AT,
    amount: 5n,
    paid: 4n,
    to: 'bud_one',
    note: 'bulk',
    createdBy: 'test',
  });
});
