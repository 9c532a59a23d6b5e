import { GatewayError } from '../kernel/errors.ts';

/** The store cannot answer now and may soon: a restart is under way, or too much waits for it. */
export function storeUnavailable(reason: string, cause?: unknown): GatewayError {
  return new GatewayError('internal', {
    message: `The store is not available: ${reason}. Try again shortly; /readyz says when it is back.`,
    status: 503,
    retry: 'same-target',
    retryAfterMs: 1_000,
    ...(cause === undefined ? {} : { cause }),
  });
}
