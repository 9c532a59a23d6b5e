import { type ListedModel, modelNamed } from '../http/listed-models.ts';
import { invalidField } from '../request-object.ts';

/** As Google's own list has it. @see ai.google.dev/api/models (read 2026-11-22) */
const PAGE_MODELS = 50;
const PAGE_MODELS_MAX = 1_000;
const TOKEN_CHARS_MAX = 1_024;

/**
 * A page of the models in Google's shape: `?pageSize=&pageToken=`. A token is
 * the name of the last model before the page, so that it outlives a change of
 * the list.
 *
 * @throws `invalid_request` for a size or a token that is none
 */
export function geminiModels(models: readonly ListedModel[], query: string): object {
  const asked = new URLSearchParams(query);
  const size = sizeOf(asked.get('pageSize') ?? asked.get('page_size'));
  const start = startOf(models, asked.get('pageToken') ?? asked.get('page_token') ?? '');
  const page = models.slice(start, start + size);
  const last = page.at(-1);
  const more = last !== undefined && start + size < models.length;
  return {
    models: page.map(modelInfo),
    ...(more ? { nextPageToken: Buffer.from(last.id).toString('base64url') } : {}),
  };
}

/** @throws `not_found` with the nearest id */
export function geminiModel(models: readonly ListedModel[], param: string): object {
  return modelInfo(modelNamed(models, param));
}

const METHODS: Readonly<Record<string, readonly string[]>> = {
  chat: ['generateContent', 'countTokens'],
  embed: ['embedContent', 'batchEmbedContents'],
};

function modelInfo({ id, facts }: ListedModel): object {
  const operation = facts?.operation;
  return {
    name: `models/${id}`,
    version: '',
    displayName: facts?.name ?? id,
    ...(facts?.contextWindow === undefined ? {} : { inputTokenLimit: facts.contextWindow }),
    ...(facts?.maxOutputTokens === undefined ? {} : { outputTokenLimit: facts.maxOutputTokens }),
    // Of a model of which nothing is known, most can be asked for content, and the list is what clients choose from.
    supportedGenerationMethods: METHODS[operation ?? 'chat'] ?? [],
  };
}

function sizeOf(text: string | null): number {
  if (text === null || text === '' || text === '0') return PAGE_MODELS;
  if (/^\d{1,9}$/.test(text)) return Math.min(Number(text), PAGE_MODELS_MAX);
  throw invalidField('pageSize', 'pageSize: must be a whole number from 0, where 0 is the default.');
}

function startOf(models: readonly ListedModel[], token: string): number {
  if (token === '') return 0;
  const id = token.length > TOKEN_CHARS_MAX ? '' : Buffer.from(token, 'base64url').toString('utf8');
  const place = models.findIndex((model) => model.id === id);
  if (place < 0) throw invalidField('pageToken', 'pageToken: is none that this list has given; begin without one.');
  return place + 1;
}
