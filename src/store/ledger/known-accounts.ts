import type { AccountRef } from '../../money/budget.ts';
import type { HoldVerdict } from '../../money/ledger.ts';
import { inFull, type PlacedHold } from './ledger-statements.ts';

/** Accounts whose ids are kept at hand. An id that fell out costs one more statement. */
const ACCOUNTS_MAX = 100_000;
/** Accounts that are known to be short. One that fell out costs a statement that is refused. */
const SHORT_MAX = 10_000;

/** What is remembered of accounts that were used lately: their ids, which never change, and which of them could not pay. */
export class KnownAccounts {
  readonly #ids = new Map<string, bigint>();
  readonly #short = new Set<string>();

  find(account: AccountRef): bigint | undefined {
    return this.#ids.get(keyOf(account));
  }

  /** The ids of all, or nothing. */
  idsOf(accounts: readonly AccountRef[]): bigint[] | undefined {
    const ids: bigint[] = [];
    for (const account of accounts) {
      const id = this.find(account);
      if (id === undefined) return undefined;
      ids.push(id);
    }
    return ids;
  }

  remember(account: AccountRef, id: bigint): void {
    dropOldest(this.#ids, ACCOUNTS_MAX);
    this.#ids.set(keyOf(account), id);
  }

  /** Whatever was known is asked for again: the database is not the one that it was. */
  forget(): void {
    this.#ids.clear();
    this.#short.clear();
  }

  /** Those of `accounts` that are not known, each once. */
  missing(accounts: Iterable<AccountRef>): AccountRef[] {
    const missing = new Map<string, AccountRef>();
    for (const account of accounts) {
      const key = keyOf(account);
      if (!this.#ids.has(key)) missing.set(key, account);
    }
    return [...missing.values()];
  }

  /** Nothing that is known speaks against a hold's being granted in full, and by the amount itself on each account. */
  mayPayInFull({ order: { accounts } }: PlacedHold): boolean {
    if (!inFull(accounts)) return false;
    return this.#short.size === 0 || accounts.every((account) => !this.#short.has(keyOf(account)));
  }

  /** An account that could not pay is short until it pays again: one that is spent must not slow down all others. */
  learn(accounts: readonly AccountRef[], verdict: HoldVerdict): void {
    if ('granted' in verdict) for (const account of accounts) this.#short.delete(keyOf(account));
    else {
      dropOldest(this.#short, SHORT_MAX);
      this.#short.add(keyOf(verdict.refused.account));
    }
  }
}

function dropOldest(known: Map<string, unknown> | Set<string>, sizeMax: number): void {
  if (known.size < sizeMax) return;
  const oldest = known.keys().next();
  if (!oldest.done) known.delete(oldest.value);
}

/** No id and no subject holds a U+0000: Postgres takes none. */
function keyOf({ budget, subject, windowStart }: AccountRef): string {
  return `${budget.id}\0${windowStart}\0${subject}`;
}
