import type { ErrorCode, GatewayError } from '../../kernel/errors.ts';

/** Anthropic's types of error, each with the status that its API sends. @see docs.anthropic.com/en/api/errors (read 2026-11-21) */
const STATUS = {
  invalid_request_error: 400,
  authentication_error: 401,
  billing_error: 402,
  permission_error: 403,
  not_found_error: 404,
  conflict_error: 409,
  request_too_large: 413,
  rate_limit_error: 429,
  api_error: 500,
  timeout_error: 504,
  overloaded_error: 529,
} as const;

type AnthropicErrorType = keyof typeof STATUS;

/**
 * The type for each of our codes. Anthropic's SDKs retry 408, 409, 429 and
 * everything from 500 on, so that a code stands at one of those exactly when
 * the same request may do better a moment later.
 */
const TYPE: Record<ErrorCode, AnthropicErrorType> = {
  invalid_request: 'invalid_request_error',
  unauthenticated: 'authentication_error',
  forbidden: 'permission_error',
  not_found: 'not_found_error',
  rate_limited: 'rate_limit_error',
  budget_exceeded: 'billing_error',
  price_unknown: 'billing_error',
  unsupported_parameter: 'invalid_request_error',
  guardrail_blocked: 'permission_error',
  content_policy: 'invalid_request_error',
  context_length_exceeded: 'invalid_request_error',
  payload_too_large: 'request_too_large',
  no_route: 'not_found_error',
  upstream_error: 'api_error',
  upstream_timeout: 'timeout_error',
  stream_truncated: 'api_error',
  budget_unavailable: 'api_error',
  idempotency_conflict: 'invalid_request_error',
  idempotency_in_progress: 'conflict_error',
  client_closed: 'invalid_request_error',
  overloaded: 'overloaded_error',
  internal: 'api_error',
};

const BY_STATUS = new Map<number, AnthropicErrorType>([
  ...Object.entries(STATUS).map(([type, status]) => [status, type as AnthropicErrorType] as const),
  // What other vendors say for the same.
  [408, 'timeout_error'],
  [422, 'invalid_request_error'],
  [503, 'overloaded_error'],
]);

/** Clients such as Claude Code make room in a conversation when they read this. */
const TOO_LONG = 'prompt is too long';

/** The error as Anthropic has it, and its status. */
interface ToldError {
  readonly type: AnthropicErrorType;
  readonly status: number;
}

function told({ code, status }: GatewayError): ToldError {
  // What a provider refused, it refused with a status of its own, which says more than the code.
  const type = code === 'upstream_error' ? (BY_STATUS.get(status) ?? TYPE[code]) : TYPE[code];
  return { type, status: STATUS[type] };
}

/** As Anthropic's SDKs understand it: they retry by the status alone. */
export function errorStatus(error: GatewayError): number {
  return told(error).status;
}

/** An error in Anthropic's shape. Our own code, the field and the numbers stand in `details`, which its SDKs hand on. */
export function anthropicError(error: GatewayError, requestId: string): object {
  const { code, param, details } = error;
  return {
    type: 'error',
    error: {
      type: told(error).type,
      message: messageOf(error),
      details: { error_code: code, ...(param === undefined ? {} : { param }), ...details },
    },
    request_id: requestId,
  };
}

export function errorBody(error: GatewayError, requestId: string): Buffer {
  return Buffer.from(JSON.stringify(anthropicError(error, requestId)));
}

export function errorEvent(error: GatewayError, requestId: string): Buffer {
  return Buffer.from(`event: error\ndata: ${JSON.stringify(anthropicError(error, requestId))}\n\n`);
}

function messageOf({ code, message }: GatewayError): string {
  return code === 'context_length_exceeded' && !message.toLowerCase().includes(TOO_LONG)
    ? `${TOO_LONG}: ${message}`
    : message;
}
