import type { AnswerFacts } from '../../exchange/dialect.ts';
import { GatewayError } from '../../kernel/errors.ts';
import { readUsage } from '../../providers/openai/usage.ts';
import { OutputText } from './output-text.ts';

/**
 * What a complete answer says about its cost. The bytes themselves go to the
 * client untouched.
 *
 * @throws `upstream_error` when the body is no JSON object
 */
export function readAnswer(body: Buffer): AnswerFacts {
  const fields = parse(body);
  const error = fields['error'];
  if (error !== undefined && error !== null && fields['choices'] === undefined && fields['data'] === undefined) {
    return { error: errorInside(error) };
  }
  const usage = readUsage(fields['usage'], fields);
  const finishReason = firstFinishReason(fields['choices']);
  return {
    ...(usage === undefined ? {} : { usage }),
    output: () => outputOf(fields['choices']).text(),
    outputChars: () => outputOf(fields['choices']).chars,
    ...(finishReason === undefined ? {} : { finishReason }),
  };
}

/** The error that a provider put where an answer or a stream event should be. Its text is the provider's, cut short. */
export function errorInside(error: unknown): GatewayError {
  const message = typeof error === 'object' && error !== null && 'message' in error ? error.message : error;
  const text = typeof message === 'string' && message !== '' ? message : 'no message';
  return new GatewayError('upstream_error', {
    message: `The provider answered with an error instead of a result: ${text.slice(0, 500)}`,
    summary: 'The provider answered with an error instead of a result.',
    retry: 'other-target',
    cause: error,
  });
}

function parse(body: Buffer): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch (cause) {
    throw new GatewayError('upstream_error', {
      message: 'The provider answered with status 200 but its body is not complete JSON.',
      retry: 'other-target',
      cause,
    });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new GatewayError('upstream_error', {
      message: 'The provider answered with status 200 but its body is not a JSON object.',
      retry: 'other-target',
    });
  }
  return value as Record<string, unknown>;
}

function outputOf(choices: unknown): OutputText {
  const output = new OutputText();
  if (!Array.isArray(choices)) return output;
  for (const choice of choices) {
    if (typeof choice !== 'object' || choice === null) continue;
    const { message, text } = choice as Record<string, unknown>;
    if (typeof text === 'string') output.add(text);
    else output.addDelta(message);
  }
  return output;
}

function firstFinishReason(choices: unknown): string | undefined {
  if (!Array.isArray(choices)) return undefined;
  const first: unknown = choices[0];
  if (typeof first !== 'object' || first === null || !('finish_reason' in first)) return undefined;
  return typeof first.finish_reason === 'string' ? first.finish_reason : undefined;
}
