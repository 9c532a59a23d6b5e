import { type NanoUsd, nano } from '../../kernel/amounts.ts';
import type { AccountRef } from '../../money/budget.ts';
import type { HoldVerdict, Settlement, SettleOrder } from '../../money/ledger.ts';
import { inFull, instant, type PlacedHold, pathText, type Row } from './ledger-statements.ts';

/**
 * Orders of which nothing is unusual: holds that every level can pay in full,
 * and settlements of holds that are as they were taken, by which no mark is
 * reached. Their statements are a third of the whole one's work, and refuse
 * whatever is not so without having changed anything.
 *
 * @see ../migrations/0007-usual-orders.ts
 */
export const GRANT = `
select ledger_grant($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) as rooms`;

export const CHARGE = `
select ledger_charge(
  $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19
) as rooms`;

/** A settlement whose hold its caller still knows, with the ids of its accounts. */
export interface PlacedSettle {
  readonly order: SettleOrder;
  readonly organisation: string;
  readonly held: NanoUsd;
  readonly accountIds: readonly bigint[];
}

/** What a settlement comes to where {@link CHARGE} can book it: it charges, and at no rate. */
export function usualSettle(
  order: SettleOrder,
  idsOf: (accounts: readonly AccountRef[]) => readonly bigint[] | undefined,
): PlacedSettle | undefined {
  const { granted, lines } = order;
  if (granted === undefined || lines.length === 0 || !inFull(granted.accounts)) return undefined;
  if (lines.some(({ ratesPpm }) => ratesPpm !== undefined)) return undefined;
  const accountIds = idsOf(granted.accounts);
  if (accountIds === undefined) return undefined;
  return { order, organisation: granted.organisation, held: granted.amount, accountIds };
}

/** The parameters of {@link GRANT}. */
export function grantValues(holder: string, takes: readonly PlacedHold[]): unknown[] {
  const sums = sumsOf(takes, ({ order }) => order.wanted);
  const orders = takes.map(({ order }) => order);
  return [
    holder,
    sums.ids,
    sums.amounts,
    orders.map(({ holdId }) => holdId),
    orders.map(({ organisation }) => organisation),
    orders.map(({ project }) => project),
    orders.map(({ keyId }) => keyId),
    takes.map(pathText),
    orders.map(({ wanted }) => wanted),
    orders.map(({ at }) => instant(at)),
    orders.map(({ resolveBy }) => instant(resolveBy)),
  ];
}

/** The parameters of {@link CHARGE}. */
export function chargeValues(holder: string, settles: readonly PlacedSettle[]): unknown[] {
  const charged = sumsOf(settles, chargeOf);
  const held = sumsOf(settles, (settle) => settle.held);
  const lines = settles.flatMap((settle) =>
    settle.order.lines.filter(({ amount }) => amount > 0n).map((line) => ({ settle, line })),
  );
  return [
    holder,
    charged.ids,
    charged.amounts,
    held.amounts,
    settles.map(({ order }) => order.holdId),
    settles.map(({ organisation }) => organisation),
    settles.map(pathText),
    settles.map((settle) => settle.held),
    settles.map(chargeOf),
    settles.map(({ order }) => instant(order.at)),
    lines.map(({ settle }) => settle.order.holdId),
    lines.map(({ settle }) => settle.organisation),
    lines.map(({ settle }) => pathText(settle)),
    lines.map(({ settle }) => instant(settle.order.at)),
    lines.map(({ line }) => line.attempt),
    lines.map(({ line }) => line.provider),
    lines.map(({ line }) => line.model),
    lines.map(({ line }) => line.amount),
    lines.map(({ line }) => line.usageSource),
  ];
}

/** What {@link GRANT} granted: all of it. */
export function grantVerdicts(rows: readonly Row[], takes: readonly PlacedHold[]): HoldVerdict[] {
  const rooms = roomsOf(rows);
  return takes.map(({ order, accountIds }) => ({ granted: order.wanted, remaining: leastRoom(rooms, accountIds) }));
}

/** What {@link CHARGE} booked: all of it. */
export function chargeSettlements(rows: readonly Row[], settles: readonly PlacedSettle[]): Settlement[] {
  const rooms = roomsOf(rows);
  return settles.map((settle) => {
    const charged = chargeOf(settle);
    return {
      found: true,
      first: true,
      charged,
      overrun: nano(charged > settle.held ? charged - settle.held : 0n),
      remaining: leastRoom(rooms, settle.accountIds),
      passed: [],
    };
  });
}

function chargeOf({ order }: PlacedSettle): NanoUsd {
  return nano(order.lines.reduce((sum, { amount }) => sum + amount, 0n));
}

/** What each account is moved by, in the order of ids. */
function sumsOf<Order extends { readonly accountIds: readonly bigint[] }>(
  orders: readonly Order[],
  amountOf: (order: Order) => bigint,
): { readonly ids: readonly bigint[]; readonly amounts: readonly bigint[] } {
  const sums = new Map<bigint, bigint>();
  for (const order of orders) {
    const amount = amountOf(order);
    for (const id of order.accountIds) sums.set(id, (sums.get(id) ?? 0n) + amount);
  }
  const sorted = [...sums].sort(([one], [other]) => (one < other ? -1 : 1));
  return { ids: sorted.map(([id]) => id), amounts: sorted.map(([, amount]) => amount) };
}

/** What is left on each capped account when the statement is committed. */
function roomsOf(rows: readonly Row[]): ReadonlyMap<string, bigint> {
  const rooms = new Map<string, bigint>();
  for (const room of String(rows[0]?.['rooms']).split(',')) {
    const [id = '', left = ''] = room.split(':');
    if (left !== '') rooms.set(id, BigInt(left));
  }
  return rooms;
}

function leastRoom(rooms: ReadonlyMap<string, bigint>, accountIds: readonly bigint[]): NanoUsd | undefined {
  let least: bigint | undefined;
  for (const id of accountIds) {
    const room = rooms.get(String(id));
    if (room !== undefined && (least === undefined || room < least)) least = room;
  }
  return least === undefined ? undefined : nano(least);
}
