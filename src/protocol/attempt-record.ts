import type { Dialect, Operation } from './operation.ts';
import type { Usage, UsageSource } from './usage.ts';

/** How one attempt ended. */
export type AttemptOutcome =
  /** The target answered completely. */
  | 'ok'
  /** The target refused or failed (an error status, an error event, a reset, a timeout). */
  | 'failed'
  /** A stream stopped without its terminal event. */
  | 'truncated'
  /** The client left, or we gave the attempt up. */
  | 'cancelled'
  /** This process died while the attempt ran; whether the provider bills it is not known. */
  | 'interrupted';

/**
 * Written before a byte goes upstream. With `AttemptEnd` it makes one row of
 * the `attempts` table; the pair (callId, attempt) is its identity.
 */
export interface AttemptStart {
  readonly kind: 'start';
  readonly callId: string;
  /** 1 for the first attempt of a call. */
  readonly attempt: number;
  /** Milliseconds since the epoch. The call's instant, which is also inside `callId`. */
  readonly callStartedAt: number;
  readonly startedAt: number;
  readonly organisation: string;
  readonly project: string;
  readonly keyId: string;
  readonly parentKeyId?: string;
  readonly endUser?: string;
  readonly task?: string;
  readonly tags?: readonly string[];
  readonly metadata?: Readonly<Record<string, string>>;
  readonly operation: Operation;
  readonly dialect: Dialect;
  readonly stream: boolean;
  readonly modelAsked: string;
  readonly route: string;
  readonly routeReason: string;
  readonly provider: string;
  readonly model: string;
  readonly credential?: string;
  readonly configVersion: string;
  readonly priceVersion: string;
  readonly traceId?: string;
  readonly clientRequestId?: string;
}

export interface AttemptEnd {
  readonly kind: 'end';
  readonly callId: string;
  readonly attempt: number;
  readonly callStartedAt: number;
  readonly endedAt: number;
  readonly outcome: AttemptOutcome;
  /** True when this attempt's end is also the call's end. */
  readonly last: boolean;
  /** Upstream's HTTP status, where one came. */
  readonly status?: number;
  /** What the client got, on the last attempt. */
  readonly clientStatus?: number;
  readonly errorCode?: string;
  readonly errorMessage?: string;
  readonly finishReason?: string;
  readonly usage?: Usage;
  readonly usageSource?: UsageSource;
  /** What the provider takes for it: nano-USD in decimal digits; absent when the price is unknown. */
  readonly costNanoUsd?: string;
  /** What the customer pays for it: nano-USD in decimal digits; absent when that is unknown. */
  readonly chargeNanoUsd?: string;
  /** What was set aside for its call, on a call that took a hold: nano-USD in decimal digits. */
  readonly holdNanoUsd?: string;
  /** True when the call's charge exceeded its hold. */
  readonly overrun?: boolean;
  /** Milliseconds from the attempt's start to the first content byte, and to its end. */
  readonly firstTokenMs?: number;
  readonly totalMs: number;
  readonly upstreamRequestId?: string;
}

/**
 * How far an attempt that still runs has come. If its process dies, this is
 * what is known of it; its end, when it comes, takes the place of it.
 */
export interface AttemptCheckpoint {
  readonly kind: 'checkpoint';
  readonly callId: string;
  readonly attempt: number;
  readonly callStartedAt: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Estimated so far. */
  readonly usage: Usage;
  /** Nano-USD in decimal digits; absent when the price is unknown. */
  readonly costNanoUsd?: string;
}

export type AttemptRecord = AttemptStart | AttemptEnd | AttemptCheckpoint;
