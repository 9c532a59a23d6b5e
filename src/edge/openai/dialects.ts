import type { WireDialect } from '../../exchange/dialect.ts';
import { GatewayError } from '../../kernel/errors.ts';
import { errorBody, errorStatus } from '../openai-errors.ts';
import { readAnswer } from './answer.ts';
import { errorEvent } from './errors.ts';
import { parseRequest, type RequestShape } from './request.ts';
import { OpenAiStreamGate } from './stream-gate.ts';
import { chatTextAnswer, completionTextAnswer } from './text-answer.ts';

type Identity = Pick<WireDialect, 'id' | 'operation' | 'upstreamPath'>;

function dialect(identity: Identity, shape: RequestShape, textAnswer?: WireDialect['textAnswer']): WireDialect {
  const self: WireDialect = {
    ...identity,
    parse: (body) => parseRequest(body, self, shape),
    readAnswer,
    streamGate: (options) => {
      if (!shape.streams) throw new GatewayError('internal', { message: `${identity.id} has no streams.` });
      return new OpenAiStreamGate(options);
    },
    errorBody,
    errorStatus,
    requestIdHeader: 'x-request-id',
    errorEvent,
    ...(textAnswer === undefined ? {} : { textAnswer }),
  };
  return self;
}

/** `POST /v1/chat/completions` */
export const openAiChat = dialect(
  { id: 'openai-chat', operation: 'chat', upstreamPath: '/chat/completions' },
  { required: { field: 'messages', kind: 'array' }, streams: true },
  chatTextAnswer,
);

/** `POST /v1/completions`, the older text form */
export const openAiCompletions = dialect(
  { id: 'openai-completions', operation: 'chat', upstreamPath: '/completions' },
  { required: { field: 'prompt', kind: 'present' }, streams: true, bound: 'max_tokens' },
  completionTextAnswer,
);

/** `POST /v1/embeddings` */
export const openAiEmbeddings = dialect(
  { id: 'openai-embeddings', operation: 'embed', upstreamPath: '/embeddings' },
  { required: { field: 'input', kind: 'present' }, streams: false },
);
