import type { WireDialect } from '../../exchange/dialect.ts';
import { GatewayError } from '../../kernel/errors.ts';
import { type StreamForm, streamFormOf } from './address.ts';
import { readAnswer } from './answer.ts';
import { ARRAY_CONTENT_TYPE, ARRAY_PING, arrayErrorBody } from './array-form.ts';
import { parseCount } from './count-request.ts';
import { parseEmbed, readEmbedAnswer } from './embed-request.ts';
import { errorBody, errorEvent, errorStatus } from './errors.ts';
import { parseRequest } from './request.ts';
import { GeminiStreamGate } from './stream-gate.ts';
import { textAnswer } from './text-answer.ts';

const COMMON = {
  id: 'gemini',
  operation: 'chat',
  upstreamPath: '/models/{model}:generateContent',
  readAnswer,
  errorBody,
  errorEvent,
  errorStatus,
  requestIdHeader: 'x-request-id',
} as const;

/** A provider is always asked for events: an array could only be told apart at its end. */
const STREAM_PATH = '/models/{model}:streamGenerateContent?alt=sse';

/** `POST /v1beta/models/{model}:generateContent` */
export const gemini: WireDialect = {
  ...COMMON,
  parse: (body, target) => parseRequest(body, target, gemini, { stream: false }),
  streamGate: (options) => new GeminiStreamGate(options, 'sse'),
  textAnswer: (text, facts) => textAnswer(text, facts, 'sse'),
};

/** `POST /v1beta/models/{model}:streamGenerateContent`, whose query says in which form. */
export const geminiStream: WireDialect = {
  ...gemini,
  parse: (body, target) => {
    const form = streamFormOf(target);
    const shape = { stream: true, upstreamPath: STREAM_PATH };
    return form === 'sse'
      ? parseRequest(body, target, geminiStream, shape)
      : parseRequest(body, target, geminiArray, { ...shape, streamContentType: ARRAY_CONTENT_TYPE });
  },
};

/** The same for a client that reads one array. */
export const geminiArray: WireDialect = {
  ...geminiStream,
  ...arrayForm('array'),
  errorBody: arrayErrorBody,
  // Of a stream of which nothing has been said; any other one knows its place (`StreamGate.errorEvent`).
  errorEvent: arrayErrorBody,
  ping: ARRAY_PING,
};

function arrayForm(form: StreamForm): Pick<WireDialect, 'streamGate' | 'textAnswer'> {
  return {
    streamGate: (options) => new GeminiStreamGate(options, form),
    textAnswer: (text, facts) => textAnswer(text, facts, form),
  };
}

/** `POST /v1beta/models/{model}:countTokens`: of a request, only the size is asked. */
export const geminiTokenCount: WireDialect = {
  ...COMMON,
  upstreamPath: '/models/{model}:countTokens',
  parse: (body, target) => parseCount(body, target, geminiTokenCount),
  streamGate: noStream,
};

const EMBEDDINGS = {
  ...COMMON,
  id: 'gemini-embeddings',
  operation: 'embed',
  readAnswer: readEmbedAnswer,
  streamGate: noStream,
} as const;

/** `POST /v1beta/models/{model}:embedContent` */
export const geminiEmbed: WireDialect = {
  ...EMBEDDINGS,
  upstreamPath: '/models/{model}:embedContent',
  parse: (body, target) => parseEmbed(body, target, geminiEmbed, false),
};

/** `POST /v1beta/models/{model}:batchEmbedContents` */
export const geminiEmbedBatch: WireDialect = {
  ...EMBEDDINGS,
  upstreamPath: '/models/{model}:batchEmbedContents',
  parse: (body, target) => parseEmbed(body, target, geminiEmbedBatch, true),
};

function noStream(): never {
  throw new GatewayError('internal', { message: 'A count of tokens and an embedding have no stream.' });
}
