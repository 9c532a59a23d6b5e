import type { ErrorCode, GatewayError } from '../../kernel/errors.ts';

/** Google's words for what went wrong, each with its HTTP status. @see cloud.google.com/apis/design/errors (read 2026-11-22) */
const STATUS = {
  INVALID_ARGUMENT: 400,
  FAILED_PRECONDITION: 400,
  UNAUTHENTICATED: 401,
  PERMISSION_DENIED: 403,
  NOT_FOUND: 404,
  ABORTED: 409,
  RESOURCE_EXHAUSTED: 429,
  CANCELLED: 499,
  INTERNAL: 500,
  UNIMPLEMENTED: 501,
  UNAVAILABLE: 503,
  DEADLINE_EXCEEDED: 504,
} as const;

export type GoogleStatus = keyof typeof STATUS;

/**
 * The word for each of our codes. Google's SDK retries 408, 429, 500, 502, 503
 * and 504 where it is told to retry at all, the AI SDK 409 too: a code stands
 * at one of those exactly when the same request may do better a moment later.
 * What is not paid for is, as at Google's own, a condition that does not hold.
 */
const WORD: Record<ErrorCode, GoogleStatus> = {
  invalid_request: 'INVALID_ARGUMENT',
  unauthenticated: 'UNAUTHENTICATED',
  forbidden: 'PERMISSION_DENIED',
  not_found: 'NOT_FOUND',
  rate_limited: 'RESOURCE_EXHAUSTED',
  budget_exceeded: 'FAILED_PRECONDITION',
  price_unknown: 'FAILED_PRECONDITION',
  unsupported_parameter: 'INVALID_ARGUMENT',
  guardrail_blocked: 'PERMISSION_DENIED',
  content_policy: 'INVALID_ARGUMENT',
  context_length_exceeded: 'INVALID_ARGUMENT',
  payload_too_large: 'INVALID_ARGUMENT',
  no_route: 'NOT_FOUND',
  upstream_error: 'INTERNAL',
  upstream_timeout: 'DEADLINE_EXCEEDED',
  stream_truncated: 'INTERNAL',
  budget_unavailable: 'UNAVAILABLE',
  idempotency_conflict: 'INVALID_ARGUMENT',
  idempotency_in_progress: 'ABORTED',
  client_closed: 'CANCELLED',
  overloaded: 'UNAVAILABLE',
  internal: 'INTERNAL',
};

const BY_STATUS = new Map<number, GoogleStatus>([
  ...Object.entries(STATUS).map(([word, status]) => [status, word as GoogleStatus] as const),
  // Of two words for one status the usual one, and what other vendors say for the same.
  [400, 'INVALID_ARGUMENT'],
  [402, 'FAILED_PRECONDITION'],
  [408, 'DEADLINE_EXCEEDED'],
  [413, 'INVALID_ARGUMENT'],
  [422, 'INVALID_ARGUMENT'],
  [529, 'UNAVAILABLE'],
]);

/** Clients make room in a conversation when they read this, which is how Google's own API begins. */
const TOO_LONG = 'The input token count exceeds the maximum number of tokens allowed';
const TYPE = 'type.googleapis.com/google.rpc.';

function wordFor({ code, status }: GatewayError): GoogleStatus {
  // What a provider refused, it refused with a status of its own, which says more than the code.
  return code === 'upstream_error' ? (BY_STATUS.get(status) ?? WORD[code]) : WORD[code];
}

/** As Google's SDKs understand it: they retry by the status alone. */
export function errorStatus(error: GatewayError): number {
  return STATUS[wordFor(error)];
}

/** An error in Google's shape. Our own code and the numbers stand in an `ErrorInfo`, the field in a `BadRequest`. */
export function googleError(error: GatewayError, requestId: string): object {
  const status = wordFor(error);
  const message = messageOf(error);
  return { error: { code: STATUS[status], message, status, details: detailsOf(error, requestId) } };
}

function detailsOf({ code, param, details, message, retryAfterMs }: GatewayError, requestId: string): object[] {
  const numbers = Object.entries(details ?? {}).flatMap(([name, value]) =>
    value === null ? [] : [[name, `${value}`]],
  );
  const metadata = Object.fromEntries([...(param === undefined ? [] : [['param', param]]), ...numbers]);
  return [
    { '@type': `${TYPE}ErrorInfo`, reason: code.toUpperCase(), domain: 'leeward', metadata },
    ...(param === undefined
      ? []
      : [{ '@type': `${TYPE}BadRequest`, fieldViolations: [{ field: param, description: message }] }]),
    ...(retryAfterMs === undefined
      ? []
      : [{ '@type': `${TYPE}RetryInfo`, retryDelay: `${Math.ceil(retryAfterMs) / 1_000}s` }]),
    { '@type': `${TYPE}RequestInfo`, requestId },
  ];
}

export function errorBody(error: GatewayError, requestId: string): Buffer {
  return Buffer.from(JSON.stringify(googleError(error, requestId)));
}

export function errorEvent(error: GatewayError, requestId: string): Buffer {
  return Buffer.from(`data: ${JSON.stringify(googleError(error, requestId))}\r\n\r\n`);
}

function messageOf({ code, message }: GatewayError): string {
  return code === 'context_length_exceeded' && !/input token count .*exceeds/i.test(message)
    ? `${TOO_LONG}: ${message}`
    : message;
}
