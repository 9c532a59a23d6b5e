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
}

/**
 * Judges an error answer of the OpenAI-compatible family, here, where the
 * status, headers and body are all at hand.
 *
 * A 400 or 422 is the client's own and would fail anywhere; a 401, 402, 403 or 404
 * speaks of this target's credential, account or model, so another target may do
 * better; 408, 429 and 5xx are weather.
 */
export function judgeErrorAnswer(answer: ErrorAnswer, provider: string, nowMs: number): Judgement {
  const value = jsonOf(answer.body);
  const quoted = errorMessageOf(value);
  const { code, retry } = classify(answer.status, quoted !== undefined);
  const waitMs = retryAfterMs(answer.header, nowMs);
  const said = quoted === undefined ? '' : `: ${quoted.slice(0, 500)}`;
  return {
    relay: quoted !== undefined,
    error: new GatewayError(code, {
      message: `${provider} answered with status ${answer.status}${said}`,
      summary: `${provider} answered with status ${answer.status}${errorNameOf(value)}`,
      status: clientStatus(answer.status, quoted !== undefined),
      retry,
      ...(waitMs === undefined ? {} : { retryAfterMs: waitMs }),
    }),
  };
}

/** About this target's credential, account or model. */
const THIS_TARGET = new Set([401, 402, 403, 404]);

function classify(status: number, isJsonError: boolean): { code: ErrorCode; retry: 'never' | 'other-target' } {
  if (status === 429) return { code: 'rate_limited', retry: 'other-target' };
  if (status === 408) return { code: 'upstream_timeout', retry: 'other-target' };
  if (status === 413) return { code: 'payload_too_large', retry: 'never' };
  // A page of HTML with 404 speaks of a wrong address, an error in JSON of a model that is not there.
  if (status === 404 && isJsonError) return { code: 'not_found', retry: 'other-target' };
  if (THIS_TARGET.has(status)) return { code: 'upstream_error', retry: 'other-target' };
  if (status < 500) return { code: 'invalid_request', retry: 'never' };
  return { code: 'upstream_error', retry: 'other-target' };
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

/** The error's code or type in brackets, where it is a mere word: a provider's message may quote the prompt, its codes do not. */
function errorNameOf(value: unknown): string {
  const error = typeof value === 'object' && value !== null && 'error' in value ? value.error : undefined;
  if (typeof error !== 'object' || error === null) return '';
  const { code, type } = error as Record<string, unknown>;
  const name = [code, type].find(
    (candidate) => typeof candidate === 'string' && /^[a-z0-9_.-]{1,64}$/i.test(candidate),
  );
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
