import { type ListedModel, modelNamed } from '../http/listed-models.ts';
import { invalidField } from '../request-object.ts';

/** As Anthropic's own list has it. @see docs.anthropic.com/en/api/models-list (read 2026-11-21) */
const PAGE_MODELS = 20;
const PAGE_MODELS_MAX = 1_000;
const CURSOR_CHARS_MAX = 512;

/**
 * A page of the models in Anthropic's shape: `?limit=&after_id=&before_id=`.
 *
 * @param createdAt seconds since the epoch
 * @throws `invalid_request` for a limit that is none, or two cursors at once
 */
export function messagesModels(models: readonly ListedModel[], query: string, createdAt: number): object {
  const asked = new URLSearchParams(query);
  const page = pageOf(models, asked);
  return {
    data: page.models.map((model) => modelInfo(model, createdAt)),
    has_more: page.hasMore,
    first_id: page.models[0]?.id ?? null,
    last_id: page.models.at(-1)?.id ?? null,
  };
}

/** @throws `not_found` with the nearest id */
export function messagesModel(models: readonly ListedModel[], param: string, createdAt: number): object {
  return modelInfo(modelNamed(models, param), createdAt);
}

function modelInfo({ id, facts }: ListedModel, createdAt: number): object {
  const deprecated = facts?.deprecated === true || facts?.deprecatedAt !== undefined;
  return {
    type: 'model',
    id,
    display_name: facts?.name ?? id,
    created_at: new Date(createdAt * 1_000).toISOString().replace('.000Z', 'Z'),
    max_input_tokens: facts?.contextWindow ?? null,
    max_tokens: facts?.maxOutputTokens ?? null,
    lifecycle: deprecated ? 'deprecated' : 'active',
    deprecated_at: facts?.deprecatedAt ?? null,
    retires_at: null,
    capabilities: null,
    line: null,
  };
}

interface Page {
  readonly models: readonly ListedModel[];
  readonly hasMore: boolean;
}

function pageOf(models: readonly ListedModel[], asked: URLSearchParams): Page {
  const limit = limitOf(asked.get('limit'));
  const after = cursorOf(asked, 'after_id');
  const before = cursorOf(asked, 'before_id');
  if (after !== undefined && before !== undefined) {
    throw invalidField('before_id', 'before_id: Only one of before_id and after_id can be specified');
  }
  if (before !== undefined) {
    const end = placeOf(models, before, 'before_id');
    const start = Math.max(0, end - limit);
    return { models: models.slice(start, end), hasMore: start > 0 };
  }
  const start = after === undefined ? 0 : placeOf(models, after, 'after_id') + 1;
  return { models: models.slice(start, start + limit), hasMore: start + limit < models.length };
}

function limitOf(text: string | null): number {
  if (text === null) return PAGE_MODELS;
  const limit = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= PAGE_MODELS_MAX) return limit;
  throw invalidField('limit', `limit: Input should be a valid integer from 1 to ${PAGE_MODELS_MAX}`);
}

function cursorOf(asked: URLSearchParams, name: string): string | undefined {
  const value = asked.get(name) ?? '';
  if (value.length > CURSOR_CHARS_MAX) {
    throw invalidField(name, `${name}: String should have at most ${CURSOR_CHARS_MAX} characters`);
  }
  return value === '' ? undefined : value;
}

function placeOf(models: readonly ListedModel[], id: string, name: string): number {
  const place = models.findIndex((model) => model.id === id);
  if (place < 0) throw invalidField(name, `${name}: There is no model '${id.slice(0, 120)}' in this list`);
  return place;
}
