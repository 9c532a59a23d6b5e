import type { CountedEnd } from './counted-attempt.ts';

/**
 * What one row of `usage_hours` sums up. A sum of what is not always known is
 * absent while nothing is known. All of it may be taken away again.
 */
export class Figures {
  calls = 0;
  attempts = 0;
  errors = 0;
  callsWithoutCost = 0;
  unpriced = 0;
  estimated = 0;
  overruns = 0;
  inputTokens: number | undefined;
  cachedInputTokens: number | undefined;
  cacheWriteTokens: number | undefined;
  outputTokens: number | undefined;
  reasoningTokens: number | undefined;
  cost: bigint | undefined;
  charge: bigint | undefined;
  reported: bigint | undefined;
  timed = 0;
  totalMs = 0;
  firstTokens = 0;
  firstTokenMs = 0;

  /** @param times 1 to count the attempt, -1 to take it back */
  count(end: CountedEnd, times: 1 | -1): void {
    const { outcome, last, usage, costNanoUsd, chargeNanoUsd } = end;
    this.attempts += times;
    if (last) this.calls += times;
    if (outcome === 'failed' || outcome === 'truncated' || outcome === 'interrupted') this.errors += times;
    if (costNanoUsd !== undefined) this.cost = (this.cost ?? 0n) + BigInt(times) * BigInt(costNanoUsd);
    // One that failed outright costs nothing that is known of.
    else if (outcome !== 'failed') {
      this.unpriced += times;
      if (last) this.callsWithoutCost += times;
    }
    if (chargeNanoUsd !== undefined) this.charge = (this.charge ?? 0n) + BigInt(times) * BigInt(chargeNanoUsd);
    if (end.usageSource === 'estimated') this.estimated += times;
    if (end.overrun === true) this.overruns += times;
    if (usage !== undefined) {
      this.inputTokens = sum(this.inputTokens, usage.inputTokens, times);
      this.cachedInputTokens = sum(this.cachedInputTokens, usage.cachedInputTokens, times);
      this.cacheWriteTokens = sum(this.cacheWriteTokens, usage.cacheWriteTokens, times);
      this.outputTokens = sum(this.outputTokens, usage.outputTokens, times);
      this.reasoningTokens = sum(this.reasoningTokens, usage.reasoningTokens, times);
    }
    if (end.totalMs !== undefined) {
      this.timed += times;
      this.totalMs += times * Math.round(end.totalMs);
    }
    if (end.firstTokenMs !== undefined) {
      this.firstTokens += times;
      this.firstTokenMs += times * Math.round(end.firstTokenMs);
    }
  }

  /** Adds what another one sums up. */
  add(other: Figures): void {
    for (const name of COUNTS) this[name] += other[name];
    for (const name of TOKENS) this[name] = sum(this[name], other[name], 1);
    for (const name of AMOUNTS) {
      const amount = other[name];
      if (amount !== undefined) this[name] = (this[name] ?? 0n) + amount;
    }
  }
}

export const COUNTS = [
  'calls',
  'attempts',
  'errors',
  'callsWithoutCost',
  'unpriced',
  'estimated',
  'overruns',
  'timed',
  'totalMs',
  'firstTokens',
  'firstTokenMs',
] as const;

export const TOKENS = [
  'inputTokens',
  'cachedInputTokens',
  'cacheWriteTokens',
  'outputTokens',
  'reasoningTokens',
] as const;

export const AMOUNTS = ['cost', 'charge', 'reported'] as const;

function sum(known: number | undefined, more: number | undefined, times: 1 | -1): number | undefined {
  if (more === undefined) return known;
  return (known ?? 0) + times * more;
}
