import type { ErrorCode, GatewayError } from '../kernel/errors.ts';

/** OpenAI's `type` for each of our codes: what its SDKs and their users already branch on. */
const TYPE: Record<ErrorCode, string> = {
  invalid_request: 'invalid_request_error',
  unauthenticated: 'authentication_error',
  forbidden: 'permission_error',
  not_found: 'invalid_request_error',
  rate_limited: 'rate_limit_error',
  budget_exceeded: 'insufficient_quota',
  price_unknown: 'invalid_request_error',
  unsupported_parameter: 'invalid_request_error',
  guardrail_blocked: 'invalid_request_error',
  content_policy: 'invalid_request_error',
  context_length_exceeded: 'invalid_request_error',
  payload_too_large: 'invalid_request_error',
  no_route: 'invalid_request_error',
  upstream_error: 'server_error',
  upstream_timeout: 'server_error',
  stream_truncated: 'server_error',
  budget_unavailable: 'server_error',
  idempotency_conflict: 'invalid_request_error',
  idempotency_in_progress: 'invalid_request_error',
  client_closed: 'invalid_request_error',
  overloaded: 'server_error',
  internal: 'server_error',
};

/** What is not there has a name of its own where clients look for it. */
const MISSING: Readonly<Record<string, string>> = {
  previous_response_id: 'previous_response_not_found',
  conversation: 'conversation_not_found',
};

interface OpenAiErrorBody {
  readonly error: {
    readonly message: string;
    readonly type: string;
    readonly param: string | null;
    readonly code: string;
    readonly request_id: string;
    readonly details?: Readonly<Record<string, string | number | null>>;
  };
}

/** An error in OpenAI's shape, with the request id beside it so that a report can be found again. */
export function openAiError(error: GatewayError, requestId: string): OpenAiErrorBody {
  return {
    error: {
      message: error.message,
      type: TYPE[error.code],
      param: error.param ?? null,
      code: codeOf(error),
      request_id: requestId,
      ...(error.details === undefined ? {} : { details: error.details }),
    },
  };
}

function codeOf({ code, param }: GatewayError): string {
  return (code === 'not_found' && param !== undefined ? MISSING[param] : undefined) ?? code;
}

export function errorBody(error: GatewayError, requestId: string): Buffer {
  return Buffer.from(JSON.stringify(openAiError(error, requestId)));
}

/** As the code or the provider has it, but for the one that only Anthropic's SDKs know as "too many calls at once". */
export function errorStatus(error: GatewayError): number {
  return error.status === 529 ? 503 : error.status;
}
