import { type ErrorCode, GatewayError } from '../../kernel/errors.ts';
import { errorInAnswer } from '../openai/error-inside.ts';
import { isObject, someText, type WireObject } from '../openai/wire.ts';

/**
 * What an answer that failed says of the request itself, where the words of
 * error answers do not (openai 7.55.0, ResponseError.code): it would fail with
 * anybody. A prompt is `invalid_prompt` when it is taken to be against the
 * vendor's policy.
 */
const OWN_MISTAKES: readonly (readonly [RegExp, ErrorCode])[] = [
  [
    /^(?:invalid_prompt|bio_policy|cyber_policy|misalignment_policy_violation|image_content_policy_violation)$/,
    'content_policy',
  ],
  [/^(?:invalid_(?:image|base64)|image_|unsupported_image|empty_image|failed_to_download_)/, 'invalid_request'],
];

/** The error object of an answer whose status is `failed`, or of an `error` event, as what it is. */
export function errorOf(value: unknown): GatewayError {
  const fields = isObject(value) ? value : {};
  const said = someText(fields['code']) ?? '';
  const [, code] = OWN_MISTAKES.find(([pattern]) => pattern.test(said)) ?? [];
  if (code === undefined) return errorInAnswer(fields);
  const message = someText(fields['message']) ?? 'no message';
  return new GatewayError(code, {
    message: `The provider ended its answer with ${said.slice(0, 64)}: ${message.slice(0, 500)}`,
    summary: `The provider ended its answer with ${said.slice(0, 64)}.`,
    retry: 'never',
    cause: value,
  });
}

/** An `error` event has its error inside it, as OpenAI sends it, or is one itself, as OpenAI's types say. */
export function errorInEvent(event: WireObject): GatewayError {
  if (isObject(event['error'])) return errorOf(event['error']);
  const { type: _, sequence_number: __, ...error } = event;
  return errorOf(error);
}

/** The answer was ended by somebody else before it was complete. */
export function cancelled(): GatewayError {
  return new GatewayError('upstream_error', {
    message: 'The provider says that its answer was cancelled.',
    retry: 'other-target',
  });
}
