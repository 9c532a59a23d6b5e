import { type NanoUsd, nano } from '../../kernel/amounts.ts';
import type { AccountRef } from '../../money/budget.ts';
import type { HoldVerdict, Settlement, SettleOrder } from '../../money/ledger.ts';
import { inFull, instant, type PlacedHold, pathText, type Row } from './ledger-statements.ts';

/** A settlement whose hold its caller still knows, with the ids of its accounts. */
export interface PlacedSettle {
  readonly order: SettleOrder;
  readonly organisation: string;
  readonly held: NanoUsd;
  readonly accountIds: readonly bigint[];
}

/**
 * Orders of which nothing is unusual: holds that every level can pay in full,
 * and settlements of holds that are as they were taken, by which no mark is
 * reached. Their statement refuses whatever is not so without having changed
 * anything.
 *
 * @see ../migrations/0007-usual-orders.ts
 */
export interface UsualOrders {
  readonly takes: readonly PlacedHold[];
  readonly settles: readonly PlacedSettle[];
}

/** What a settlement comes to where it may be usual: it charges, and at no rate. */
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

const ACCOUNT_PARAMETERS = 5;
const SETTLE_PARAMETERS = 15;
const TAKE_PARAMETERS = 8;

/** By what a batch has. A parameter costs as much as a few rows, so that those which would say nothing are left out. */
const TEXTS = {
  takes: usualText({ settles: false, takes: true }),
  settles: usualText({ settles: true, takes: false }),
  both: usualText({ settles: true, takes: true }),
};

function usualText({ settles, takes }: { readonly settles: boolean; readonly takes: boolean }): string {
  let last = 0;
  const given = (count: number) => Array.from({ length: count }, () => `$${++last}`);
  const empty = (count: number) => Array.from({ length: count }, () => `'{}'`);
  const parameters = [
    ...given(ACCOUNT_PARAMETERS),
    ...(settles ? given : empty)(SETTLE_PARAMETERS),
    ...(takes ? given : empty)(TAKE_PARAMETERS),
  ];
  return `select ledger_usual(${parameters.join(', ')}) as rooms`;
}

export function usualStatement(holder: string, orders: UsualOrders): { text: string; values: unknown[] } {
  const { takes, settles } = orders;
  const accounts = accountValues(holder, orders);
  if (settles.length === 0) return { text: TEXTS.takes, values: [...accounts, ...takeValues(takes)] };
  if (takes.length === 0) return { text: TEXTS.settles, values: [...accounts, ...settleValues(settles)] };
  return { text: TEXTS.both, values: [...accounts, ...settleValues(settles), ...takeValues(takes)] };
}

/** What the statement did: all of it. */
export function usuallyDone(
  rows: readonly Row[],
  { takes, settles }: UsualOrders,
): { readonly verdicts: readonly HoldVerdict[]; readonly settlements: readonly Settlement[] } {
  const rooms = roomsOf(rows);
  return {
    verdicts: takes.map(({ order, accountIds }) => ({
      granted: order.wanted,
      remaining: leastRoom(rooms, accountIds),
    })),
    settlements: settles.map((settle) => {
      const charged = chargeOf(settle);
      return {
        found: true,
        first: true,
        charged,
        overrun: nano(charged > settle.held ? charged - settle.held : 0n),
        remaining: leastRoom(rooms, settle.accountIds),
        passed: [],
      };
    }),
  };
}

/** What an account is moved by. */
interface Move {
  settled: bigint;
  held: bigint;
  pays: boolean;
}

function accountValues(holder: string, { takes, settles }: UsualOrders): unknown[] {
  const moves = new Map<bigint, Move>();
  const moveOf = (id: bigint) => {
    const known = moves.get(id);
    const move = known ?? { settled: 0n, held: 0n, pays: false };
    if (known === undefined) moves.set(id, move);
    return move;
  };
  for (const settle of settles) {
    const charged = chargeOf(settle);
    for (const id of settle.accountIds) {
      const move = moveOf(id);
      move.settled += charged;
      move.held -= settle.held;
    }
  }
  for (const { order, accountIds } of takes) {
    for (const id of accountIds) {
      const move = moveOf(id);
      move.held += order.wanted;
      move.pays = true;
    }
  }
  const sorted = [...moves].sort(([one], [other]) => (one < other ? -1 : 1));
  return [
    holder,
    sorted.map(([id]) => id),
    sorted.map(([, { settled }]) => settled),
    sorted.map(([, { held }]) => held),
    sorted.map(([, { pays }]) => pays),
  ];
}

function takeValues(takes: readonly PlacedHold[]): unknown[] {
  const orders = takes.map(({ order }) => order);
  return [
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

function settleValues(settles: readonly PlacedSettle[]): unknown[] {
  const lines = settles.flatMap((settle) =>
    settle.order.lines.filter(({ amount }) => amount > 0n).map((line) => ({ settle, line })),
  );
  return [
    settles.map(({ order }) => order.holdId),
    settles.map(({ organisation }) => organisation),
    settles.map(pathText),
    settles.map(({ held }) => held),
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

function chargeOf({ order }: PlacedSettle): NanoUsd {
  return nano(order.lines.reduce((sum, { amount }) => sum + amount, 0n));
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
