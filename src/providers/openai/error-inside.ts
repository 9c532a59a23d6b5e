import { GatewayError } from '../../kernel/errors.ts';
import { errorMessageOf } from '../error-answer.ts';
import { classifyError, errorNamesOf } from './judge.ts';
import { isObject, type WireObject } from './wire.ts';

const STATUS_OF_NAME: readonly (readonly [RegExp, number])[] = [
  [/rate_?limit|too_many_requests|insufficient_quota/, 429],
  [/overloaded|unavailable|capacity/, 503],
  [/timeout/, 408],
  [/invalid_request|context_length|content_filter|content_policy|bad_request/, 400],
];

/**
 * The error that a provider put where an answer or an event of a stream should
 * be, as what it is: a status inside it is judged as the status of an error
 * answer is. Its text is the provider's, cut short.
 */
export function errorInAnswer(error: unknown): GatewayError {
  const quoted = errorMessageOf({ error });
  const names = errorNamesOf({ error });
  const status = statusOf(isObject(error) ? error : {}, names);
  const { code, retry } = classifyError(status, quoted, names);
  const said = quoted === undefined || quoted === '' ? 'no message' : quoted.slice(0, 500);
  return new GatewayError(code, {
    message: `The provider answered with an error instead of a result: ${said}`,
    summary: 'The provider answered with an error instead of a result.',
    retry,
    cause: error,
  });
}

/** An answer that its provider says ended in an error, without saying in which. What came before it is no answer. */
export function endedInError(): GatewayError {
  return new GatewayError('upstream_error', {
    message: 'The provider ended its answer with the finish reason `error`.',
    retry: 'other-target',
  });
}

/** OpenRouter gives the status as `code`, others as `status` or `status_code`, most only a word. */
function statusOf(error: WireObject, names: readonly string[]): number {
  for (const name of ['code', 'status', 'status_code']) {
    const value = Number(error[name]);
    if (Number.isInteger(value) && value >= 400 && value <= 599) return value;
  }
  const [, status] = STATUS_OF_NAME.find(([pattern]) => names.some((name) => pattern.test(name))) ?? [];
  return status ?? 500;
}
