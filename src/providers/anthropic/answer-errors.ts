import { type ErrorCode, GatewayError } from '../../kernel/errors.ts';
import { isFields, textIn } from '../fields.ts';

interface Class {
  readonly code: ErrorCode;
  readonly retry: 'never' | 'other-target';
}

const CLASSES: Readonly<Record<string, Class>> = {
  invalid_request_error: { code: 'invalid_request', retry: 'never' },
  request_too_large: { code: 'payload_too_large', retry: 'never' },
  not_found_error: { code: 'not_found', retry: 'other-target' },
  rate_limit_error: { code: 'rate_limited', retry: 'other-target' },
  timeout_error: { code: 'upstream_timeout', retry: 'other-target' },
};

/** The error object of an `error` event, or of a body in the place of an answer. */
export function errorOf(value: unknown): GatewayError {
  const fields = isFields(value) ? value : {};
  const type = textIn(fields, 'type');
  const said = textIn(fields, 'message') ?? 'an error without a message';
  const { code, retry } = CLASSES[type ?? ''] ?? { code: 'upstream_error', retry: 'other-target' };
  const name = type !== undefined && /^[a-z0-9_]{1,64}$/.test(type) ? type : 'an error of no known type';
  return new GatewayError(code, {
    message: `The provider ended its answer with ${name}: ${said.slice(0, 500)}`,
    summary: `the provider ended its answer with ${name}`,
    retry,
  });
}

/** What a provider sent is not what this dialect's answers are. */
export function notUnderstood(what: string): GatewayError {
  return new GatewayError('upstream_error', {
    message: `The provider's answer was not understood: ${what}.`,
    retry: 'other-target',
  });
}

/** As whoever reads blocks demands it. */
export function refuseAnswer(field: string, problem: string): never {
  throw notUnderstood(`${field} ${problem}`);
}
