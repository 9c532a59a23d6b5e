import type { CallContext } from '../dialect.ts';
import type { JsonObject } from '../json-object.ts';
import type { SimModel } from '../models.ts';
import { GeminiRefusal, invalid } from './errors.ts';

const PAGE_MAX = 1_000;
const PAGE = 50;
const CHAT = ['generateContent', 'streamGenerateContent', 'countTokens'];
const EMBEDDING = ['embedContent', 'batchEmbedContents'];

/** @param method empty: whatever the model does
 * @throws the 404 for a model that is not there or does not do that */
export function modelNamed(id: string, method: string, { models }: CallContext): SimModel {
  const model = models.get(id);
  const does = model?.kind === 'chat' ? CHAT : EMBEDDING;
  if (model !== undefined && (method === '' || does.includes(method))) return model;
  throw new GeminiRefusal(
    404,
    `models/${id.slice(0, 200)} is not found for API version v1beta${method === '' ? '' : `, or is not supported for ${method}`}. Call ListModels to see the list of available models and their supported methods.`,
  );
}

export function modelObject(model: SimModel): JsonObject {
  const common = {
    name: `models/${model.id}`,
    version: '001',
    displayName: model.id,
    description: 'A simulated model.',
  };
  if (model.kind === 'embedding') {
    return {
      ...common,
      inputTokenLimit: model.contextTokensMax,
      outputTokenLimit: 1,
      supportedGenerationMethods: EMBEDDING,
    };
  }
  return {
    ...common,
    inputTokenLimit: model.contextTokensMax,
    outputTokenLimit: model.outputTokensMax,
    supportedGenerationMethods: CHAT,
    temperature: 1,
    topP: 0.95,
    topK: 64,
    maxTemperature: 2,
    ...(model.thinks === false ? {} : { thinking: true }),
  };
}

/** `GET /v1beta/models?pageSize=&pageToken=`. @throws GeminiRefusal */
export function modelPage(query: URLSearchParams, { models }: CallContext): JsonObject {
  const all = [...models.values()];
  const size = Number(query.get('pageSize') ?? query.get('page_size') ?? PAGE);
  if (!Number.isInteger(size) || size < 0)
    throw invalid('page_size', 'page_size must not be negative', 'ListModelsRequest');
  const token = query.get('pageToken') ?? query.get('page_token') ?? '';
  const from = token === '' ? 0 : all.findIndex(({ id }) => id === token);
  if (from < 0) throw invalid('page_token', 'Invalid page token', 'ListModelsRequest');
  const to = from + Math.min(size === 0 ? PAGE : size, PAGE_MAX);
  const next = all[to];
  return {
    models: all.slice(from, to).map(modelObject),
    ...(next === undefined ? {} : { nextPageToken: next.id }),
  };
}
