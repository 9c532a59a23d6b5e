import type { AccountRef } from '../../money/budget.ts';

/** Accounts whose ids are kept at hand. An id that fell out costs one more statement. */
const ACCOUNTS_MAX = 100_000;

/** The ids of accounts that were used lately; they never change. */
export class AccountIds {
  readonly #ids = new Map<string, bigint>();

  find(account: AccountRef): bigint | undefined {
    return this.#ids.get(keyOf(account));
  }

  remember(account: AccountRef, id: bigint): void {
    if (this.#ids.size >= ACCOUNTS_MAX) {
      const oldest = this.#ids.keys().next();
      if (!oldest.done) this.#ids.delete(oldest.value);
    }
    this.#ids.set(keyOf(account), id);
  }

  /** Whatever was known is asked for again: the database is not the one that it was. */
  forget(): void {
    this.#ids.clear();
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
}

/** No id and no subject holds a U+0000: Postgres takes none. */
function keyOf({ budget, subject, windowStart }: AccountRef): string {
  return `${budget.id}\0${windowStart}\0${subject}`;
}
