import type { GatewayError } from '../kernel/errors.ts';
import type { AttemptOutcome, AttemptStart } from '../protocol/attempt-record.ts';
import type { PriceSheet } from '../protocol/price-sheet.ts';
import type { PlannedTarget } from '../routing/target.ts';
import type { GoStep } from '../routing/walk.ts';
import type { Passage } from '../routing/weather.ts';
import type { Attempt } from './attempt.ts';
import { clientClosed } from './exchange-errors.ts';

/** One attempt of a call, from its start record to its end record. */
export interface AttemptRun {
  /** 1 for the call's first. */
  readonly number: number;
  readonly start: AttemptStart;
  readonly step: GoStep;
  readonly target: PlannedTarget;
  /** The prices in force when it was admitted. */
  readonly sheet: PriceSheet | undefined;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly passage: Passage;
  /** Its start is in the journal. */
  recorded: boolean;
  /** Absent until it is in the journal, and may be made. */
  attempt: Attempt | undefined;
}

/** How an attempt ended for its call. */
export interface Ending {
  readonly outcome: AttemptOutcome;
  /** Its end is the call's end. */
  readonly last: boolean;
  readonly clientStatus?: number;
  readonly error?: GatewayError;
  /** Milliseconds since the epoch. Absent: now. */
  readonly endedAt?: number;
}

/** Of an attempt whose client has left. */
export function goneEnding(): Ending {
  const error = clientClosed();
  return { outcome: 'cancelled', last: true, clientStatus: error.status, error };
}
