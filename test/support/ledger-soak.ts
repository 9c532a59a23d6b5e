/** A long run of the ledger: very many transfers, counted independently, then everything added up anew. */
import { nano } from '../../src/kernel/amounts.ts';
import type { AccountRef } from '../../src/money/budget.ts';
import type { Verification } from '../../src/money/ledger-books.ts';
import type { Store } from '../../src/store/store.ts';
import { LedgerDesk, unique } from './ledger-desk.ts';

export interface SoakResult {
  readonly transfers: number;
  readonly bookMs: number;
  readonly verifyMs: number;
  readonly verification: Verification;
  /** What is not as it has to be; nothing when the ledger is sound. */
  readonly problems: readonly string[];
}

/** Charges of one call: a batch of them costs little more than one. */
const LINES = 16;
const CALLERS = 128;
const SUBJECTS = 40;
const VERIFY_MS_MAX = 60_000;

/**
 * Books about so many transfers on four levels, one of them a credit: most
 * calls are charged for several attempts, some too much, some nothing, some
 * hold on, some are settled twice.
 */
export async function soakLedger(store: Store, { transfers }: { readonly transfers: number }): Promise<SoakResult> {
  const desk = new LedgerDesk(store, { holder: unique('soak') });
  const soak = new Soak(desk);
  try {
    const beganMs = performance.now();
    await soak.begin();
    await soak.book(transfers);
    const bookMs = performance.now() - beganMs;
    const verifyBeganMs = performance.now();
    const verification = await desk.books.verify();
    const verifyMs = performance.now() - verifyBeganMs;
    const problems = [...soak.problems, ...soundnessProblems(verification), ...(await soak.sumProblems())];
    if (verification.transfers < transfers) problems.push(`only ${verification.transfers} transfers were booked`);
    if (verifyMs > VERIFY_MS_MAX) problems.push(`the check took ${Math.round(verifyMs)} ms`);
    return { transfers: verification.transfers, bookMs, verifyMs, verification, problems };
  } finally {
    await desk.ledger.stop();
  }
}

function soundnessProblems({ wrong, debits, credits }: Verification): string[] {
  const problems = wrong.map(({ budgetId, subject, stored, reckoned }) => {
    const [is, ought] = [stored, reckoned].map((one) => `${one.settled}/${one.held}/${one.credited}`);
    return `${budgetId} ${subject} is ${is} and adds up to ${ought} (settled/held/credited)`;
  });
  return debits === credits ? problems : [...problems, `debits are ${debits}, credits ${credits}`];
}

class Soak {
  readonly problems: string[] = [];
  readonly #desk: LedgerDesk;
  #levels: readonly AccountRef[] = [];
  #credit: AccountRef | undefined;
  readonly #settled = new Map<string, bigint>();
  #booked = 0;
  #calls = 0;

  constructor(desk: LedgerDesk) {
    this.#desk = desk;
  }

  async begin(): Promise<void> {
    const organisation = await this.#desk.account({ period: 'month' });
    const project = await this.#desk.account({ hard: nano(10n ** 17n), period: 'week' });
    this.#credit = await this.#desk.account({ credit: true });
    const each = await this.#desk.budget({ each: 'end_user', period: 'day' });
    // No caller may come before the credit that pays for its hold.
    await this.#topUp();
    this.#levels = [organisation, project, this.#credit, this.#desk.at({ ...organisation, budget: each }, 0)];
  }

  async book(transfers: number): Promise<void> {
    const caller = async () => {
      while (this.#booked < transfers && this.problems.length === 0) await this.#call(this.#calls++);
    };
    await Promise.all(Array.from({ length: CALLERS }, caller));
  }

  /** Each level was charged what the calls were told, to the nano-dollar. */
  async sumProblems(): Promise<string[]> {
    const problems: string[] = [];
    for (const account of this.#accounts()) {
      const expected = this.#settled.get(keyOf(account)) ?? 0n;
      const [balance] = await this.#desk.balances(account);
      if ((balance?.settled ?? 0n) === expected) continue;
      problems.push(`${keyOf(account)} was charged ${expected} and says ${balance?.settled}`);
    }
    return problems;
  }

  async #call(call: number): Promise<void> {
    if (call % 1_000 === 999) await this.#topUp();
    const id = unique('call_soak');
    const accounts = this.#levelsOf(call % SUBJECTS);
    const verdict = await this.#desk.take(accounts, 10_000n, { id });
    if (!('granted' in verdict)) {
      this.problems.push(`the hold ${id} was refused`);
      return;
    }
    // One in a hundred goes on: what is held has to add up too.
    if (call % 100 === 99) return;
    const amounts =
      call % 50 === 49 ? [] : Array.from({ length: LINES }, (_, line) => BigInt((call * 7 + line) % 900) + 1n);
    const settlement = await this.#desk.settle(id, ...amounts);
    if (!settlement.first) this.problems.push(`the hold ${id} had been settled before`);
    for (const account of accounts) {
      this.#settled.set(keyOf(account), (this.#settled.get(keyOf(account)) ?? 0n) + settlement.charged);
    }
    this.#booked += amounts.length;
    if (call % 20 === 0 && (await this.#desk.settle(id, 5n)).first) this.problems.push(`${id} was settled twice`);
  }

  async #topUp(): Promise<void> {
    if (this.#credit === undefined) return;
    const booking = {
      ...this.#desk.booking(unique('top_up'), 10n ** 12n),
      account: this.#credit,
      paid: nano(10n ** 12n),
    };
    const answers = [await this.#desk.books.topUp(booking), await this.#desk.books.topUp(booking)];
    if (answers.join() !== 'booked,again') this.problems.push(`a top-up sent twice was ${answers.join(' and ')}`);
  }

  #levelsOf(subject: number): AccountRef[] {
    return this.#levels.map((level) =>
      level.budget.each === undefined ? level : { ...level, subject: `user_${subject}` },
    );
  }

  #accounts(): AccountRef[] {
    const all = Array.from({ length: SUBJECTS }, (_, subject) => this.#levelsOf(subject)).flat();
    return [...new Map(all.map((account) => [keyOf(account), account])).values()];
  }
}

function keyOf({ budget, subject }: AccountRef): string {
  return `${budget.id}/${subject}`;
}
