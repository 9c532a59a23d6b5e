import type { WireDialect } from '../../exchange/dialect.ts';
import { GatewayError } from '../../kernel/errors.ts';
import { readAnswer } from './answer.ts';
import { errorBody, errorEvent, errorStatus } from './errors.ts';
import { parseRequest } from './request.ts';
import { AnthropicStreamGate } from './stream-gate.ts';
import { textAnswer } from './text-answer.ts';

const COMMON = {
  id: 'anthropic-messages',
  operation: 'chat',
  readAnswer,
  errorBody,
  errorEvent,
  errorStatus,
  requestIdHeader: 'request-id',
  ping: Buffer.from('event: ping\ndata: {"type": "ping"}\n\n'),
} as const;

/** `POST /v1/messages` */
export const anthropicMessages: WireDialect = {
  ...COMMON,
  upstreamPath: '/messages',
  parse: (body) => parseRequest(body, anthropicMessages, { answers: true }),
  streamGate: (options) => new AnthropicStreamGate(options),
  textAnswer,
};

/** `POST /v1/messages/count_tokens`: the same request, of which only the size is asked. */
export const anthropicTokenCount: WireDialect = {
  ...COMMON,
  upstreamPath: '/messages/count_tokens',
  parse: (body) => parseRequest(body, anthropicTokenCount, { answers: false }),
  streamGate: () => {
    throw new GatewayError('internal', { message: 'A count of tokens has no stream.' });
  },
};
