import { nano } from '../kernel/amounts.ts';
import { type Clock, sleep } from '../kernel/clock.ts';
import { GatewayError } from '../kernel/errors.ts';
import type { Budget } from '../money/budget.ts';
import { linesRatedBy } from '../money/budget-rates.ts';
import type { ChargePolicy } from '../money/hold.ts';
import type { ChargeLine, Ledger, OpenHold } from '../money/ledger.ts';
import type { LedgerBooks } from '../money/ledger-books.ts';
import { owedFor } from '../money/owed.ts';
import type { Log } from '../observability/log.ts';
import type { AttemptView, CallView } from '../protocol/call-view.ts';

/** How long after its call's last moment a hold waits for somebody to say what the call cost. */
const UNKNOWN_MS_MAX = 300_000;
const RETRY_MS = 1_000;
const SWEEP_MS = 15_000;
const HOLDS_MAX = 10_000;

export interface HoldRecoveryParts {
  readonly ledger: Pick<Ledger, 'openHolds' | 'settle'>;
  readonly books?: Pick<LedgerBooks, 'keep'>;
  readonly clock: Clock;
  readonly log: Log;
  /** The journal's name: holds of its earlier runs are ours to resolve. */
  readonly journal: string;
  /** This run, whose holds are under way. */
  readonly holder: string;
  /** Resolves once what earlier runs wrote is in the store. */
  replayed(): Promise<void>;
  callById(callId: string): Promise<CallView | undefined>;
  policy(): ChargePolicy;
  /** Those in force that count some models for more or less. */
  ratedBudgets(): readonly Budget[];
  /** A call whose cost nobody could say is charged what was set aside; its record must say so. */
  onReserved?(call: CallView, attempt: AttemptView, amount: bigint): Promise<void>;
}

/** Names one run of a process: the journal's name, and what no other run of it has. */
export function holderOf(journal: string, startedAt: number): string {
  return `${journal}/${startedAt}-${process.pid}`;
}

/**
 * Resolves the holds that an earlier run left open, by what the journal says
 * became of their calls:
 *
 *     no attempt was made              released: nothing went upstream
 *     every attempt has its end        settled by what was recorded; what has no price counts as nothing,
 *                                      because no cap depends on it
 *     one was cut by the end of the    settled at its last checkpoint; without one, kept until
 *     process                          somebody reconciles it, or charged whole when nobody does
 */
export class HoldRecovery {
  readonly #parts: HoldRecoveryParts;
  readonly #stopping = new AbortController();
  #running: Promise<void> | undefined;

  constructor(parts: HoldRecoveryParts) {
    this.#parts = parts;
  }

  /** Begins in the background; what the store cannot do yet is tried again until it can. */
  start(): void {
    this.#running = this.#run().catch((err: unknown) => {
      if (!this.#stopping.signal.aborted) this.#parts.log.error({ err }, 'the recovery of holds broke off');
    });
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new GatewayError('overloaded', { message: 'the gateway is stopping' }));
    await this.#running;
  }

  async #run(): Promise<void> {
    const { clock } = this.#parts;
    const { signal } = this.#stopping;
    let { own, more } = await this.#untilDone(() => this.#left());
    if (own.length === 0) return;
    await this.#untilDone(() => this.#parts.replayed());
    while (own.length > 0) {
      let resolved = 0;
      for (const hold of own) if (await this.#tryResolve(hold)) resolved++;
      if (resolved === own.length && !more) return;
      // Where nothing moves, only time or somebody who reconciles helps.
      if (resolved === 0 || !more) await sleep(clock, SWEEP_MS, signal);
      ({ own, more } = await this.#untilDone(() => this.#left()));
    }
  }

  /** Holds of this journal that no running process knows of; `more` when there may be others behind them. */
  async #left(): Promise<{ readonly own: readonly OpenHold[]; readonly more: boolean }> {
    const { ledger, journal, holder } = this.#parts;
    const open = await ledger.openHolds({ limit: HOLDS_MAX });
    const own = open.filter((hold) => hold.holder.startsWith(`${journal}/`) && hold.holder !== holder);
    return { own, more: open.length >= HOLDS_MAX };
  }

  /** A hold that cannot be resolved for a reason of its own leaves the others alone. */
  async #tryResolve(hold: OpenHold): Promise<boolean> {
    try {
      return await this.#untilDone(() => this.#resolve(hold));
    } catch (err) {
      this.#stopping.signal.throwIfAborted();
      this.#parts.log.error({ err, callId: hold.holdId }, 'a hold of an earlier run could not be resolved yet');
      return false;
    }
  }

  /** @returns false while nobody can say what the call cost */
  async #resolve(hold: OpenHold): Promise<boolean> {
    const { ledger, books, clock, log } = this.#parts;
    const call = await this.#parts.callById(hold.holdId);
    const lines = linesOf(call, this.#parts.policy());
    if (lines === undefined) {
      if (clock.now() <= hold.resolveBy + UNKNOWN_MS_MAX) {
        await books?.keep(hold.holdId);
        return false;
      }
      return this.#reserve(hold, call);
    }
    const { charged } = await ledger.settle({ holdId: hold.holdId, at: clock.now(), lines: this.#rated(lines) });
    const facts = { callId: hold.holdId, held: hold.amount.toString(), charged: charged.toString() };
    log.info(facts, 'a hold of an earlier run was settled');
    return true;
  }

  async #reserve(hold: OpenHold, call: CallView | undefined): Promise<boolean> {
    const { ledger, clock, log, onReserved } = this.#parts;
    const last = call?.attempts.at(-1);
    if (call === undefined || last === undefined) return true;
    const known = call.attempts.slice(0, -1).flatMap((earlier) => lineOf(earlier, call, this.#parts.policy()) ?? []);
    const spent = known.reduce((sum, { amount }) => sum + amount, 0n);
    const amount = nano(hold.amount > spent ? hold.amount - spent : 0n);
    const { provider, model, attempt } = last;
    const line: ChargeLine = { attempt, provider, model, amount, usageSource: 'reserved' };
    const lines = this.#rated([...known, line]);
    // Without a cap nothing was set aside, and what the attempt cost stays unknown.
    if (hold.amount > 0n) await onReserved?.(call, last, amount);
    await ledger.settle({ holdId: hold.holdId, at: clock.now(), lines });
    log.warn(
      { callId: hold.holdId, charged: amount.toString() },
      'nobody said what a cut call cost: its hold was charged',
    );
    return true;
  }

  #rated(lines: readonly ChargeLine[]): readonly ChargeLine[] {
    return linesRatedBy(this.#parts.ratedBudgets(), lines);
  }

  /** Tries again as long as it is the store that does not answer. @throws the reason of a stop, and what no waiting mends */
  async #untilDone<Result>(work: () => Promise<Result>): Promise<Result> {
    const { clock, log } = this.#parts;
    for (;;) {
      try {
        this.#stopping.signal.throwIfAborted();
        return await work();
      } catch (err) {
        const passing = err instanceof GatewayError && err.status === 503;
        if (!passing || this.#stopping.signal.aborted) throw err;
        log.debug({ err }, 'the recovery of holds waits for the store');
        await sleep(clock, RETRY_MS, this.#stopping.signal);
      }
    }
  }
}

/** One line for each attempt; none for a call that made none; `undefined` while one's cost cannot be said. */
function linesOf(call: CallView | undefined, policy: ChargePolicy): ChargeLine[] | undefined {
  const lines: ChargeLine[] = [];
  for (const attempt of call?.attempts ?? []) {
    const line = call && lineOf(attempt, call, policy);
    if (line === undefined) return undefined;
    lines.push(line);
  }
  return lines;
}

function lineOf(view: AttemptView, { attempts }: CallView, policy: ChargePolicy): ChargeLine | undefined {
  const { attempt, provider, model, usageSource = 'estimated' } = view;
  const amount = owedFor(view, attempts, policy);
  return amount === undefined ? undefined : { attempt, provider, model, amount: nano(amount), usageSource };
}
