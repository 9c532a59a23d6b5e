import type { AnswerFacts } from '../../exchange/dialect.ts';
import { SaidText } from '../../exchange/said-text.ts';
import { GatewayError } from '../../kernel/errors.ts';
import { readGeminiUsage } from '../../providers/gemini/usage.ts';
import { isObject } from '../request-object.ts';

type JsonObject = Readonly<Record<string, unknown>>;

/**
 * What a complete answer says about its cost. The bytes themselves go to the
 * client untouched.
 *
 * @throws `upstream_error` when the body is no JSON object
 */
export function readAnswer(body: Buffer): AnswerFacts {
  const fields = answerObject(body);
  if (isObject(fields['error'])) return { error: errorInside(fields['error']) };
  const usage = readGeminiUsage(fields['usageMetadata']);
  const reason = finishReasonOf(fields);
  return {
    ...(usage === undefined ? {} : { usage }),
    output: () => outputOf(fields).text(),
    outputChars: () => outputOf(fields).chars,
    ...(reason === undefined ? {} : { finishReason: reason }),
  };
}

/** Why an answer, or the piece of it in an event, says that it is over: a prompt that is blocked has no answer. */
export function finishReasonOf(fields: JsonObject): string | undefined {
  for (const { finishReason } of candidatesOf(fields)) {
    if (typeof finishReason === 'string' && finishReason !== '') return finishReason;
  }
  const { promptFeedback } = fields;
  const blocked = isObject(promptFeedback) ? promptFeedback['blockReason'] : undefined;
  return typeof blocked === 'string' ? blocked : undefined;
}

export function candidatesOf({ candidates }: JsonObject): readonly JsonObject[] {
  return Array.isArray(candidates) ? candidates.filter(isObject) : [];
}

/** Adds what a candidate says: text, thoughts, what tools are called with, and code. @returns whether there is anything in it */
export function addCandidate(said: SaidText, { content }: JsonObject): boolean {
  const parts = isObject(content) && Array.isArray(content['parts']) ? (content['parts'] as readonly unknown[]) : [];
  let any = false;
  for (const part of parts) if (isObject(part) && addPart(said, part)) any = true;
  return any;
}

function addPart(said: SaidText, part: JsonObject): boolean {
  const { text, functionCall, executableCode, ...others } = part;
  if (typeof text === 'string') said.add(text);
  if (isObject(functionCall)) addCall(said, functionCall);
  if (isObject(executableCode) && typeof executableCode['code'] === 'string') said.add(executableCode['code']);
  const { thought: _, thoughtSignature: __, ...media } = others;
  return (typeof text === 'string' && text !== '') || [functionCall, executableCode].some(isObject) || has(media);
}

function has(media: JsonObject): boolean {
  return Object.values(media).some(isObject);
}

function addCall(said: SaidText, { name, args, partialArgs }: JsonObject): void {
  if (typeof name === 'string') said.add(name);
  if (isObject(args) && Object.keys(args).length > 0) said.add(JSON.stringify(args));
  for (const piece of Array.isArray(partialArgs) ? (partialArgs as readonly unknown[]) : []) {
    if (isObject(piece) && typeof piece['stringValue'] === 'string') said.add(piece['stringValue']);
  }
}

function outputOf(fields: JsonObject): SaidText {
  const said = new SaidText();
  for (const candidate of candidatesOf(fields)) addCandidate(said, candidate);
  return said;
}

/** The error that a provider put where an answer or a stream event should be. Its text is the provider's, cut short. */
export function errorInside(error: JsonObject): GatewayError {
  const { code, status, message } = error;
  const text = typeof message === 'string' && message !== '' ? message : 'no message';
  const refused = typeof code === 'number' && Number.isInteger(code) && code >= 400 && code < 600;
  return new GatewayError(status === 'RESOURCE_EXHAUSTED' || code === 429 ? 'rate_limited' : 'upstream_error', {
    message: `The provider answered with an error instead of a result: ${text.slice(0, 500)}`,
    summary: 'The provider answered with an error instead of a result.',
    retry: 'other-target',
    ...(refused ? { status: code } : {}),
    cause: error,
  });
}

/** @throws `upstream_error` when the body is no JSON object */
export function answerObject(body: Buffer): JsonObject {
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
