import { type ErrorCode, GatewayError } from '../../kernel/errors.ts';
import { type ErrorAnswer, errorMessageOf, type Judgement, jsonOf, memberOf } from '../error-answer.ts';
import { type Fields, isFields, textIn } from '../fields.ts';
import { retryAfterMs } from '../retry-after.ts';
import { objectsIn } from './wire.ts';

/**
 * Judges an error answer of Google's, here, where the status, headers and body
 * are all at hand.
 *
 * A 400 is the client's own and would fail anywhere, unless it speaks of this
 * model's context window, or of this target's key, account or country, which
 * Google says with 400 too; 401, 403 and 404 speak of this target; 408, 429,
 * 504 and 5xx are weather. How long to wait stands in the body.
 *
 * @see ai.google.dev/gemini-api/docs/troubleshooting and google.rpc's error details (read 2026-11-22)
 */
export function judgeGeminiError(answer: ErrorAnswer, provider: string, nowMs: number): Judgement {
  const body = jsonOf(answer.body);
  // A request for a stream in the form of an array is answered with its error in one.
  const value: unknown = Array.isArray(body) && body.length === 1 ? body[0] : body;
  const quoted = errorMessageOf(value);
  const facts = errorFactsOf(memberOf(value, 'error'));
  const { code, retry, status } = classifyError(answer.status, quoted, facts);
  const waitMs = retryAfterMs(answer.header, nowMs) ?? facts.retryAfterMs;
  const said = quoted === undefined ? '' : `: ${quoted.slice(0, 500)}`;
  const [name] = facts.names;
  return {
    relay: quoted !== undefined,
    exhausted: facts.exhausted,
    error: new GatewayError(code, {
      message: `${provider} answered with status ${answer.status}${said}`,
      summary: `${provider} answered with status ${answer.status}${name === undefined ? '' : ` (${name})`}`,
      status: clientStatus(status, quoted !== undefined),
      retry,
      ...(waitMs === undefined ? {} : { retryAfterMs: waitMs }),
    }),
  };
}

/** The error that stands in the place of an answer, or of an event of a stream: judged as an error answer is. */
export function errorInAnswer(error: unknown): GatewayError {
  const facts = errorFactsOf(error);
  const quoted = errorMessageOf({ error });
  const status = statusIn(error) ?? STATUS_OF_NAME[facts.names[0] ?? ''] ?? 500;
  const { code, retry } = classifyError(status, quoted, facts);
  return new GatewayError(code, {
    message: `The provider answered with an error instead of a result: ${quoted?.slice(0, 500) ?? 'no message'}`,
    summary: 'The provider answered with an error instead of a result.',
    retry,
    cause: error,
    ...(facts.retryAfterMs === undefined ? {} : { retryAfterMs: facts.retryAfterMs }),
  });
}

const STATUS_OF_NAME: Readonly<Record<string, number>> = {
  INVALID_ARGUMENT: 400,
  FAILED_PRECONDITION: 400,
  OUT_OF_RANGE: 400,
  UNAUTHENTICATED: 401,
  PERMISSION_DENIED: 403,
  NOT_FOUND: 404,
  RESOURCE_EXHAUSTED: 429,
  CANCELLED: 499,
  UNAVAILABLE: 503,
  DEADLINE_EXCEEDED: 504,
};

function statusIn(error: unknown): number | undefined {
  const code = Number(memberOf(error, 'code'));
  return Number.isInteger(code) && code >= 400 && code <= 599 ? code : undefined;
}

/** What an error says of itself beside its message. */
interface ErrorDetails {
  /** Its status and the reasons of its details, by Google's own words for them. */
  readonly names: readonly string[];
  /** A day's quota is used up, or there is none at all: no use to try again soon. */
  readonly exhausted: boolean;
  readonly retryAfterMs?: number;
}

const WORD = /^[A-Z][A-Z0-9_]{1,63}$/;
const WAIT_MS_MAX = 3_600_000;
/** A wallet that is empty, where it is said in words alone. */
const SPENT_WORDS = /prepayment credits are depleted|billing account .{0,80}(?:disabled|closed|not active)/i;

function errorFactsOf(error: unknown): ErrorDetails {
  const fields = isFields(error) ? error : {};
  const details = objectsIn(fields['details']);
  const names = [textIn(fields, 'status'), ...details.map((detail) => textIn(detail, 'reason'))].filter(
    (name) => name !== undefined && WORD.test(name),
  ) as string[];
  const violations = details.flatMap((detail) => objectsIn(detail['violations']));
  const exhausted =
    violations.some(isSpent) ||
    SPENT_WORDS.test(textIn(fields, 'message')?.slice(0, 2_000) ?? '') ||
    names.includes('BILLING_DISABLED');
  const delayMs = details.map((detail) => delayMsOf(detail['retryDelay'])).find((ms) => ms !== undefined);
  return { names, exhausted, ...(delayMs === undefined ? {} : { retryAfterMs: delayMs }) };
}

/** A quota of the day, or one of nothing, which is what a model that is not sold to an account has. */
function isSpent(violation: Fields): boolean {
  const id = `${textIn(violation, 'quotaId') ?? ''} ${textIn(violation, 'quotaMetric') ?? ''}`;
  return /PerDay/i.test(id) || /_per_day/i.test(id) || textIn(violation, 'quotaValue') === '0';
}

/** A duration as protobuf writes it in JSON: `48.9s`. */
function delayMsOf(value: unknown): number | undefined {
  const found = typeof value === 'string' ? /^(\d{1,9}(?:\.\d{1,9})?)s$/.exec(value) : null;
  return found === null ? undefined : Math.min(Math.ceil(Number(found[1]) * 1_000), WAIT_MS_MAX);
}

interface Class {
  readonly code: ErrorCode;
  readonly retry: 'never' | 'other-target';
  /** What the answer would have been, had its provider told keys and countries apart from requests. */
  readonly status: number;
}

const KEY_NAMES: ReadonlySet<string> = new Set(['API_KEY_INVALID', 'API_KEY_EXPIRED', 'ACCESS_TOKEN_EXPIRED']);
const CONTEXT_WORDS =
  /(?:token count|number of tokens|input tokens?).{0,60}exceeds|exceeds the maximum number of tokens|context (?:window|length)/i;
const POLICY_WORDS = /blocked by (?:safety|our) |prohibited content|violates? .{0,40}polic(?:y|ies)/i;
const PLACE_WORDS = /location is not supported|not available in your (?:country|region)/i;
const KEY_WORDS = /api key (?:not valid|expired|not found|was reported)/i;

function classifyError(status: number, quoted: string | undefined, { names, exhausted }: ErrorDetails): Class {
  const text = quoted?.slice(0, 2_000) ?? '';
  if (status === 400 && (names.some((name) => KEY_NAMES.has(name)) || KEY_WORDS.test(text))) {
    return { code: 'upstream_error', retry: 'other-target', status: 401 };
  }
  if (status === 400 && (names[0] === 'FAILED_PRECONDITION' || PLACE_WORDS.test(text))) {
    return { code: 'upstream_error', retry: 'other-target', status: exhausted ? 402 : 403 };
  }
  return { ...classOfStatus(status, quoted !== undefined, text), status };
}

function classOfStatus(status: number, isJsonError: boolean, text: string): Omit<Class, 'status'> {
  if (status === 429) return { code: 'rate_limited', retry: 'other-target' };
  if (status === 408 || status === 504) return { code: 'upstream_timeout', retry: 'other-target' };
  if (status === 413) return { code: 'payload_too_large', retry: 'never' };
  if (status === 400 || status === 422) return { code: ownMistake(text), retry: 'never' };
  // A page of HTML with 404 speaks of a wrong address, an error in JSON of a model that is not there.
  if (status === 404 && isJsonError) return { code: 'not_found', retry: 'other-target' };
  if (status < 500 && !THIS_TARGET.has(status)) return { code: 'invalid_request', retry: 'never' };
  return { code: 'upstream_error', retry: 'other-target' };
}

/** About this target's credential, account or model; or cancelled by whoever runs it. */
const THIS_TARGET = new Set([401, 402, 403, 404, 499]);

function ownMistake(text: string): ErrorCode {
  if (CONTEXT_WORDS.test(text)) return 'context_length_exceeded';
  return POLICY_WORDS.test(text) ? 'content_policy' : 'invalid_request';
}

/** A JSON error keeps its status; a page of HTML says nothing about the request, so it becomes a 502. */
function clientStatus(status: number, isJsonError: boolean): number {
  return isJsonError || status === 429 ? status : 502;
}
