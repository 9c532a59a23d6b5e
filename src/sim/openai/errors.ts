import type { Voice } from '../script.ts';

/** OpenAI's error object. @see https://platform.openai.com/docs/guides/error-codes (read 2026-11-21) */
export interface OpenAiError {
  readonly message: string;
  readonly type: string;
  readonly param: string | null;
  readonly code: string | null;
}

/** A request the provider refuses, thrown from wherever that is noticed and answered in one place. */
export class OpenAiRefusal extends Error {
  readonly status: number;
  readonly error: OpenAiError;

  constructor(status: number, message: string, facts: Partial<Omit<OpenAiError, 'message'>> = {}) {
    super(message);
    this.name = 'OpenAiRefusal';
    this.status = status;
    this.error = {
      message,
      type: facts.type ?? 'invalid_request_error',
      param: facts.param ?? null,
      code: facts.code ?? null,
    };
  }
}

export function errorBody(error: OpenAiError): string {
  return JSON.stringify({ error });
}

/** What OpenAI says of a body that is not JSON. */
export const NOT_JSON =
  "We could not parse the JSON body of your request. (HINT: This likely means you aren't using your HTTP library correctly. " +
  'The OpenAI API expects a JSON payload, but what was sent was not valid JSON. If you have trouble figuring out how to fix ' +
  'this, please contact us through our help center at help.openai.com.)';

const SERVER_ERROR = 'The server had an error while processing your request. Sorry about that!';

/** What OpenAI usually says with a status. */
export function usualError(status: number): OpenAiError {
  const error = (message: string, type: string, code: string | null = null): OpenAiError => ({
    message,
    type,
    param: null,
    code,
  });
  switch (status) {
    case 401:
      return error('Incorrect API key provided: sim-****.', 'invalid_request_error', 'invalid_api_key');
    case 403:
      return error(
        'You are not allowed to sample from this model.',
        'invalid_request_error',
        'insufficient_permissions',
      );
    case 404:
      return error(
        'The model does not exist or you do not have access to it.',
        'invalid_request_error',
        'model_not_found',
      );
    case 429:
      return error('Rate limit reached for requests. Please slow down.', 'requests', 'rate_limit_exceeded');
    case 503:
      return error('The engine is currently overloaded, please try again later.', 'server_error');
    default:
      return status < 500
        ? error('The request was refused.', 'invalid_request_error')
        : error(SERVER_ERROR, 'server_error');
  }
}

/** How faults speak OpenAI. */
export const openAiVoice: Voice = {
  error: (status, detail) => JSON.stringify({ error: { ...usualError(status), ...detail } }),
  errorEvent: (status, detail) => `data: ${JSON.stringify({ error: { ...usualError(status), ...detail } })}\n\n`,
  doneEvent: 'data: [DONE]\n\n',
  pingEvent: ': ping\n\n',
  headers: (requestId, afterMs) => [
    ['x-request-id', requestId],
    ['openai-processing-ms', String(Math.round(afterMs))],
    ['openai-version', '2020-10-01'],
  ],
  deltaEvent: (text) =>
    `data: ${JSON.stringify({
      id: 'chatcmpl-huge',
      object: 'chat.completion.chunk',
      created: 0,
      model: 'sim',
      choices: [{ index: 0, delta: { content: text }, logprobs: null, finish_reason: null }],
    })}\n\n`,
};
