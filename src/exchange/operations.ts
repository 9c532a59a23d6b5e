import { GatewayError } from '../kernel/errors.ts';
import type { Operation } from '../protocol/operation.ts';

/** What the exchange must know of an operation to bound and to price it. */
export interface OperationDescriptor {
  readonly operation: Operation;
  /** What its price is counted in. */
  readonly pricedIn: 'tokens';
  /** Whether its answers have output tokens of their own. */
  readonly hasOutput: boolean;
}

/** The operations that can be called so far. One that stands here can be held for; one that does not cannot be called. */
export const DESCRIPTORS: Partial<Record<Operation, OperationDescriptor>> = {
  chat: { operation: 'chat', pricedIn: 'tokens', hasOutput: true },
  embed: { operation: 'embed', pricedIn: 'tokens', hasOutput: false },
};

/** @throws `internal` for an operation that could not be held for: it must not be served */
export function descriptorOf(operation: Operation): OperationDescriptor {
  const descriptor = DESCRIPTORS[operation];
  if (descriptor !== undefined) return descriptor;
  throw new GatewayError('internal', { message: `The operation ${operation} is not built yet.` });
}
