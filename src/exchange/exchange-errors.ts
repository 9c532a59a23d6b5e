import { GatewayError } from '../kernel/errors.ts';

export function clientClosed(): GatewayError {
  return new GatewayError('client_closed', { message: 'The client closed the connection.' });
}

/** What a call hears that comes, or still runs, when the gateway stops. */
export function shuttingDown(): GatewayError {
  return new GatewayError('overloaded', {
    message: 'The gateway is shutting down; send the request again.',
    retryAfterMs: 1_000,
  });
}

/** The call's own time is up. */
export function tooLate(totalMs: number): GatewayError {
  return new GatewayError('upstream_timeout', {
    message: `The call took longer than its ${totalMs} ms.`,
    retry: 'never',
  });
}

/** The route aims at an earlier first token, and has somewhere else to go. */
export function tooSlow(provider: string): GatewayError {
  return new GatewayError('upstream_timeout', {
    message: `The provider ${provider} sent no first token within the time that the route aims at.`,
    retry: 'other-target',
  });
}

export function asGatewayError(thrown: unknown): GatewayError {
  if (thrown instanceof GatewayError) return thrown;
  return new GatewayError('internal', {
    message: 'The gateway failed in an unexpected way; the log has the details under this request id.',
    cause: thrown,
  });
}
