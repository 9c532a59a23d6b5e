import type { JsonObject } from '../json-object.ts';
import type { Voice } from '../script.ts';
import { eventText } from './framing.ts';

/** A request the provider refuses, thrown from wherever that is noticed and answered in one place. */
export class GeminiRefusal extends Error {
  readonly status: number;
  readonly details: readonly JsonObject[];

  constructor(status: number, message: string, details: readonly JsonObject[] = []) {
    super(message);
    this.name = 'GeminiRefusal';
    this.status = status;
    this.details = details;
  }
}

/** A body that is not what the method takes: Google's JSON reader refuses it before the method sees it. */
export function unreadable(field: string, description: string): GeminiRefusal {
  const violation = field === '' ? { description } : { field, description };
  return new GeminiRefusal(400, description, [{ '@type': `${RPC}BadRequest`, fieldViolations: [violation] }]);
}

/** A 400 of the method's own about the value at a place, as `* GenerateContentRequest.contents: contents is not specified`. */
export function invalid(path: string, message: string, request = 'GenerateContentRequest'): GeminiRefusal {
  return new GeminiRefusal(400, `* ${request}.${path}: ${message}\n`);
}

const RPC = 'type.googleapis.com/google.rpc.';

/** @see https://cloud.google.com/apis/design/errors (read 2026-11-22) */
function statusName(status: number): string {
  switch (status) {
    case 400:
      return 'INVALID_ARGUMENT';
    case 401:
      return 'UNAUTHENTICATED';
    case 402:
    case 412:
      return 'FAILED_PRECONDITION';
    case 403:
      return 'PERMISSION_DENIED';
    case 404:
    case 405:
      return 'NOT_FOUND';
    case 409:
      return 'ABORTED';
    case 429:
      return 'RESOURCE_EXHAUSTED';
    case 499:
      return 'CANCELLED';
    case 503:
      return 'UNAVAILABLE';
    case 504:
      return 'DEADLINE_EXCEEDED';
    default:
      return status < 500 ? 'INVALID_ARGUMENT' : 'INTERNAL';
  }
}

function usualMessage(status: number): string {
  switch (status) {
    case 401:
      return 'Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential.';
    case 403:
      return 'The caller does not have permission';
    case 404:
      return 'Requested entity was not found.';
    case 429:
      return 'You exceeded your current quota, please check your plan and billing details.';
    case 503:
      return 'The model is overloaded. Please try again later.';
    case 504:
      return 'Deadline expired before operation could complete.';
    default:
      return status < 500 ? 'Request contains an invalid argument.' : 'An internal error has occurred.';
  }
}

export function errorBody(status: number, message: string, details: readonly JsonObject[] = []): string {
  const error = { code: status, message, status: statusName(status) };
  return JSON.stringify({ error: details.length === 0 ? error : { ...error, details } });
}

const STATUS = /^[A-Z_]+$/;

/** A fault's own words over the usual ones; where it names a code of Google's, that is the status. */
function said(
  status: number,
  { message, code }: Readonly<Record<string, unknown>> = {},
  details: readonly JsonObject[] = [],
): JsonObject {
  return {
    code: status,
    message: typeof message === 'string' ? message : usualMessage(status),
    status: typeof code === 'string' && STATUS.test(code) ? code : statusName(status),
    ...(details.length === 0 ? {} : { details }),
  };
}

/** When to come back: Google says so in the body. */
function retryInfo(retryAfterMs: number): JsonObject {
  return { '@type': `${RPC}RetryInfo`, retryDelay: `${retryAfterMs / 1_000}s` };
}

export function errorJson(status: number, detail?: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({ error: said(status, detail) });
}

/** A chunk that holds `text`, for a fault that needs one. */
export function textChunk(text: string): string {
  const candidate = { content: { parts: [{ text }], role: 'model' }, index: 0 };
  return JSON.stringify({ candidates: [candidate], modelVersion: 'sim', responseId: 'huge' });
}

/** How faults speak Gemini. A stream of it ends without a word: what says that it is whole is its finish reason. */
export const geminiVoice: Voice = {
  error: (status, detail, _requestId, retryAfterMs) =>
    JSON.stringify({ error: said(status, detail, retryAfterMs === undefined ? [] : [retryInfo(retryAfterMs)]) }),
  errorEvent: (status, detail) => eventText(errorJson(status, detail)),
  doneEvent: '',
  pingEvent: ': ping\r\n\r\n',
  headers: (requestId, afterMs) => [
    ['vary', 'Origin, X-Origin, Referer'],
    ['server-timing', `gfet4t7; dur=${Math.round(afterMs)}`],
    ['x-request-id', requestId],
  ],
  deltaEvent: (text) => eventText(textChunk(text)),
};
