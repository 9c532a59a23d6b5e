import { type ErrorCode, GatewayError } from '../../kernel/errors.ts';
import { type ErrorAnswer, errorMessageOf, type Judgement, jsonOf, memberOf } from '../error-answer.ts';
import { retryAfterMs } from '../retry-after.ts';

/**
 * Judges an error answer of Anthropic's, here, where the status, headers and
 * body are all at hand.
 *
 * A 400 is the client's own and would fail anywhere, unless it speaks of this
 * model's context window, of a content policy, or of an account that may or can
 * pay no more, which Anthropic says with 400 too; 401, 402, 403 and 404 speak of
 * this target's credential, account or model; 408, 429, 529 and 5xx are weather.
 *
 * @see docs.anthropic.com/en/api/errors (read 2026-11-21)
 */
export function judgeMessagesError(answer: ErrorAnswer, provider: string, nowMs: number): Judgement {
  const value = jsonOf(answer.body);
  const quoted = errorMessageOf(value);
  const names = errorNames(value);
  const text = quoted?.slice(0, 2_000) ?? '';
  const spent = names.some((name) => EXHAUSTED.has(name)) || EXHAUSTED_WORDS.test(text);
  const { code, retry } = spent ? spentClass(answer.status) : classify(answer.status, quoted !== undefined, text);
  const waitMs = retryAfterMs(answer.header, nowMs);
  const [name] = names;
  return {
    relay: quoted !== undefined,
    exhausted: spent,
    error: new GatewayError(code, {
      message: `${provider} answered with status ${answer.status}${quoted === undefined ? '' : `: ${quoted.slice(0, 500)}`}`,
      summary: `${provider} answered with status ${answer.status}${name === undefined ? '' : ` (${name})`}`,
      status: clientStatus(answer.status, quoted !== undefined, spent),
      retry,
      ...(waitMs === undefined ? {} : { retryAfterMs: waitMs }),
    }),
  };
}

/** About this target's credential, account or model. */
const THIS_TARGET = new Set([401, 402, 403, 404]);
/** Weather that has a name of its own beside 5xx. */
const OVERLOADED = 529;

/** An account that has nothing left, or may spend no more: `error.type`, and `error.details.error_code`. */
const EXHAUSTED: ReadonlySet<string> = new Set([
  'billing_error',
  'enforced_spend_limit_reached',
  'contract_spend_limit_reached',
  'linked_organization_spend_limit_reached',
  'organization_on_hold',
]);
/** The same, where it is said with `invalid_request_error` and in words alone. */
const EXHAUSTED_WORDS =
  /credit balance is too low|reached your specified (?:api|workspace) usage limits?|organization has been disabled/i;
const CONTEXT_WORDS = /prompt is too long|exceeds? (?:the )?(?:model's )?(?:maximum )?context (?:limit|window|length)/i;
const POLICY_WORDS = /content filtering policy|violates? (?:our )?usage polic/i;

interface Class {
  readonly code: ErrorCode;
  readonly retry: 'never' | 'other-target';
}

/** With 429 it is the provider that keeps the account waiting; anything else is an account that must be seen to. */
function spentClass(status: number): Class {
  return { code: status === 429 ? 'rate_limited' : 'upstream_error', retry: 'other-target' };
}

function classify(status: number, isJsonError: boolean, text: string): Class {
  if (status === 429) return { code: 'rate_limited', retry: 'other-target' };
  if (status === 408 || status === 504) return { code: 'upstream_timeout', retry: 'other-target' };
  if (status === 413) return { code: 'payload_too_large', retry: 'never' };
  if (status === 400 || status === 422) return { code: ownMistake(text), retry: 'never' };
  // A page of HTML with 404 speaks of a wrong address, an error in JSON of a model that is not there.
  if (status === 404 && isJsonError) return { code: 'not_found', retry: 'other-target' };
  if (THIS_TARGET.has(status)) return { code: 'upstream_error', retry: 'other-target' };
  if (status < 500) return { code: 'invalid_request', retry: 'never' };
  return { code: 'upstream_error', retry: 'other-target' };
}

function ownMistake(text: string): ErrorCode {
  if (CONTEXT_WORDS.test(text)) return 'context_length_exceeded';
  return POLICY_WORDS.test(text) ? 'content_policy' : 'invalid_request';
}

/**
 * A JSON error keeps its status; a page of HTML says nothing about the request,
 * so it becomes a 502. An account that is spent is no mistake of the client's,
 * whatever status says so.
 */
function clientStatus(status: number, isJsonError: boolean, spent: boolean): number {
  if (spent && status === 400) return 402;
  return isJsonError || status === 429 || status === OVERLOADED ? status : 502;
}

/** The error's code and type, where they are mere words: a provider's message may quote the prompt, its names do not. */
function errorNames(value: unknown): string[] {
  const error = memberOf(value, 'error');
  return [memberOf(memberOf(error, 'details'), 'error_code'), memberOf(error, 'type')]
    .filter((name) => typeof name === 'string' && /^[a-z0-9_.-]{1,64}$/i.test(name))
    .map((name) => String(name).toLowerCase());
}
