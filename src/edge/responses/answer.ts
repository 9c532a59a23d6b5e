import type { AnswerFacts } from '../../exchange/dialect.ts';
import { SaidText } from '../../exchange/said-text.ts';
import { GatewayError } from '../../kernel/errors.ts';
import { errorOf } from '../../providers/responses/answer-errors.ts';
import { responseUsage } from '../../providers/responses/usage.ts';
import { isObject } from '../request-object.ts';
import { addItem } from './said-items.ts';

/**
 * What a complete answer says about its cost. The bytes themselves go to the
 * client untouched. An answer that failed is an error, whatever status it came with.
 *
 * @throws `upstream_error` when the body is no JSON object
 */
export function readAnswer(body: Buffer): AnswerFacts {
  const response = parse(body);
  const { error, output } = response;
  if (response['status'] === 'failed' || (isObject(error) && output === undefined)) return { error: errorOf(error) };
  const usage = responseUsage(response);
  const finishReason = finishReasonOf(response);
  return {
    ...(usage === undefined ? {} : { usage }),
    output: () => saidIn(output).text(),
    outputChars: () => saidIn(output).chars,
    ...(finishReason === undefined ? {} : { finishReason }),
  };
}

/** Why an answer ended: what it lacks where it is not complete, and otherwise its status. */
export function finishReasonOf(response: Readonly<Record<string, unknown>>): string | undefined {
  const { status, incomplete_details: details } = response;
  const lacks = isObject(details) ? details['reason'] : undefined;
  if (typeof lacks === 'string') return lacks;
  return typeof status === 'string' ? status : undefined;
}

function saidIn(output: unknown): SaidText {
  const said = new SaidText();
  if (Array.isArray(output)) for (const item of output) addItem(said, item);
  return said;
}

function parse(body: Buffer): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch (cause) {
    throw unusable('is not complete JSON', cause);
  }
  if (!isObject(value)) throw unusable('is not a JSON object');
  return value;
}

function unusable(what: string, cause?: unknown): GatewayError {
  return new GatewayError('upstream_error', {
    message: `The provider answered with status 200 but its body ${what}.`,
    retry: 'other-target',
    cause,
  });
}
