import type { HoldRequest } from '../money/hold.ts';
import type { Operation } from '../protocol/operation.ts';
import type { AdmittedCall } from './call.ts';

/** What the exchange must know of an operation to bound and to price it. */
export interface OperationDescriptor {
  readonly operation: Operation;
  /** What its price is counted in. */
  readonly pricedIn: 'tokens';
  /** What is known about a call's cost before it is made: the basis of its hold. */
  bound(call: AdmittedCall): HoldRequest;
}

const tokenOperation = (operation: Operation, hasOutput: boolean): OperationDescriptor => ({
  operation,
  pricedIn: 'tokens',
  bound: ({ id, caller, request }) => ({
    callId: id,
    keyId: caller.keyId,
    // Never fewer bytes than tokens, in every tokenizer there is.
    inputBytes: request.bodyBytes,
    ...(hasOutput
      ? request.maxOutputTokens === undefined
        ? {}
        : { maxOutputTokens: request.maxOutputTokens }
      : { maxOutputTokens: 0 }),
  }),
});

/** The operations that can be called so far. One that stands here can be held for; one that does not cannot be called. */
export const DESCRIPTORS: Partial<Record<Operation, OperationDescriptor>> = {
  chat: tokenOperation('chat', true),
  embed: tokenOperation('embed', false),
};
