import { filteredModels, type ListedModel } from '../../edge/http/listed-models.ts';
import type { AdminParts } from '../admin-parts.ts';
import { pageByName } from '../cursor.ts';
import type { Answer, Question } from './answers.ts';

type ModelAnswer = Answer<'list_models'>['data'][number];

export function modelsAnswer(parts: AdminParts, { query }: Question<'list_models'>): Answer<'list_models'> {
  const { limit, cursor, ...filters } = query;
  const asked = Object.entries(filters).filter((filter): filter is [string, string] => filter[1] !== undefined);
  const found = filteredModels(parts.models(), new URLSearchParams(asked).toString());
  return pageByName('models', found.flatMap(modelJson), ({ id }) => id, { limit, cursor });
}

/** One or none: an alias and a route are names for models, which `GET /admin/routes` lists. */
function modelJson({ id, origin, provider, facts, price, priceSource }: ListedModel): ModelAnswer[] {
  if (origin === 'alias' || origin === 'route' || provider === undefined) return [];
  return [
    {
      id,
      provider,
      model: id.slice(provider.length + 1),
      name: facts?.name ?? null,
      operation: facts?.operation ?? null,
      modalities_in: facts?.input === undefined ? null : [...facts.input],
      modalities_out: facts?.output === undefined ? null : [...facts.output],
      context_window: facts?.contextWindow ?? null,
      max_output_tokens: facts?.maxOutputTokens ?? null,
      input_pico_usd: price?.inputPicoUsd?.toString() ?? null,
      cached_input_pico_usd: price?.cachedInputPicoUsd?.toString() ?? null,
      output_pico_usd: price?.outputPicoUsd?.toString() ?? null,
      also_priced: [...(price?.alsoPriced ?? [])],
      price_source: priceSource ?? null,
      deprecated: facts?.deprecated === true || facts?.deprecatedAt !== undefined,
      deprecated_at: facts?.deprecatedAt ?? null,
      origin,
    },
  ];
}
