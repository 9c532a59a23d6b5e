import type { WireDialect } from '../../exchange/dialect.ts';
import { GatewayError } from '../../kernel/errors.ts';
import { errorBody, errorStatus } from '../openai-errors.ts';
import { readAnswer } from './answer.ts';
import { failureEvents } from './errors.ts';
import { keptAnswer } from './kept-answer.ts';
import { parseRequest } from './request.ts';
import { ResponsesStreamGate } from './stream-gate.ts';
import { textAnswer } from './text-answer.ts';

const COMMON = {
  id: 'openai-responses',
  operation: 'chat',
  readAnswer,
  errorBody,
  errorStatus,
  requestIdHeader: 'x-request-id',
  errorEvent: (error, requestId) => failureEvents(error, requestId, { sequence: 0, response: undefined }),
} as const satisfies Partial<WireDialect>;

/** `POST /v1/responses` */
export const openAiResponses: WireDialect = {
  ...COMMON,
  upstreamPath: '/responses',
  parse: (body) => parseRequest(body, openAiResponses, { answers: true }),
  streamGate: (options) => new ResponsesStreamGate(options),
  textAnswer,
  keptAnswer,
};

/** `POST /v1/responses/input_tokens`: the same request, of which only the size is asked. */
export const responsesInputTokens: WireDialect = {
  ...COMMON,
  upstreamPath: '/responses/input_tokens',
  parse: (body) => parseRequest(body, responsesInputTokens, { answers: false }),
  streamGate: noStream,
};

/** `POST /v1/responses/compact`: a history in, a shorter one out, which only its own vendor can read again. */
export const responsesCompaction: WireDialect = {
  ...COMMON,
  upstreamPath: '/responses/compact',
  parse: (body) =>
    parseRequest(body, responsesCompaction, {
      answers: false,
      nativeOnly: { field: 'input', reason: 'this provider has no compaction' },
    }),
  streamGate: noStream,
};

/** A count of ours, as `POST /v1/responses/input_tokens` answers with it. */
export function inputTokensBody(tokens: number): Buffer {
  return Buffer.from(JSON.stringify({ object: 'response.input_tokens', input_tokens: tokens }));
}

function noStream(): never {
  throw new GatewayError('internal', { message: 'Nothing but an answer is streamed.' });
}
