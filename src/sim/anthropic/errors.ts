import type { Voice } from '../script.ts';
import { eventText } from './event-text.ts';

/** A request the provider refuses, thrown from wherever that is noticed and answered in one place. */
export class AnthropicRefusal extends Error {
  readonly status: number;
  readonly type: string;

  constructor(status: number, message: string, type = errorType(status)) {
    super(message);
    this.name = 'AnthropicRefusal';
    this.status = status;
    this.type = type;
  }
}

/** A 400 about the value at a place, as in `messages.0.role: Input should be 'user' or 'assistant'`. */
export function wrong(path: string, message: string): AnthropicRefusal {
  return new AnthropicRefusal(400, path === '' ? message : `${path}: ${message}`);
}

export function missing(path: string): AnthropicRefusal {
  return wrong(path, 'Field required');
}

/** The names of Anthropic's errors. @see https://platform.claude.com/docs/en/api/errors (read 2026-11-21) */
function errorType(status: number): string {
  switch (status) {
    case 401:
      return 'authentication_error';
    case 402:
      return 'billing_error';
    case 403:
      return 'permission_error';
    case 404:
      return 'not_found_error';
    case 413:
      return 'request_too_large';
    case 429:
      return 'rate_limit_error';
    case 504:
      return 'timeout_error';
    case 529:
      return 'overloaded_error';
    default:
      return status < 500 ? 'invalid_request_error' : 'api_error';
  }
}

function usualMessage(status: number): string {
  switch (status) {
    case 401:
      return 'invalid x-api-key';
    case 403:
      return 'Your API key does not have permission to use the specified resource.';
    case 404:
      return 'Not found';
    case 413:
      return 'Request exceeds the maximum size';
    case 429:
      return 'This request would exceed the rate limit for your organization. Please try again later.';
    case 504:
      return 'Request timed out. Try again, or consider streaming.';
    case 529:
      return 'Overloaded';
    default:
      return status < 500 ? 'The request was refused.' : 'Internal server error';
  }
}

export function errorBody(type: string, message: string, requestId: string | undefined): string {
  return JSON.stringify({ type: 'error', error: { type, message }, request_id: requestId ?? null });
}

/** A fault's own words over the usual ones; OpenAI's `param` and `code` have no place here. */
function said(status: number, detail: Readonly<Record<string, unknown>> = {}): { type: string; message: string } {
  const { type, message } = detail;
  return {
    type: typeof type === 'string' ? type : errorType(status),
    message: typeof message === 'string' ? message : usualMessage(status),
  };
}

/** How faults speak Anthropic's Messages. */
export const anthropicVoice: Voice = {
  error(status, detail, requestId) {
    const { type, message } = said(status, detail);
    return errorBody(type, message, requestId);
  },
  errorEvent: (status, detail) => eventText('error', { type: 'error', error: said(status, detail) }),
  doneEvent: eventText('message_stop', { type: 'message_stop' }),
  pingEvent: eventText('ping', { type: 'ping' }),
  headers: (requestId) => [
    ['request-id', requestId],
    ['anthropic-organization-id', '00000000-0000-4000-8000-000000000000'],
  ],
  deltaEvent: (text) =>
    eventText('content_block_delta', { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } }),
};
