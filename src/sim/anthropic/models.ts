import type { CallContext } from '../dialect.ts';
import type { SimChatModel, SimModel } from '../models.ts';
import { AnthropicRefusal, wrong } from './errors.ts';

/** The day the catalogue was made: it does not hang on the clock. */
const CREATED_AT = '2026-01-01T00:00:00Z';
const PAGE_MAX = 1_000;
const PAGE = 20;

/** @throws the 404 for a model that is not there or does not talk */
export function chatModelNamed(id: string, models: ReadonlyMap<string, SimModel>): SimChatModel {
  const model = models.get(id);
  if (model?.kind === 'chat') return model;
  throw new AnthropicRefusal(404, `model: ${id.slice(0, 200)}`);
}

export function modelObject(model: SimChatModel): Readonly<Record<string, unknown>> {
  return {
    type: 'model',
    id: model.id,
    display_name: model.id,
    created_at: CREATED_AT,
    capabilities: null,
    lifecycle: 'active',
    deprecated_at: null,
    retires_at: null,
    line: null,
    max_input_tokens: model.contextTokensMax,
    max_tokens: model.outputTokensMax,
  };
}

/** `GET /v1/models?limit=&after_id=&before_id=`. @throws AnthropicRefusal */
export function modelPage(query: URLSearchParams, { models }: CallContext): Readonly<Record<string, unknown>> {
  const all = [...models.values()].filter((model) => model.kind === 'chat');
  const limit = Number(query.get('limit') ?? PAGE);
  if (!Number.isInteger(limit) || limit < 1 || limit > PAGE_MAX) {
    throw wrong('limit', `Input should be a whole number from 1 to ${PAGE_MAX}`);
  }
  const after = all.findIndex(({ id }) => id === query.get('after_id'));
  const before = all.findIndex(({ id }) => id === query.get('before_id'));
  const from = before >= 0 ? Math.max(0, before - limit) : after + 1;
  const to = before >= 0 ? before : from + limit;
  const data = all.slice(from, to).map(modelObject);
  return {
    data,
    has_more: before >= 0 ? from > 0 : to < all.length,
    first_id: data[0]?.['id'] ?? null,
    last_id: data.at(-1)?.['id'] ?? null,
  };
}
