import type { NanoUsd } from '../kernel/amounts.ts';
import type { Clock, Timer } from '../kernel/clock.ts';
import { usdText } from '../kernel/usd-text.ts';
import type { Alerts } from './alerts.ts';
import type { AccountRef, Budget } from './budget.ts';
import type { Payer } from './hold.ts';
import type { PassedMark, Settlement } from './ledger.ts';
import type { Balance } from './ledger-books.ts';

export interface MoneyWatchParts {
  readonly alerts: Alerts;
  readonly clock: Clock;
  budget(id: string): Budget | undefined;
  /** The accounts of prepaid credit that a payer spends from. */
  creditOf(payer: Payer): readonly AccountRef[];
  balance(account: AccountRef): Promise<Balance | undefined>;
  onTrouble(error: unknown, what: string): void;
}

/** In percent of what was bought. */
const CREDIT_MARKS = [5n, 20n];
/** Credit is looked at this long after something was charged to it: many charges share one look. */
const LOOK_MS = 1_000;
const HOUR_MS = 3_600_000;

/** Sees to it that what money does is heard of. Nothing here is on a call's way. */
export class MoneyWatch {
  readonly #parts: MoneyWatchParts;
  readonly #changed = new Map<string, AccountRef>();
  #timer: Timer | undefined;
  #closed = false;

  constructor(parts: MoneyWatchParts) {
    this.#parts = parts;
  }

  settled(settlement: Settlement, payer: Payer): void {
    for (const mark of settlement.passed) this.#passed(mark);
    if (settlement.overrun > 0n) this.#overrun(settlement.overrun, payer);
    for (const account of this.#parts.creditOf(payer)) this.#look(account);
  }

  /** A call was answered, and nobody knows what it cost. */
  unpriced(provider: string, model: string): void {
    const { alerts, clock } = this.#parts;
    const message = `${provider}/${model} was used without a known price: its calls are in no bill. Give it a price in the configuration.`;
    alerts.raise({ kind: 'unpriced', message, provider, model }, hourly(`${provider}/${model}`, clock));
  }

  /** A provider said something of its use that cannot be so. @param doubt what it was, without the value */
  badUsage(provider: string, model: string, doubt: string): void {
    const { alerts, clock } = this.#parts;
    const message = `${provider}/${model} reported use that cannot be so (${doubt}): it was estimated instead.`;
    alerts.raise({ kind: 'bad_usage', message, provider, model }, hourly(`${provider}/${model} ${doubt}`, clock));
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
  }

  #passed({ budgetId, subject, windowStart, mark, settled, limit }: PassedMark): void {
    const budget = this.#parts.budget(budgetId);
    const whose = `${budgetId}${budget?.each === undefined ? '' : ` for ${subject === '' ? 'unnamed' : subject}`}`;
    const facts = { budgetId, subject, windowStart, settled, limit };
    const once = `${budgetId} ${subject} ${windowStart} ${limit}`;
    const spent = `$${usdText(settled)} of $${usdText(limit)}`;
    if (mark === 'hard') {
      const message = `The budget ${whose} is used up (${spent}): calls on it are refused.`;
      this.#parts.alerts.raise({ kind: 'hard_passed', message, ...facts }, once);
    } else if (budget?.credit === true) {
      const message = `The credit ${whose} is down to its mark: $${usdText(budget.soft)} or less is left.`;
      this.#parts.alerts.raise({ kind: 'credit_low', message, ...facts }, `${once} soft`);
    } else {
      const message = `The budget ${whose} has passed its alert mark (${spent}).`;
      this.#parts.alerts.raise({ kind: 'soft_passed', message, ...facts }, once);
    }
  }

  #overrun(excess: NanoUsd, { callId, keyId }: Payer): void {
    const message = `The call ${callId} of the key ${keyId} cost $${usdText(excess)} more than was set aside for it. It is charged whole.`;
    this.#parts.alerts.raise({ kind: 'overrun', message, callId, excess }, callId);
  }

  #look(account: AccountRef): void {
    if (this.#closed) return;
    this.#changed.set(account.budget.id, account);
    this.#timer ??= this.#parts.clock.after(LOOK_MS, () => {
      this.#timer = undefined;
      this.#lookAtCredit().catch((error: unknown) => {
        this.#parts.onTrouble(error, 'how much credit is left could not be looked at');
      });
    });
  }

  async #lookAtCredit(): Promise<void> {
    const accounts = [...this.#changed.values()];
    this.#changed.clear();
    for (const account of accounts) {
      const balance = await this.#parts.balance(account);
      if (balance !== undefined) this.#creditLeft(account.budget, balance);
    }
  }

  /** The lowest mark that was passed is told; with the next top-up, marks count anew. */
  #creditLeft({ id }: Budget, { settled, credited }: Balance): void {
    const left = credited - settled;
    const mark = CREDIT_MARKS.find((percent) => left * 100n <= credited * percent);
    if (mark === undefined || credited === 0n) return;
    const message = `The credit ${id} is about to run out: $${usdText(credited)} was bought and $${usdText(settled)} is used; less than ${mark} % is left.`;
    const facts = { budgetId: id, windowStart: 0, settled, limit: credited };
    this.#parts.alerts.raise({ kind: 'credit_low', message, ...facts }, `${id} ${credited} ${mark}`);
  }
}

function hourly(about: string, clock: Clock): string {
  const at = clock.now();
  return `${about} ${at - (at % HOUR_MS)}`;
}
