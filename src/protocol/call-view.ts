import type { AttemptOutcome } from './attempt-record.ts';
import type { Dialect, Operation } from './operation.ts';
import type { Usage, UsageSource } from './usage.ts';

/** One attempt as people read it: on the page, in `GET /v1/calls/{id}`, in the line that `leeward dev` prints. */
export interface AttemptView {
  readonly attempt: number;
  readonly provider: string;
  readonly model: string;
  readonly credential?: string;
  /** Why this target was chosen for this attempt. */
  readonly routeReason: string;
  readonly startedAt: number;
  /** Absent while it runs. */
  readonly outcome?: AttemptOutcome;
  /** Upstream's HTTP status. */
  readonly status?: number;
  readonly errorCode?: string;
  readonly errorMessage?: string;
  readonly finishReason?: string;
  readonly usage?: Usage;
  readonly usageSource?: UsageSource;
  /** What the provider takes for it, nano-USD; absent when the price is unknown. */
  readonly costNanoUsd?: bigint;
  /** What the customer pays for it, nano-USD; absent when that is unknown. */
  readonly chargeNanoUsd?: bigint;
  /** What was set aside for its call, nano-USD; absent on a call that took no hold. */
  readonly holdNanoUsd?: bigint;
  /** True when the call's charge exceeded its hold. */
  readonly overrun?: boolean;
  readonly firstTokenMs?: number;
  readonly totalMs?: number;
  readonly upstreamRequestId?: string;
  /** Names the prices that were in force when it began. */
  readonly priceVersion?: string;
}

/** One call with its attempts, oldest first. A call that was refused before any was made has none. */
export interface CallView {
  readonly id: string;
  readonly startedAt: number;
  readonly organisation: string;
  readonly project: string;
  readonly keyId: string;
  readonly endUser?: string;
  readonly task?: string;
  readonly tags?: readonly string[];
  readonly metadata?: Readonly<Record<string, string>>;
  readonly operation: Operation;
  readonly dialect: Dialect;
  readonly stream: boolean;
  readonly modelAsked: string;
  /** Absent where the call was refused before one was found. */
  readonly route?: string;
  /** Absent until the call has ended. */
  readonly clientStatus?: number;
  readonly errorCode?: string;
  /** From the client's arrival to the last byte, milliseconds. */
  readonly totalMs?: number;
  readonly clientRequestId?: string;
  readonly traceId?: string;
  readonly configVersion: string;
  readonly attempts: readonly AttemptView[];
}
