import type { AdminParts } from '../admin-parts.ts';
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
