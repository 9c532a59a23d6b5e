import type { GatewayError } from '../../kernel/errors.ts';
import type { HoldOrder, HoldVerdict, Settlement, SettleOrder } from '../../money/ledger.ts';

interface Waiting {
  readonly holdId: string;
  /** On the clock's monotonic time. Absent for an order that nobody waits for. */
  readonly deadlineMs?: number;
  /** Its caller has an answer; what becomes of it is nobody's news any more. */
  answered: boolean;
  /** It was in a statement, so that it may have taken effect. */
  sent: boolean;
}

export interface WaitingTake extends Waiting {
  readonly kind: 'take';
  readonly order: HoldOrder;
  resolve(verdict: HoldVerdict): void;
  reject(error: GatewayError): void;
}

export interface WaitingSettle extends Waiting {
  readonly kind: 'settle';
  readonly order: SettleOrder;
  resolve(settlement: Settlement): void;
  reject(error: GatewayError): void;
}

export type WaitingOrder = WaitingTake | WaitingSettle;

/** Gives back a hold whose caller was told that it could not be taken, and that may have been taken all the same. */
export function releaseOf({ order }: WaitingTake): WaitingSettle {
  const ignored = () => {
    // Nobody waits for it: released now, released before, or never taken are all as good.
  };
  return {
    kind: 'settle',
    holdId: order.holdId,
    order: { holdId: order.holdId, at: order.at, lines: [] },
    answered: false,
    sent: false,
    resolve: ignored,
    reject: ignored,
  };
}
