import Anthropic from '@anthropic-ai/sdk';
import { ApiError } from '@google/genai';
import OpenAI from 'openai';
import type { Client, ClientFailure } from './clients/client.ts';
import { isJson, objectOf, parsed, textOf } from './json.ts';
import type { Recording } from './recordings.ts';

/** Anthropic's `error.type` for a status (docs.anthropic.com, API errors). */
const MESSAGES_TYPES: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  409: 'conflict_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  500: 'api_error',
  504: 'timeout_error',
  529: 'overloaded_error',
};

/** Statuses that Anthropic does not send, and what it sends for the same. Other ones from 500 on are a 500 there. */
const MESSAGES_STATUSES: Readonly<Record<number, number>> = { 408: 504, 422: 400, 503: 529 };

/** Google's statuses for those that it does not send. */
const GEMINI_STATUSES: Readonly<Record<number, number>> = {
  402: 400,
  408: 504,
  413: 400,
  422: 400,
  502: 500,
  529: 503,
};

/** What does not hold of an error that a client of another dialect was told. */
export function errorProblems(recording: Recording, client: Client, failure: ClientFailure): string[] {
  const expected = statusAt(client.dialect, recording);
  const problems = failure.status === expected ? [] : [`status ${failure.status}, not ${expected}`];
  if (client.name.startsWith('@ai-sdk')) return problems;
  const name = classOf(client.dialect, expected);
  if (failure.name !== name) problems.push(`class ${failure.name}, not ${name}`);
  // Google's client keeps of a body no more than its text.
  const type = client.dialect === 'gemini' ? statusIn(failure.message) : typeOf(failure.body);
  if (client.dialect === 'anthropic-messages' && type !== MESSAGES_TYPES[expected]) {
    problems.push(`type ${type} with status ${expected}`);
  }
  if (type === undefined) problems.push(`an error without a type: ${JSON.stringify(failure.body)}`);
  return problems;
}

/** Whether the body is an error of the provider's own: a page of HTML is none, and never handed on. */
export function isOwnError({ response }: Pick<Recording, 'response'>): boolean {
  const value = parsed(response.toString('utf8'));
  const body = Array.isArray(value) && value.length === 1 ? (value[0] as unknown) : value;
  return isJson(body) && ['error', 'message', 'detail'].some((name) => body[name] !== undefined && body[name] !== null);
}

/** OpenAI has no status of its own for an overload: it is a 503 there. */
function statusAt(dialect: Client['dialect'], recording: Recording): number {
  const told = isOwnError(recording) || recording.status === 429 ? recording.status : 502;
  // Google says of a key that it does not know that the request is wrong.
  const status = told === 400 && recording.response.includes('"API_KEY_INVALID"') ? 401 : told;
  if (dialect === 'openai-chat' || dialect === 'openai-responses') return status === 529 ? 503 : status;
  if (dialect === 'gemini') return GEMINI_STATUSES[status] ?? status;
  const known = MESSAGES_STATUSES[status] ?? status;
  return MESSAGES_TYPES[known] === undefined ? (known >= 500 ? 500 : 400) : known;
}

/** By which class the vendor's own client knows a status. */
function classOf(dialect: Client['dialect'], status: number): string {
  const headers = new Headers();
  if (dialect === 'gemini') return ApiError.name;
  const error =
    dialect !== 'anthropic-messages'
      ? OpenAI.APIError.generate(status, {}, '', headers)
      : Anthropic.APIError.generate(status, {}, '', headers);
  return error.constructor.name;
}

function typeOf(body: unknown): string | undefined {
  const value = objectOf(typeof body === 'string' ? parsed(body) : body);
  return textOf(objectOf(value['error'])['type']) ?? textOf(value['type']);
}

function statusIn(message: string): string | undefined {
  return textOf(objectOf(objectOf(parsed(message))['error'])['status']);
}
