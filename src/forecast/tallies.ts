import { type NanoUsd, nano } from '../kernel/amounts.ts';
import type { AttemptEnd, AttemptStart } from '../protocol/attempt-record.ts';
import { quantilesOf } from './quantiles.ts';
import type { CallEnd, CallOutcome, Slice, Tally, TargetTally } from './simulation-report.ts';

class Counts {
  requests = 0;
  requestsAnswered = 0;
  calls = 0;
  attempts = 0;
  costNanoUsd = 0n;
  costKnown = true;
  readonly ends: Record<CallEnd, number> = { ok: 0, degraded: 0, refused: 0, declined: 0, failed: 0, left: 0 };
  readonly errors: Record<string, number> = {};
  readonly firstTokenMs: number[] = [];
  readonly totalMs: number[] = [];

  addCost(costNanoUsd: string | undefined): void {
    if (costNanoUsd === undefined) this.costKnown = false;
    else this.costNanoUsd += BigInt(costNanoUsd);
  }

  get cost(): NanoUsd | undefined {
    return this.costKnown ? nano(this.costNanoUsd) : undefined;
  }

  tally(): Tally {
    return {
      requests: this.requests,
      requestsAnswered: this.requestsAnswered,
      calls: this.calls,
      ...this.ends,
      attempts: this.attempts,
      firstTokenMs: quantilesOf(this.firstTokenMs),
      totalMs: quantilesOf(this.totalMs),
      costNanoUsd: this.cost,
      errors: this.errors,
    };
  }
}

interface TargetCounts {
  readonly provider: string;
  readonly model: string;
  readonly counts: Counts;
  answered: number;
  outputTokens: number;
}

/** Counts what happens, over the whole run, by slice of time and by target. */
export class Tallies {
  readonly #sliceMs: number;
  readonly #totals = new Counts();
  readonly #slices: Counts[] = [];
  readonly #targets = new Map<string, TargetCounts>();

  constructor(sliceMs: number) {
    this.#sliceMs = sliceMs;
  }

  /** Requests that have come, and attempts made for them, so far. */
  get soFar(): { readonly requests: number; readonly attempts: number } {
    return { requests: this.#totals.requests, attempts: this.#totals.attempts };
  }

  requested(atMs: number): void {
    this.#totals.requests++;
    this.#slice(atMs).requests++;
  }

  answered(requestedMs: number): void {
    this.#totals.requestsAnswered++;
    this.#slice(requestedMs).requestsAnswered++;
  }

  called(atMs: number): void {
    this.#totals.calls++;
    this.#slice(atMs).calls++;
  }

  started(start: AttemptStart, atMs: number): void {
    this.#totals.attempts++;
    this.#slice(atMs).attempts++;
    this.#target(start).counts.attempts++;
  }

  ended(end: AttemptEnd, start: AttemptStart): void {
    const target = this.#target(start);
    for (const counts of [this.#totals, target.counts]) counts.addCost(end.costNanoUsd);
    if (end.last && end.outcome === 'ok') target.answered++;
    target.outputTokens += end.usage?.outputTokens ?? 0;
  }

  over(call: CallOutcome): void {
    for (const counts of [this.#totals, this.#slice(call.arrivedMs)]) {
      counts.ends[call.end]++;
      if (call.errorCode !== undefined) counts.errors[call.errorCode] = (counts.errors[call.errorCode] ?? 0) + 1;
      if (call.firstTokenMs !== undefined) counts.firstTokenMs.push(call.firstTokenMs);
      if (call.end === 'ok' || call.end === 'degraded') counts.totalMs.push(call.overMs - call.arrivedMs);
    }
  }

  totals(): Tally {
    return this.#totals.tally();
  }

  slices(): Slice[] {
    return this.#slices.map((counts, index) => ({ fromMs: index * this.#sliceMs, ...counts.tally() }));
  }

  targets(): TargetTally[] {
    return [...this.#targets.values()].map(({ provider, model, counts, answered, outputTokens }) => ({
      provider,
      model,
      attempts: counts.attempts,
      answered,
      costNanoUsd: counts.cost,
      outputTokens,
    }));
  }

  #slice(atMs: number): Counts {
    const index = Math.floor(atMs / this.#sliceMs);
    while (this.#slices.length <= index) this.#slices.push(new Counts());
    return this.#slices[index] ?? this.#totals;
  }

  #target({ provider, model }: AttemptStart): TargetCounts {
    const key = `${provider}/${model}`;
    const known = this.#targets.get(key);
    if (known !== undefined) return known;
    const made = { provider, model, counts: new Counts(), answered: 0, outputTokens: 0 };
    this.#targets.set(key, made);
    return made;
  }
}
