import type { AnswerFacts } from '../../exchange/dialect.ts';
import { SaidText } from '../../exchange/said-text.ts';
import { GatewayError } from '../../kernel/errors.ts';
import { readAnthropicUsage } from '../../providers/anthropic/usage.ts';
import { isObject } from '../request-object.ts';

/**
 * What a complete message says about its cost. The bytes themselves go to the
 * client untouched.
 *
 * @throws `upstream_error` when the body is no JSON object
 */
export function readAnswer(body: Buffer): AnswerFacts {
  const fields = parse(body);
  if (fields['type'] === 'error') return { error: errorInside(fields['error']) };
  const usage = readAnthropicUsage(fields['usage']);
  const reason = fields['stop_reason'];
  return {
    ...(usage === undefined ? {} : { usage }),
    output: () => outputOf(fields['content']).text(),
    outputChars: () => outputOf(fields['content']).chars,
    ...(typeof reason === 'string' ? { finishReason: reason } : {}),
  };
}

/** The statuses that go with the types of Anthropic's errors, for those that come without one. */
const STATUS_OF: Readonly<Record<string, number>> = { overloaded_error: 529, timeout_error: 504 };

/** The error that a provider put where an answer or a stream event should be. Its text is the provider's, cut short. */
export function errorInside(error: unknown): GatewayError {
  const { type, message } = isObject(error) ? error : { type: undefined, message: error };
  const text = typeof message === 'string' && message !== '' ? message : 'no message';
  const status = typeof type === 'string' ? STATUS_OF[type] : undefined;
  return new GatewayError(type === 'rate_limit_error' ? 'rate_limited' : 'upstream_error', {
    message: `The provider answered with an error instead of a result: ${text.slice(0, 500)}`,
    summary: 'The provider answered with an error instead of a result.',
    retry: 'other-target',
    ...(status === undefined ? {} : { status }),
    cause: error,
  });
}

/** Adds what a block, or the beginning of one, says: text, thoughts, and what tools are called with. */
export function addBlock(said: SaidText, block: unknown): void {
  if (!isObject(block)) return;
  const { type, text, thinking, name, input } = block;
  if (type === 'text' && typeof text === 'string') said.add(text);
  if (type === 'thinking' && typeof thinking === 'string') said.add(thinking);
  if (type !== 'tool_use' && type !== 'server_tool_use' && type !== 'mcp_tool_use') return;
  if (typeof name === 'string') said.add(name);
  if (isObject(input) && Object.keys(input).length > 0) said.add(JSON.stringify(input));
}

function outputOf(content: unknown): SaidText {
  const said = new SaidText();
  if (Array.isArray(content)) for (const block of content) addBlock(said, block);
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
