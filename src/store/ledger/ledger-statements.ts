import { type NanoUsd, nano } from '../../kernel/amounts.ts';
import type { AccountRef } from '../../money/budget.ts';
import type { HoldOrder, HoldVerdict, PassedMark, Settlement, SettleOrder } from '../../money/ledger.ts';

export type Row = Readonly<Record<string, unknown>>;

/** A hold to take, with the ids of its accounts in their order. */
export interface PlacedHold {
  readonly order: HoldOrder;
  readonly accountIds: readonly bigint[];
}

export const FIND_ACCOUNTS = `
select place, account from ledger_accounts($1::text[], $2::text[], $3::timestamptz[], $4::timestamptz[])`;

export const APPLY = `
select * from ledger_apply(
  $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22
)`;

export const OPEN_HOLDS = `
select id, holder, amount, taken_at, resolve_by from holds
where state in ('held', 'kept') and ($1::text is null or holder = $1)
order by state = 'kept', taken_at, id limit $2`;

export function accountValues(accounts: readonly AccountRef[]): unknown[] {
  return [
    accounts.map(({ budget }) => budget.id),
    accounts.map(({ subject }) => subject),
    accounts.map(({ windowStart }) => instant(windowStart)),
    accounts.map(({ windowEnd }) => (windowEnd === undefined ? null : instant(windowEnd))),
  ];
}

/** The parameters of {@link APPLY}: one array a column, for lines one behind the other. */
export function applyValues(holder: string, settles: readonly SettleOrder[], takes: readonly PlacedHold[]): unknown[] {
  const lines = settles.flatMap((order) => order.lines);
  const orders = takes.map(({ order }) => order);
  return [
    holder,
    settles.map(({ holdId }) => holdId),
    settles.map(({ at }) => instant(at)),
    firstLines(settles),
    settles.map((order) => order.lines.length),
    lines.map(({ attempt }) => attempt),
    lines.map(({ provider }) => provider),
    lines.map(({ model }) => model),
    lines.map(({ amount }) => amount),
    lines.map(({ usageSource }) => usageSource),
    lines.map(({ ratesPpm }) => (ratesPpm === undefined ? null : ratesJson(ratesPpm))),
    orders.map(({ holdId }) => holdId),
    orders.map(({ organisation }) => organisation),
    orders.map(({ project }) => project),
    orders.map(({ keyId }) => keyId),
    [...new Set(takes.flatMap(({ accountIds }) => accountIds))],
    takes.map(pathText),
    orders.map(rates),
    orders.map(({ wanted }) => wanted),
    orders.map(({ least }) => least),
    orders.map(({ at }) => instant(at)),
    orders.map(({ resolveBy }) => instant(resolveBy)),
  ];
}

/** Where each order's lines begin, counted from 1. */
function firstLines(settles: readonly SettleOrder[]): number[] {
  let next = 1;
  return settles.map(({ lines }) => {
    const first = next;
    next += lines.length;
    return first;
  });
}

/** What {@link APPLY} answered, order by order. A hold that it says nothing of is none that it knows. */
export interface Applied {
  readonly settlements: readonly Settlement[];
  readonly verdicts: readonly (HoldVerdict | undefined)[];
}

export function appliedOf(
  rows: readonly Row[],
  settles: readonly SettleOrder[],
  takes: readonly PlacedHold[],
): Applied {
  const settlements: (Settlement & { passed: PassedMark[] })[] = settles.map(unknownHold);
  const verdicts: HoldVerdict[] = [];
  for (const row of rows) {
    const index = Number(row['place']) - 1;
    switch (row['verdict']) {
      case 'granted':
        verdicts[index] = { granted: amount(row['nano']), remaining: optional(row['left_nano']) };
        break;
      case 'refused':
        verdicts[index] = shortage(row, takes[index]);
        break;
      case 'soft':
      case 'hard':
        settlements[index]?.passed.push(mark(row, row['verdict']));
        break;
      default:
        settlements[index] = settlement(row);
    }
  }
  return { settlements, verdicts };
}

function unknownHold(): Settlement & { passed: PassedMark[] } {
  return { found: false, first: false, charged: nano(0n), overrun: nano(0n), remaining: undefined, passed: [] };
}

function settlement(row: Row): Settlement & { passed: PassedMark[] } {
  return {
    found: true,
    first: row['verdict'] === 'settled',
    charged: amount(row['nano']),
    overrun: amount(row['overrun_nano']),
    remaining: optional(row['left_nano']),
    passed: [],
  };
}

function shortage(row: Row, take: PlacedHold | undefined): HoldVerdict {
  const id = BigInt(String(row['account']));
  const account = take?.order.accounts[take.accountIds.indexOf(id)];
  if (account === undefined) throw new Error(`the ledger refused a hold on account ${id}, which is none of its own`);
  return {
    refused: {
      account,
      settled: amount(row['at_settled']),
      held: amount(row['at_held']),
      limit: amount(row['at_limit']),
    },
  };
}

function mark(row: Row, passed: 'soft' | 'hard'): PassedMark {
  const window = row['mark_window'];
  return {
    budgetId: String(row['mark_budget']),
    subject: String(row['mark_subject']),
    windowStart: window instanceof Date ? window.getTime() : Date.parse(String(window)),
    mark: passed,
    settled: amount(row['at_settled']),
    limit: amount(row['at_limit']),
  };
}

/** `int8` is a bigint on the embedded engine, and text on a server whose client was not told otherwise. */
export function amount(value: unknown): NanoUsd {
  return nano(typeof value === 'bigint' ? value : BigInt(String(value)));
}

export function optional(value: unknown): NanoUsd | undefined {
  return value === null || value === undefined ? undefined : amount(value);
}

/** The accounts of an order as an array of Postgres. */
export function pathText({ accountIds }: { readonly accountIds: readonly bigint[] }): string {
  return `{${accountIds.join(',')}}`;
}

export function instant(ms: number): string {
  return new Date(ms).toISOString();
}

const WHOLE_PPM = 1_000_000n;

/** Every account counts the amount itself. */
export function inFull(accounts: readonly AccountRef[]): boolean {
  return accounts.every(({ ratePpm }) => ratePpm === undefined || ratePpm === WHOLE_PPM);
}

function rates({ accounts }: HoldOrder): string | null {
  if (inFull(accounts)) return null;
  return `{${accounts.map(({ ratePpm }) => ratePpm ?? WHOLE_PPM).join(',')}}`;
}

/** Rates as text: a number of JSON would be a float. */
function ratesJson(ratesPpm: Readonly<Record<string, bigint>>): string {
  return JSON.stringify(Object.fromEntries(Object.entries(ratesPpm).map(([id, rate]) => [id, String(rate)])));
}
