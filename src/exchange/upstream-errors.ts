import { GatewayError } from '../kernel/errors.ts';
import type { UpstreamFailure } from '../protocol/upstream.ts';

const SAID: Record<UpstreamFailure['kind'], string> = {
  connect: 'could not be reached',
  'connect-timeout': 'did not accept the connection in time',
  address: 'could not be reached: its name leads to an address where it may not be, as in DNS rebinding',
  tls: 'could not be reached securely: its certificate or TLS handshake was refused',
  reset: 'closed the connection before its answer was complete',
  protocol: 'sent bytes that are not valid HTTP',
  'too-large': 'sent more than the gateway accepts',
  aborted: 'was given up because the gateway is stopping',
  unknown: 'failed in an unexpected way',
};

/** A broken connection as an error the client may read; the cause, which may name hosts, stays for the logs. */
export function upstreamFailureError(failure: UpstreamFailure, provider: string): GatewayError {
  return new GatewayError(failure.kind === 'connect-timeout' ? 'upstream_timeout' : 'upstream_error', {
    message: `The provider ${provider} ${SAID[failure.kind]}.`,
    retry: failure.kind === 'aborted' ? 'never' : 'other-target',
    cause: failure.cause,
  });
}

/** An error whose text must not leave. */
export function withheld(): GatewayError {
  return new GatewayError('upstream_error', {
    message:
      'The provider answered with an error. Its text is withheld because it quotes a credential of this gateway.',
    retry: 'other-target',
  });
}

/** A stream that stopped before its end. */
export function truncated(): GatewayError {
  return new GatewayError('stream_truncated', {
    message: 'The provider ended its stream before the answer was complete. What came so far is above.',
  });
}

/** An answer that is none. `what` completes "The provider answered with …". */
export function unexpected(what: string, cause?: unknown): GatewayError {
  return new GatewayError('upstream_error', {
    message: `The provider answered with ${what}.`,
    retry: 'other-target',
    cause,
  });
}
