import { nano } from '../../src/kernel/amounts.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { errorMessage } from '../../src/kernel/errors.ts';
import { IdMaker } from '../../src/kernel/ids.ts';
import { systemRandom } from '../../src/kernel/random.ts';
import type { Ledger } from '../../src/money/ledger.ts';
import { keepTime } from '../harness/metronome.ts';
import { Samples } from '../harness/samples.ts';
import type { HoldLevels } from './hold-levels.ts';

const WANTED = nano(1_000_000n);
const COST = nano(400_000n);
const RESOLVED_MS_MAX = 60_000;
const WRONG_MAX = 5;

/** What one load found. Times are milliseconds. */
export interface HoldLoadResult {
  readonly calls: number;
  readonly perSecond: number;
  /** From the instant a hold was due (open loop) or asked for (closed loop) to its answer. */
  readonly takeMs: Samples;
  readonly settleMs: Samples;
  /** How late holds were asked for, by a sender that was busy itself. */
  readonly lagMs: Samples;
  readonly wrong: readonly string[];
}

/** Calls that take a hold on four levels and settle it as soon as they have it, as a call does that is answered at once. */
export class HoldLoad {
  readonly #ledger: Ledger;
  readonly #levels: HoldLevels;
  readonly #ids = new IdMaker(systemClock, systemRandom());
  #calls = 0;
  #settled = 0;
  #takeMs = new Samples();
  #settleMs = new Samples();
  #lagMs = new Samples();
  #wrong: string[] = [];

  constructor(ledger: Ledger, levels: HoldLevels) {
    this.#ledger = ledger;
    this.#levels = levels;
  }

  /** What all calls so far were charged, nano-USD, by what their settlements said. */
  get charged(): bigint {
    return COST * BigInt(this.#settled);
  }

  /** A fixed schedule, whether or not earlier holds were answered. */
  async openLoop(perSecond: number, calls: number): Promise<HoldLoadResult> {
    this.#begin();
    const under: Promise<void>[] = [];
    let beginMs = 0;
    await keepTime({
      count: calls,
      stepMs: 1_000 / perSecond,
      onBeat: (index, dueMs) => {
        if (index === 0) beginMs = dueMs;
        this.#lagMs.add(performance.now() - dueMs);
        under.push(this.#call(dueMs));
      },
    });
    await Promise.all(under);
    return this.#result(calls, performance.now() - beginMs);
  }

  /** So many callers, each of which begins its next call when the last one is settled. */
  async closedLoop(callers: number, seconds: number): Promise<HoldLoadResult> {
    this.#begin();
    const beginMs = performance.now();
    const endMs = beginMs + seconds * 1_000;
    const before = this.#calls;
    const caller = async () => {
      while (performance.now() < endMs && this.#wrong.length === 0) await this.#call(performance.now());
    };
    await Promise.all(Array.from({ length: callers }, caller));
    return this.#result(this.#calls - before, performance.now() - beginMs);
  }

  async #call(dueMs: number): Promise<void> {
    const call = this.#calls++;
    const at = systemClock.now();
    const holdId = this.#ids.next('call');
    const [organisation, project, keyId] = ['org_bench', 'proj_bench', `sub_${call}`];
    const accounts = this.#levels.accountsOf(call, at);
    const resolveBy = at + RESOLVED_MS_MAX;
    try {
      const order = { holdId, organisation, project, keyId, accounts, wanted: WANTED, least: WANTED, at, resolveBy };
      const verdict = await this.#ledger.take(order);
      this.#takeMs.add(performance.now() - dueMs);
      if (!('granted' in verdict) || verdict.granted !== WANTED) return this.#note('a hold was not granted whole');
      const askedMs = performance.now();
      const usageSource = 'provider';
      const line = { attempt: 1, provider: 'sim', model: 'fast', amount: COST, usageSource } as const;
      const { first, charged } = await this.#ledger.settle({
        holdId,
        at: systemClock.now(),
        lines: [line],
        granted: { organisation, accounts, amount: WANTED },
      });
      this.#settleMs.add(performance.now() - askedMs);
      if (!first || charged !== COST) return this.#note(`a settlement booked ${charged} instead of ${COST}`);
      this.#settled++;
    } catch (error) {
      this.#note(errorMessage(error));
    }
  }

  #note(text: string): void {
    if (this.#wrong.length < WRONG_MAX) this.#wrong.push(text);
  }

  #begin(): void {
    [this.#takeMs, this.#settleMs, this.#lagMs] = [new Samples(), new Samples(), new Samples()];
    this.#wrong = [];
  }

  #result(calls: number, tookMs: number): HoldLoadResult {
    return {
      calls,
      perSecond: calls / (tookMs / 1_000),
      takeMs: this.#takeMs,
      settleMs: this.#settleMs,
      lagMs: this.#lagMs,
      wrong: this.#wrong,
    };
  }
}
