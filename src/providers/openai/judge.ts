import { type ErrorCode, GatewayError } from '../../kernel/errors.ts';
import { type ErrorAnswer, errorMessageOf, type Judgement, jsonOf, memberOf } from '../error-answer.ts';
import { retryAfterMs } from '../retry-after.ts';

/**
 * Judges an error answer of the OpenAI-compatible family, here, where the
 * status, headers and body are all at hand.
 *
 * A 400 or 422 is the client's own and would fail anywhere, unless it speaks of
 * this model's context window or this provider's content policy, for which a
 * route may have other targets; a 401, 402, 403 or 404 speaks of this target's
 * credential, account or model, so another target may do better; 408, 429 and
 * 5xx are weather.
 */
export function judgeErrorAnswer(answer: ErrorAnswer, provider: string, nowMs: number): Judgement {
  const body = jsonOf(answer.body);
  // Gemini's compatible surface puts its error into a list.
  const value: unknown = Array.isArray(body) && body.length === 1 ? body[0] : body;
  const quoted = errorMessageOf(value);
  const names = errorNamesOf(value);
  const { code, retry } = classifyError(answer.status, quoted, names);
  const waitMs = retryAfterMs(answer.header, nowMs);
  const said = quoted === undefined ? '' : `: ${quoted.slice(0, 500)}`;
  return {
    relay: quoted !== undefined,
    exhausted: names.some((name) => EXHAUSTED.has(name)),
    error: new GatewayError(code, {
      message: `${provider} answered with status ${answer.status}${said}`,
      summary: `${provider} answered with status ${answer.status}${shownName(names)}`,
      status: clientStatus(answer.status, quoted !== undefined),
      retry,
      ...(waitMs === undefined ? {} : { retryAfterMs: waitMs }),
    }),
  };
}

/** About this target's credential, account or model. */
const THIS_TARGET = new Set([401, 402, 403, 404]);

/** Error codes and types that say that an account has nothing left. @see docs/routing.md for where they were read */
const EXHAUSTED: ReadonlySet<string> = new Set([
  'insufficient_quota',
  'enforced_spend_limit_reached',
  'billing_hard_limit_reached',
  'billing_not_active',
]);
const CONTEXT_LENGTH: ReadonlySet<string> = new Set(['context_length_exceeded', 'string_above_max_length']);
const CONTENT_POLICY: ReadonlySet<string> = new Set([
  'content_filter',
  'content_policy_violation',
  'responsibleaipolicyviolation',
]);
/** Compatible servers give no code of their own; this is how vLLM, llama.cpp, Mistral, Groq and others word it. */
const CONTEXT_WORDS = /maximum context length|context (?:window|length|size)|too large for model/i;

interface ErrorClass {
  readonly code: ErrorCode;
  readonly retry: 'never' | 'other-target';
}

/** What an error's status, text and names say of it, and of who should be asked next. */
export function classifyError(status: number, quoted: string | undefined, names: readonly string[]): ErrorClass {
  if (status === 429) return { code: 'rate_limited', retry: 'other-target' };
  if (status === 408) return { code: 'upstream_timeout', retry: 'other-target' };
  if (status === 413) return { code: 'payload_too_large', retry: 'never' };
  if (status === 400 || status === 422) return { code: ownMistake(quoted, names), retry: 'never' };
  // A page of HTML with 404 speaks of a wrong address, an error in JSON of a model that is not there.
  if (status === 404 && quoted !== undefined) return { code: 'not_found', retry: 'other-target' };
  if (status === 403 && names.some((name) => CONTENT_POLICY.has(name)))
    return { code: 'content_policy', retry: 'never' };
  if (THIS_TARGET.has(status)) return { code: 'upstream_error', retry: 'other-target' };
  if (status < 500) return { code: 'invalid_request', retry: 'never' };
  return { code: 'upstream_error', retry: 'other-target' };
}

function ownMistake(quoted: string | undefined, names: readonly string[]): ErrorCode {
  if (names.some((name) => CONTENT_POLICY.has(name))) return 'content_policy';
  const long = names.some((name) => CONTEXT_LENGTH.has(name)) || CONTEXT_WORDS.test(quoted?.slice(0, 2_000) ?? '');
  return long ? 'context_length_exceeded' : 'invalid_request';
}

/** A JSON error keeps its status; a page of HTML says nothing about the request, so it becomes a 502. */
function clientStatus(status: number, isJsonError: boolean): number {
  return isJsonError || status === 429 ? status : 502;
}

/**
 * The error's code and type, and those of the error inside it, where they are
 * mere words: a provider's message may quote the prompt, its codes do not.
 */
export function errorNamesOf(value: unknown): string[] {
  const error = memberOf(value, 'error') ?? value;
  const inner = memberOf(error, 'innererror');
  return [error, inner]
    .flatMap((each) => [memberOf(each, 'code'), memberOf(each, 'type')])
    .filter((name) => typeof name === 'string' && /^[a-z0-9_.-]{1,64}$/i.test(name))
    .map((name) => String(name).toLowerCase());
}

function shownName([name]: readonly string[]): string {
  return name === undefined ? '' : ` (${name})`;
}
