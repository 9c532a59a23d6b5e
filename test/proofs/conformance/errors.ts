import type { Client, ClientFailure } from './clients/client.ts';
import { objectOf, parsed, textOf } from './json.ts';
import type { Recording } from './recordings.ts';

/** By which class a vendor's client knows a status. */
const CLASSES: Readonly<Record<number, string>> = {
  400: 'BadRequestError',
  401: 'AuthenticationError',
  403: 'PermissionDeniedError',
  404: 'NotFoundError',
  409: 'ConflictError',
  422: 'UnprocessableEntityError',
  429: 'RateLimitError',
};

/** Anthropic's `error.type` for a status (docs.anthropic.com, API errors). */
const MESSAGES_TYPES: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  500: 'api_error',
  504: 'timeout_error',
  529: 'overloaded_error',
};

/** What does not hold of an error that a client of another dialect was told. */
export function errorProblems(recording: Recording, client: Client, failure: ClientFailure): string[] {
  const problems: string[] = [];
  const expected = statusAt(client.dialect, recording.status);
  if (failure.status !== expected) problems.push(`status ${failure.status}, not ${expected}`);
  if (!client.name.startsWith('@ai-sdk')) {
    const name = CLASSES[expected] ?? (expected >= 500 ? 'InternalServerError' : 'APIError');
    if (!(expected >= 500 || failure.name === name)) problems.push(`class ${failure.name}, not ${name}`);
    const type = typeOf(failure.body);
    if (client.dialect === 'anthropic-messages' && type !== (MESSAGES_TYPES[expected] ?? 'api_error')) {
      problems.push(`type ${type} with status ${expected}`);
    }
    if (type === undefined) problems.push(`an error without a type: ${JSON.stringify(failure.body)}`);
  }
  return problems;
}

/** OpenAI has no status of its own for an overload: it is a 503 there. */
function statusAt(dialect: Client['dialect'], status: number): number {
  return dialect === 'openai-chat' && status === 529 ? 503 : status;
}

function typeOf(body: unknown): string | undefined {
  const value = objectOf(typeof body === 'string' ? parsed(body) : body);
  return textOf(objectOf(value['error'])['type']) ?? textOf(value['type']);
}
