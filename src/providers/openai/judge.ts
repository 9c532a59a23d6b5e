import { type ErrorCode, GatewayError } from '../../kernel/errors.ts';
import type { HeaderLookup } from '../../protocol/upstream.ts';
import { retryAfterMs } from '../retry-after.ts';

/** An upstream answer with a status of 400 or more. */
export interface ErrorAnswer {
  readonly status: number;
  readonly header: HeaderLookup;
  readonly body: Buffer;
}

/** What an error answer means for us and for the client. */
export interface Judgement {
  readonly error: GatewayError;
  /** True when the body is the provider's own JSON error, fit to be handed on byte for byte. */
  readonly relay: boolean;
  /** A quota or a spend limit is used up: no use to try again soon. */
  readonly exhausted: boolean;
}

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
  const value = jsonOf(answer.body);
  const quoted = errorMessageOf(value);
  const names = errorNamesOf(value);
  const { code, retry } = classify(answer.status, quoted, names);
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

interface Class {
  readonly code: ErrorCode;
  readonly retry: 'never' | 'other-target';
}

function classify(status: number, quoted: string | undefined, names: readonly string[]): Class {
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

function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    // An HTML page or a cut body: there is no provider's message to quote.
    return undefined;
  }
}

/**
 * The error's code and type, and those of the error inside it, where they are
 * mere words: a provider's message may quote the prompt, its codes do not.
 */
function errorNamesOf(value: unknown): string[] {
  const error = memberOf(value, 'error') ?? value;
  const inner = memberOf(error, 'innererror');
  return [error, inner]
    .flatMap((each) => [memberOf(each, 'code'), memberOf(each, 'type')])
    .filter((name) => typeof name === 'string' && /^[a-z0-9_.-]{1,64}$/i.test(name))
    .map((name) => String(name).toLowerCase());
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

function shownName([name]: readonly string[]): string {
  return name === undefined ? '' : ` (${name})`;
}

/** The provider's message, when the body is a JSON object that carries an error. */
function errorMessageOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { error, message, detail } = value as Record<string, unknown>;
  for (const candidate of [error, message, detail]) {
    if (typeof candidate === 'string') return candidate;
    if (typeof candidate === 'object' && candidate !== null) {
      const inner = 'message' in candidate ? candidate.message : undefined;
      return typeof inner === 'string' ? inner : 'an error without a message';
    }
  }
  return undefined;
}
