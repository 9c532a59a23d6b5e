import type { CallContext } from '../dialect.ts';
import type { JsonObject } from '../json-object.ts';
import { drawMs } from '../latency.ts';
import type { SimEmbeddingModel } from '../models.ts';
import type { VectorSpace } from '../openai/vectors.ts';
import type { Draft } from '../script.ts';
import { GeminiRefusal, invalid } from './errors.ts';
import { Fields } from './fields.ts';
import { totalTokens } from './media.ts';
import { type Part, readPart } from './parts.ts';

/** What a call's path and the dialect add to its body. */
export interface EmbedContext {
  readonly call: CallContext;
  readonly model: SimEmbeddingModel;
  readonly space: VectorSpace;
}

const REQUESTS_MAX = 100;
const TASKS = [
  'TASK_TYPE_UNSPECIFIED',
  'RETRIEVAL_QUERY',
  'RETRIEVAL_DOCUMENT',
  'SEMANTIC_SIMILARITY',
  'CLASSIFICATION',
  'CLUSTERING',
  'QUESTION_ANSWERING',
  'FACT_VERIFICATION',
  'CODE_RETRIEVAL_QUERY',
];

interface Embedding {
  readonly json: string;
  readonly tokens: number;
}

/** `:embedContent`. @throws GeminiRefusal */
export function answerEmbed(body: JsonObject, context: EmbedContext): Draft {
  const embedding = embed(new Fields(body), 'EmbedContentRequest', context);
  return answered(`"embedding":${embedding.json}`, [embedding], context);
}

/** `:batchEmbedContents`. @throws GeminiRefusal */
export function answerBatchEmbed(body: JsonObject, context: EmbedContext): Draft {
  const fields = new Fields(body);
  const requests = fields.objects('requests', 'EmbedContentRequest');
  fields.end();
  if (requests.length === 0) throw invalid('requests', 'requests is not specified', BATCH);
  if (requests.length > REQUESTS_MAX) {
    throw invalid('requests', `at most ${REQUESTS_MAX} requests can be in one batch`, BATCH);
  }
  const embeddings = requests.map((request) => {
    const name = request.string('model');
    if (name !== `models/${context.model.id}`) {
      throw invalid(request.path('model'), `unexpected model: expected models/${context.model.id}`, BATCH);
    }
    return embed(request, BATCH, context);
  });
  return answered(`"embeddings":[${embeddings.map(({ json }) => json).join(',')}]`, embeddings, context);
}

const BATCH = 'BatchEmbedContentsRequest';

function answered(member: string, embeddings: readonly Embedding[], { call, model }: EmbedContext): Draft {
  const tokens = embeddings.reduce((sum, one) => sum + one.tokens, 0);
  call.call.promptRead(tokens, 0);
  const usage = embeddingUsage(tokens, call);
  return {
    kind: 'body',
    status: 200,
    contentType: 'application/json; charset=UTF-8',
    afterMs: drawMs(call.latencyOf(model).firstToken, call.random),
    text: `{${member}${usage === undefined ? '' : `,"usageMetadata":${usage}`}}`,
    tokens: 0,
  };
}

function embeddingUsage(tokens: number, { shape }: CallContext): string | undefined {
  if (shape.usageText !== undefined) return shape.usageText;
  if (shape.usage === 'none') return undefined;
  if (shape.usage === 'no-object') return 'null';
  return JSON.stringify({
    promptTokenCount: tokens,
    promptTokensDetails: [{ modality: 'TEXT', tokenCount: tokens }],
  });
}

function embed(fields: Fields, request: string, { call, model, space }: EmbedContext): Embedding {
  fields.mayHave('model');
  const content = fields.nested('content', 'Content');
  if (content === undefined) throw invalid(fields.path('content'), 'content is required', request);
  const parts = readParts(content, request, call);
  fields.oneOf('taskType', 'TaskType', TASKS);
  const title = fields.string('title');
  const dimensions = fields.integer('outputDimensionality') ?? model.dimensions;
  fields.nested('embedContentConfig', 'EmbedContentConfig');
  fields.end();
  if (dimensions < 1 || dimensions > model.dimensions) {
    const path = fields.path('outputDimensionality');
    throw invalid(path, `output_dimensionality must be in the range [1, ${model.dimensions}].`, request);
  }
  const text = [...(title === undefined ? [] : [title]), ...parts.map((part) => part.text)].join('\n');
  const tokens = totalTokens(
    parts.reduce((sum, part) => ({ TEXT: (sum.TEXT ?? 0) + totalTokens(part.tokens) }), { TEXT: 0 }),
  );
  if (tokens > model.contextTokensMax) {
    const message = `The input token count (${tokens}) exceeds the maximum number of tokens allowed (${model.contextTokensMax}).`;
    throw new GeminiRefusal(400, message);
  }
  return { json: `{"values":[${space.vector(text, dimensions).join(',')}]}`, tokens };
}

function readParts(content: Fields, request: string, { tokens }: CallContext): Part[] {
  content.string('role');
  const parts = content.objects('parts', 'Part').map((part) => readPart(part, tokens));
  content.end();
  if (parts.every(({ text }) => text === ''))
    throw invalid(content.path('parts'), 'content must not be empty', request);
  const stranger = parts.find(({ kind }) => kind !== 'text');
  if (stranger !== undefined) throw invalid(content.path('parts'), 'only text can be embedded by this model', request);
  return parts;
}
