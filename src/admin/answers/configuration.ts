import type { AdminParts, ModelFacts } from '../admin-parts.ts';
import { pageByName } from '../cursor.ts';
import type { Answer, Question } from './answers.ts';
import { configStateJson, providerJson } from './status.ts';

export async function reloadAnswer({ config }: AdminParts): Promise<Answer<'reload_config'>> {
  const { outcome, state } = await config.reload('admin');
  return { outcome, config: configStateJson(state) };
}

export function providersAnswer(parts: AdminParts, { query }: Question<'list_providers'>): Answer<'list_providers'> {
  return pageByName('providers', parts.providers().map(providerJson), ({ name }) => name, query);
}

/** Routes and aliases have their names apart: an entry's place in the list is its kind and its name. */
export function routesAnswer(parts: AdminParts, { query }: Question<'list_routes'>): Answer<'list_routes'> {
  const { routes, aliases } = parts.routing();
  const entries: Answer<'list_routes'>['data'] = [
    ...[...aliases].map(([name, target]) => ({
      kind: 'alias' as const,
      name,
      origin: 'file',
      strategy: null,
      targets: [{ target, weight: 1 }],
      attempts_max: null,
      timeout_ms: null,
    })),
    ...[...routes].map(([name, { strategy, targets, attemptsMax, timeoutMs }]) => ({
      kind: 'route' as const,
      name,
      origin: 'file',
      strategy,
      targets: targets.map(({ provider, model, weight }) => ({ target: `${provider}/${model}`, weight })),
      attempts_max: attemptsMax,
      timeout_ms: timeoutMs,
    })),
  ];
  return pageByName('routes', entries, ({ kind, name }) => `${kind} ${name}`, query);
}

export async function modelsAnswer(
  parts: AdminParts,
  { query }: Question<'list_models'>,
): Promise<Answer<'list_models'>> {
  const { provider, search, modality, operation } = query;
  const part = search?.toLowerCase();
  const wanted = (await parts.models()).filter(
    (model) =>
      (provider === undefined || model.provider === provider) &&
      (part === undefined || idOf(model).toLowerCase().includes(part)) &&
      (operation === undefined || model.operation === operation) &&
      (modality === undefined || model.input?.includes(modality) || model.output?.includes(modality)),
  );
  const { data, next_cursor } = pageByName('models', wanted, idOf, query);
  return { data: data.map(modelJson), next_cursor };
}

function idOf({ provider, model }: ModelFacts): string {
  return `${provider}/${model}`;
}

function modelJson(facts: ModelFacts): Answer<'list_models'>['data'][number] {
  return {
    id: idOf(facts),
    provider: facts.provider,
    model: facts.model,
    operation: facts.operation ?? null,
    modalities_in: facts.input === undefined ? null : [...facts.input],
    modalities_out: facts.output === undefined ? null : [...facts.output],
    context_window: facts.contextWindow ?? null,
    max_output_tokens: facts.maxOutputTokens ?? null,
    input_pico_usd: facts.inputPicoUsd?.toString() ?? null,
    cached_input_pico_usd: facts.cachedInputPicoUsd?.toString() ?? null,
    output_pico_usd: facts.outputPicoUsd?.toString() ?? null,
    deprecated_at: facts.deprecatedAt ?? null,
    origin: facts.origin,
  };
}
