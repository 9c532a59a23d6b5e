import { systemClock } from '../../../src/kernel/clock.ts';
import { systemRandom } from '../../../src/kernel/random.ts';
import { openStore } from '../../../src/store/open-store.ts';
import type { House } from './house.ts';

type Row = Readonly<Record<string, unknown>>;
export type Query = (text: string, values?: readonly unknown[]) => Promise<readonly Row[]>;

/** One window of one budget, as the database has it. Amounts are nano-USD. */
export interface Account {
  readonly budget: string;
  readonly subject: string;
  /** Milliseconds since the epoch. */
  readonly windowStart: number;
  readonly settled: bigint;
  readonly held: bigint;
  readonly cap: bigint | undefined;
}

/** A hold that nobody has resolved. */
export interface OpenHold {
  readonly callId: string;
  readonly amount: bigint;
  readonly resolveBy: number;
}

export interface Books {
  readonly accounts: readonly Account[];
  readonly holds: readonly OpenHold[];
  /** Nano-USD of the charges that each call has on its accounts. */
  readonly charged: ReadonlyMap<string, bigint>;
  /** What each call had set aside, resolved or not. */
  readonly heldOf: ReadonlyMap<string, bigint>;
  /** What the watch saw: how many changes of balances, and those that broke a cap. */
  readonly watched: { readonly looks: number; readonly broken: readonly string[] } | undefined;
}

/** With the gateway stopped: nobody else may have the data directory. */
export async function inDatabase<Value>(house: House, work: (query: Query) => Promise<Value>): Promise<Value> {
  const { databaseUrl } = house.options.store;
  const silent = { info: () => undefined, warn: () => undefined, error: console.error };
  const server = { url: databaseUrl ?? '', source: 'the proof', random: systemRandom() };
  const store = await openStore({
    dataDir: house.dataDir,
    clock: systemClock,
    log: silent,
    ...(databaseUrl === undefined ? {} : { server }),
  });
  try {
    return await work(async (text, values) => (await store.pool.query(text, values)).rows as Row[]);
  } finally {
    await store.close();
  }
}

/**
 * From the next start on, every committed change of a balance is looked at from
 * inside the database: no poller can look between two of them.
 */
export async function watchCaps(query: Query): Promise<void> {
  for (const statement of WATCH) await query(statement);
}

const WATCH = [
  'create sequence proof_looks',
  'create table proof_broken (account bigint, budget text, settled bigint, held bigint, cap bigint)',
  `create function proof_look() returns trigger language plpgsql as $$
   declare cap bigint;
   begin
     select case when credit then new.credited else hard_nano end into cap from budgets where id = new.budget_id;
     perform nextval('proof_looks');
     if new.settled + new.held > cap then
       insert into proof_broken values (new.id, new.budget_id, new.settled, new.held, cap);
     end if;
     return null;
   end $$`,
  'create trigger proof_watch after insert or update on accounts for each row execute function proof_look()',
];

/** Everything that the store knows of money. */
export async function readBooks(query: Query): Promise<Books> {
  const accounts = await query(`
    select budget_id, subject, window_start, settled, held,
      case when budgets.credit then credited else budgets.hard_nano end as cap
    from accounts join budgets on budgets.id = budget_id order by budget_id, subject, window_start`);
  const holds = await query('select id, amount, state, resolve_by from holds order by id');
  const charges = await query(`
    select call_id, sum(case when cardinality(debited) > 0 then amount else -amount end) as nano
    from transfers where call_id is not null group by call_id`);
  const open = holds.filter(({ state }) => state === 'held' || state === 'kept');
  return {
    accounts: accounts.map((row) => ({
      budget: String(row['budget_id']),
      subject: String(row['subject']),
      windowStart: instant(row['window_start']),
      settled: BigInt(String(row['settled'])),
      held: BigInt(String(row['held'])),
      cap: row['cap'] == null ? undefined : BigInt(String(row['cap'])),
    })),
    holds: open.map((row) => ({
      callId: String(row['id']),
      amount: BigInt(String(row['amount'])),
      resolveBy: instant(row['resolve_by']),
    })),
    charged: new Map(charges.map((row) => [String(row['call_id']), BigInt(String(row['nano']))])),
    heldOf: new Map(holds.map((row) => [String(row['id']), BigInt(String(row['amount']))])),
    watched: await readWatch(query),
  };
}

async function readWatch(query: Query): Promise<Books['watched']> {
  const [there] = await query("select to_regclass('proof_broken') as name");
  if (there?.['name'] == null) return undefined;
  const broken = await query('select * from proof_broken limit 20');
  const [looks] = await query('select last_value as looks from proof_looks');
  return {
    looks: Number(looks?.['looks']),
    broken: broken.map(({ budget, settled, held, cap }) => `${budget}: ${settled} + ${held} of ${cap}`),
  };
}

/** Stops the gateway, reads, and starts it again where it is still needed. */
export async function booksOf(house: House, { restart }: { readonly restart: boolean }): Promise<Books> {
  const death = await house.stop();
  if (death.code !== 0) throw new Error(`SIGINT ended the gateway with ${death.code ?? death.signal}`);
  const books = await inDatabase(house, readBooks);
  if (restart) await house.startGateway();
  return books;
}

/** Milliseconds since the epoch; 0 for the one window without a beginning. */
function instant(value: unknown): number {
  return value instanceof Date
    ? value.getTime()
    : Number.isFinite(Number(value))
      ? Number(value)
      : Date.parse(String(value));
}
