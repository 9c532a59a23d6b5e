import type { NanoUsd } from '../kernel/amounts.ts';
import type { GatewayError } from '../kernel/errors.ts';
import { usdText } from '../kernel/usd-text.ts';
import type { PlannedTarget } from '../routing/target.ts';

/** Clients give up on a head of 16 KiB. */
const HEADER_CHARS_MAX = 512;

export interface AnswerHeaderFacts {
  readonly callId: string;
  /** Where the client's SDK looks for it. */
  readonly requestIdHeader: string;
  readonly contentType: string;
  readonly bodyBytes: number | undefined;
  readonly streaming: boolean;
  readonly target: PlannedTarget | undefined;
  readonly route: string | undefined;
  readonly attempts: number;
  readonly cost: NanoUsd | undefined;
  /** Absent for a caller without a budget. */
  readonly budget: { readonly capped: boolean; readonly remaining: NanoUsd | undefined } | undefined;
  readonly warnings: readonly string[] | undefined;
  /** What the client got less than it asked for, and why. */
  readonly degraded: string | undefined;
  readonly overheadMs: number;
}

/** Response headers, flat: the few that HTTP needs, and the gateway's own account of what it did. */
export function answerHeaders(facts: AnswerHeaderFacts): string[] {
  const headers = [
    'content-type',
    facts.contentType,
    facts.requestIdHeader,
    facts.callId,
    'x-leeward-request-id',
    facts.callId,
    'x-leeward-attempts',
    String(facts.attempts),
    'x-leeward-cache',
    'off',
    'x-leeward-warnings',
    facts.warnings?.join('; ') ?? 'none',
    'x-leeward-overhead-ms',
    facts.overheadMs.toFixed(2),
  ];
  if (facts.target !== undefined) {
    headers.push('x-leeward-model', headerText(facts.target.model), 'x-leeward-provider', facts.target.provider.name);
    headers.push('x-leeward-route-reason', headerText(facts.target.reason));
  }
  if (facts.route !== undefined) headers.push('x-leeward-route', headerText(facts.route));
  if (facts.degraded !== undefined) headers.push('x-leeward-degraded', headerText(facts.degraded));
  if (facts.streaming) headers.push('cache-control', 'no-cache', 'x-accel-buffering', 'no');
  else headers.push('x-leeward-cost', usdText(facts.cost), 'x-leeward-budget-remaining', remainingText(facts.budget));
  if (facts.bodyBytes !== undefined) headers.push('content-length', String(facts.bodyBytes));
  return headers;
}

/** `unknown` while the settlement is still under way. */
function remainingText(budget: AnswerHeaderFacts['budget']): string {
  return budget?.capped === true ? usdText(budget.remaining) : 'unlimited';
}

/**
 * What an SDK needs to decide about a retry of its own.
 *
 * @param spent the gateway has tried again already, or has no budget to
 */
export function errorHeaders(error: GatewayError, spent: boolean): string[] {
  const headers: string[] = [];
  const waitMs = error.retryAfterMs ?? (error.status === 503 ? 1_000 : undefined);
  if (waitMs !== undefined) {
    headers.push('retry-after', String(Math.ceil(waitMs / 1_000)));
    // Whole seconds lose what a provider said exactly; SDKs read this one first.
    if (waitMs % 1_000 !== 0) headers.push('retry-after-ms', String(Math.ceil(waitMs)));
  }
  // Another round of the client's would only multiply the load.
  if (spent) headers.push('x-should-retry', 'false');
  return headers;
}

/** Model names come from callers: what a header may not hold is shown percent-encoded, and what clients would not read is cut. */
function headerText(text: string): string {
  const shown = text.length > HEADER_CHARS_MAX ? `${text.slice(0, HEADER_CHARS_MAX)}...` : text;
  return /^[\x20-\x7e]*$/.test(shown) ? shown : encodeURI(shown.toWellFormed());
}
