import { type NanoUsd, nano } from '../kernel/amounts.ts';
import type { AccountRef } from './budget.ts';
import type {
  ChargeLine,
  HoldOrder,
  HoldVerdict,
  Ledger,
  OpenHold,
  PassedMark,
  Settlement,
  SettleOrder,
} from './ledger.ts';
import type { Balance } from './ledger-books.ts';

interface Account {
  ref: AccountRef;
  settled: bigint;
  held: bigint;
  credited: bigint;
}

interface KnownHold {
  readonly order: HoldOrder;
  readonly amount: bigint;
  readonly accounts: readonly Account[];
  /** What the hold counts for on each of the accounts. */
  readonly counted: readonly bigint[];
  charged: bigint | undefined;
}

const WHOLE_PPM = 1_000_000n;

/**
 * The ledger's rules without a store: what the real one is compared with, and
 * what a simulation of the whole gateway runs on. Nothing is durable, nothing
 * is bounded, and caps are those of the budget as an order last named it.
 */
export class MemoryLedger implements Ledger {
  readonly #accounts = new Map<string, Account>();
  readonly #holds = new Map<string, KnownHold>();
  readonly #holder: string;

  constructor(holder = 'memory') {
    this.#holder = holder;
  }

  async take(order: HoldOrder): Promise<HoldVerdict> {
    const accounts = order.accounts.map((ref) => this.#account(ref));
    const known = this.#holds.get(order.holdId);
    if (known !== undefined) return { granted: nano(known.amount), remaining: leastLeft(accounts) };
    const rates = order.accounts.map(({ ratePpm }) => ratePpm ?? WHOLE_PPM);
    let most = order.wanted as bigint;
    let tightest: { readonly account: Account; readonly limit: bigint; readonly pays: bigint } | undefined;
    for (const [index, account] of accounts.entries()) {
      const limit = limitOf(account);
      const rate = rates[index] ?? WHOLE_PPM;
      if (limit === undefined) continue;
      const free = limit - account.settled - account.held;
      if (rate === 0n && free >= 0n) continue;
      const pays = rate === 0n ? free : payableRoundedDown(free, rate);
      if (tightest === undefined || pays < tightest.pays) tightest = { account, limit, pays };
    }
    if (tightest !== undefined && tightest.pays < order.least) {
      const { account, limit } = tightest;
      return { refused: { account: account.ref, ...amounts(account), limit: nano(limit) } };
    }
    if (tightest !== undefined && tightest.pays < most) most = tightest.pays;
    const counted = rates.map((rate) => countedRoundedUp(most, rate));
    for (const [index, account] of accounts.entries()) account.held += counted[index] ?? 0n;
    this.#holds.set(order.holdId, { order, amount: most, accounts, counted, charged: undefined });
    return { granted: nano(most), remaining: leastLeft(accounts) };
  }

  async settle({ holdId, lines }: SettleOrder): Promise<Settlement> {
    const hold = this.#holds.get(holdId);
    if (hold === undefined) {
      return { found: false, first: false, charged: nano(0n), overrun: nano(0n), remaining: undefined, passed: [] };
    }
    const first = hold.charged === undefined;
    const passed = first ? this.#book(hold, lines) : [];
    const charged = hold.charged ?? 0n;
    const overrun = charged > hold.amount ? charged - hold.amount : 0n;
    return {
      found: true,
      first,
      charged: nano(charged),
      overrun: nano(overrun),
      remaining: leastLeft(hold.accounts),
      passed,
    };
  }

  async openHolds({ holder, limit }: { readonly holder?: string; readonly limit: number }): Promise<OpenHold[]> {
    if (holder !== undefined && holder !== this.#holder) return [];
    return [...this.#holds.values()]
      .filter(({ charged }) => charged === undefined)
      .map(({ order, amount }) => ({
        holdId: order.holdId,
        holder: this.#holder,
        amount: nano(amount),
        takenAt: order.at,
        resolveBy: order.resolveBy,
      }))
      .sort((one, other) => one.takenAt - other.takenAt || (one.holdId < other.holdId ? -1 : 1))
      .slice(0, limit);
  }

  /** What may be spent on a credit's account grows. */
  credit(account: AccountRef, amount: NanoUsd): void {
    this.#account(account).credited += amount;
  }

  /** An account with what is on it already. */
  open(account: AccountRef, { settled, held, credited }: Balance): void {
    Object.assign(this.#account(account), { settled, held, credited });
  }

  balance(account: AccountRef): Balance {
    const { settled, held, credited } = this.#account(account);
    return { settled: nano(settled), held: nano(held), credited: nano(credited) };
  }

  #book(hold: KnownHold, lines: readonly ChargeLine[]): PassedMark[] {
    hold.charged = lines.reduce((sum, { amount }) => sum + amount, 0n);
    const passed: PassedMark[] = [];
    for (const [index, account] of hold.accounts.entries()) {
      const before = account.settled;
      const { id } = account.ref.budget;
      for (const { amount, ratesPpm } of lines) {
        account.settled += countedRoundedUp(amount, ratesPpm?.[id] ?? WHOLE_PPM);
      }
      account.held -= hold.counted[index] ?? 0n;
      passed.push(...marks(account, before));
    }
    return passed;
  }

  #account(ref: AccountRef): Account {
    const key = JSON.stringify([ref.budget.id, ref.subject, ref.windowStart]);
    const account = this.#accounts.get(key) ?? { ref, settled: 0n, held: 0n, credited: 0n };
    account.ref = ref;
    this.#accounts.set(key, account);
    return account;
  }
}

function limitOf({ ref, credited }: Account): bigint | undefined {
  return ref.budget.credit ? credited : ref.budget.hard;
}

function leastLeft(accounts: readonly Account[]): NanoUsd | undefined {
  let least: bigint | undefined;
  for (const account of accounts) {
    const limit = limitOf(account);
    if (limit === undefined) continue;
    const left = limit - account.settled - account.held;
    if (least === undefined || left < least) least = left;
  }
  return least === undefined ? undefined : nano(least);
}

function marks(account: Account, before: bigint): PassedMark[] {
  const { ref, settled, credited } = account;
  const { budget, subject, windowStart } = ref;
  const soft = budget.soft === undefined || !budget.credit ? budget.soft : credited - budget.soft;
  const found: PassedMark[] = [];
  for (const [mark, limit] of [
    ['soft', soft],
    ['hard', limitOf(account)],
  ] as const) {
    if (limit === undefined || before >= limit || settled < limit) continue;
    found.push({ budgetId: budget.id, subject, windowStart, mark, settled: nano(settled), limit: nano(limit) });
  }
  return found;
}

function amounts({ settled, held }: Account) {
  return { settled: nano(settled), held: nano(held) };
}

function countedRoundedUp(amount: bigint, ratePpm: bigint): bigint {
  return (amount * ratePpm + WHOLE_PPM - 1n) / WHOLE_PPM;
}

/** The most that counts for no more than `free`, which may be less than nothing. */
function payableRoundedDown(free: bigint, ratePpm: bigint): bigint {
  const scaled = free * WHOLE_PPM;
  const quotient = scaled / ratePpm;
  return scaled < 0n && scaled % ratePpm !== 0n ? quotient - 1n : quotient;
}
