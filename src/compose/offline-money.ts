import type { z } from 'zod';
import type { MoneyDesk } from '../admin/admin-parts.ts';
import {
  budgetAccountsAnswer,
  budgetAnswer,
  budgetsAnswer,
  limitsOf,
  removedBudgetAnswer,
  setBudgetAnswer,
} from '../admin/answers/budgets.ts';
import { bookedAnswer, bookingsAnswer } from '../admin/answers/credits.ts';
import { keyCap } from '../admin/contract/budgets.ts';
import { ADMIN_CONTRACT } from '../admin/contract/contract.ts';
import type { Clock } from '../kernel/clock.ts';
import { GatewayError } from '../kernel/errors.ts';
import { Budgets } from '../money/budgets.ts';
import { keyById, organisationOf } from '../store/key-queries.ts';
import { StoreLedgerBooks } from '../store/ledger/store-ledger-books.ts';
import type { Store } from '../store/store.ts';
import { budgetShelf } from './budget-shelf.ts';
import { moneyDesk } from './money-desk.ts';
import { openOfflineStore } from './offline-store.ts';
import type { Environment } from './store-place.ts';

export interface MoneyQuestion {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: unknown;
}

/** Budgets and credits of a store that no server has open, asked for as the administrative API is. */
export interface OfflineMoney {
  /** What the API would answer below `/admin/budgets` and `/admin/credits`. @throws what it would refuse with */
  ask(question: MoneyQuestion): Promise<unknown>;
  close(): Promise<void>;
}

const ORIGIN = 'http://store';
const BUDGET = /^\/admin\/budgets\/([^/]+)(?:\/(remove|accounts))?$/;

/** @throws `not_found` where there is no store; `internal` when a server has it open */
export async function openOfflineMoney(dataDir: string, clock: Clock, env: Environment): Promise<OfflineMoney> {
  const store = await openOfflineStore(dataDir, clock, env);
  try {
    const money = await offlineMoneyDesk(store, clock);
    return {
      ask: (question) => answered({ clock, money }, question),
      async close() {
        money.budgets.close();
        await store.close();
      },
    };
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** Budgets of the configuration file as the last server left them; prices are not at hand, so that no cap is too low. */
export async function offlineMoneyDesk(store: Store, clock: Clock): Promise<MoneyDesk> {
  const { database } = store;
  const budgets = new Budgets({
    shelf: budgetShelf(database),
    clock,
    declaredInStore: true,
    async organisationOf({ kind, id }) {
      if (kind === 'organisation') return id;
      return kind === 'project' ? organisationOf(database, id) : (await keyById(database, id))?.organisation;
    },
    cheapestCall: async () => undefined,
    onTrouble(error) {
      throw error;
    },
  });
  await budgets.load();
  return moneyDesk({ budgets, books: new StoreLedgerBooks(store) }, database);
}

type Parts = { readonly clock: Clock; readonly money: MoneyDesk };

async function answered(parts: Parts, { method, path, body }: MoneyQuestion): Promise<unknown> {
  const { pathname, searchParams } = new URL(path, ORIGIN);
  const asked = Object.fromEntries(searchParams);
  const none = { params: undefined, body: undefined };
  const { list_budgets, set_budget, list_bookings, book, list_budget_accounts } = ADMIN_CONTRACT;
  if (pathname === '/admin/budgets' && method === 'GET') {
    return budgetsAnswer(parts, { ...none, query: read(list_budgets.query, asked) });
  }
  if (pathname === '/admin/budgets') {
    return setBudgetAnswer(parts, { params: undefined, query: {}, body: read(set_budget.body, body) }, 'cli');
  }
  if (pathname === '/admin/credits' && method === 'GET') {
    return bookingsAnswer(parts, { ...none, query: read(list_bookings.query, asked) });
  }
  if (pathname === '/admin/credits') {
    return bookedAnswer(parts, { params: undefined, query: {}, body: read(book.body, body) }, 'cli');
  }
  const [, id = '', what] = BUDGET.exec(pathname) ?? [];
  const one = { body: undefined, params: { id: decodeURIComponent(id) } };
  if (id !== '' && what === 'remove') return removedBudgetAnswer(parts, { ...one, query: {} });
  if (id !== '' && what === 'accounts') {
    return budgetAccountsAnswer(parts, { ...one, query: read(list_budget_accounts.query, asked) });
  }
  if (id !== '') return budgetAnswer(parts, { ...one, query: {} });
  throw new GatewayError('not_found', { message: `${method} ${pathname} needs a running server.` });
}

function read<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new GatewayError('invalid_request', { message: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}` });
}

/**
 * Gives a key that is being made a cap of its own.
 *
 * @param cap as `POST /admin/keys` takes it
 * @returns the id of its budget
 */
export async function setKeyCap(
  { id, organisation }: { readonly id: string; readonly organisation: string },
  cap: unknown,
  store: Store,
  clock: Clock,
): Promise<string> {
  const { budgets } = await offlineMoneyDesk(store, clock);
  const { per, ...limits } = read(keyCap, cap);
  const scope = { kind: 'key' as const, id };
  const request = { scope, period: per, ...limitsOf(limits), credit: false, organisation, by: 'cli' };
  return (await budgets.set(request)).entry.budget.id;
}
