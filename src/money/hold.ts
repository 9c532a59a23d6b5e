import type { NanoUsd } from '../kernel/amounts.ts';

/** What is known about a call before it costs anything. */
export interface HoldRequest {
  readonly callId: string;
  readonly keyId: string;
  /** The most output tokens the client allows; absent when it set no bound. */
  readonly maxOutputTokens?: number;
  readonly inputBytes: number;
}

/** Money set aside for one call. Resolves at most once. */
export interface Hold {
  /** Replaces the hold by what each attempt really cost; an unknown cost is `undefined`. */
  settle(charges: readonly (NanoUsd | undefined)[]): void;
}

/** Where the exchange asks for money before a byte goes upstream. */
export interface HoldTaker {
  hold(request: HoldRequest): Hold;
}

/** No key has a cap yet: every hold is granted, and settling it books nothing. */
export const uncapped: HoldTaker = {
  hold: () => ({ settle: () => undefined }),
};
