/** The closed list of what can go wrong at the gateway. Each dialect maps a code to its own shape. */
export type ErrorCode =
  | 'invalid_request'
  | 'unauthenticated'
  | 'forbidden'
  | 'not_found'
  | 'rate_limited'
  | 'budget_exceeded'
  | 'price_unknown'
  | 'unsupported_parameter'
  | 'guardrail_blocked'
  | 'content_policy'
  | 'context_length_exceeded'
  | 'payload_too_large'
  | 'no_route'
  | 'upstream_error'
  | 'upstream_timeout'
  | 'stream_truncated'
  | 'budget_unavailable'
  | 'idempotency_conflict'
  | 'idempotency_in_progress'
  | 'client_closed'
  | 'overloaded'
  | 'internal';

const STATUS: Record<ErrorCode, number> = {
  invalid_request: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  rate_limited: 429,
  budget_exceeded: 402,
  price_unknown: 402,
  unsupported_parameter: 400,
  guardrail_blocked: 403,
  content_policy: 400,
  context_length_exceeded: 400,
  payload_too_large: 413,
  no_route: 404,
  upstream_error: 502,
  upstream_timeout: 504,
  stream_truncated: 502,
  budget_unavailable: 503,
  idempotency_conflict: 422,
  idempotency_in_progress: 409,
  client_closed: 499,
  overloaded: 503,
  internal: 500,
};

export interface ErrorFacts {
  /** Safe for the client: says which value was wrong and what to do next. Never a secret, a stack or an upstream's HTML. */
  readonly message: string;
  /** For logs and records in place of the message, where that quotes what somebody else wrote: a prompt may be in it. */
  readonly summary?: string;
  /** The offending request field, as the client wrote it. */
  readonly param?: string;
  /** May the same request be sent again? Judged where the facts are, obeyed elsewhere. */
  readonly retry?: 'never' | 'other-target' | 'same-target';
  /** How long the client should wait before it tries again, in milliseconds. */
  readonly retryAfterMs?: number;
  /** The numbers behind the message, for programs: amounts are decimal text. Names in snake case. */
  readonly details?: Readonly<Record<string, string | number | null>>;
  /** For logs only. */
  readonly cause?: unknown;
  /** Overrides the code's usual HTTP status, as when an upstream's 4xx is relayed. */
  readonly status?: number;
}

/** The one error class of the gateway: a closed code, a message a client may read, and a cause only logs may. */
export class GatewayError extends Error {
  readonly code: ErrorCode;
  readonly status: number;
  /** The message as logs and records may have it. */
  readonly summary: string;
  readonly param: string | undefined;
  readonly retry: 'never' | 'other-target' | 'same-target';
  readonly retryAfterMs: number | undefined;
  readonly details: Readonly<Record<string, string | number | null>> | undefined;

  constructor(code: ErrorCode, facts: ErrorFacts) {
    super(facts.message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.name = 'GatewayError';
    this.code = code;
    this.status = facts.status ?? STATUS[code];
    this.summary = facts.summary ?? facts.message;
    this.param = facts.param;
    this.retry = facts.retry ?? 'never';
    this.retryAfterMs = facts.retryAfterMs;
    this.details = facts.details;
  }
}

/** What an unknown thrown value says, without ever throwing itself. */
export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The `code` that Node and its libraries put on system errors (`ENOSPC`, `ECONNRESET`), if there is one. */
export function errorCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
