import { type Catalog, quote } from '../catalog/catalog.ts';
import type { CatalogModel } from '../catalog/model.ts';
import type { LoadedConfig, ModelPrice, ProviderConfig } from '../config/config.ts';
import { presetOf } from '../config/presets.ts';
import type { ListedModel } from '../edge/http/listed-models.ts';
import { DESCRIPTORS } from '../exchange/operations.ts';
import { SIM_MODELS } from '../sim/models.ts';
import type { FoundProviders } from './find-providers.ts';

export interface ModelListParts {
  readonly loaded: LoadedConfig;
  readonly found: FoundProviders;
  readonly catalog: Catalog;
  /** Milliseconds since the epoch: prices change. */
  readonly at: number;
}

/**
 * Every name that a client can send as `model`: aliases, routes, the simulated
 * models, and per provider those that its configuration names, that it has
 * said it has, and that the catalogue knows its vendor to sell and this gateway
 * can serve.
 */
export function modelList(parts: ModelListParts): ListedModel[] {
  const { config } = parts.loaded;
  const own = [
    ...simModels(),
    ...[...config.providers.values()].flatMap((provider) => providerModels(provider, parts)),
  ];
  const byId = new Map(own.map((model) => [model.id, model]));
  return [
    ...[...config.aliases].map(([id, target]) => aliasModel(id, byId.get(target))),
    ...[...config.routes.keys()].map((name) => ({ id: `route/${name}`, ownedBy: 'route', origin: 'route' as const })),
    ...own,
  ];
}

function aliasModel(id: string, target: ListedModel | undefined): ListedModel {
  return { ...target, id, ownedBy: 'alias', origin: 'alias' };
}

function simModels(): ListedModel[] {
  return SIM_MODELS.map((model) => ({
    id: `sim/${model.id}`,
    ownedBy: 'sim',
    origin: 'simulated',
    provider: 'sim',
    facts: {
      operation: model.kind === 'chat' ? 'chat' : 'embed',
      contextWindow: model.contextTokensMax,
      ...(model.kind === 'chat' ? { maxOutputTokens: model.outputTokensMax } : {}),
      input: ['text'],
      output: ['text'],
    },
    price: model.prices,
    priceSource: 'simulated',
  }));
}

function providerModels(provider: ProviderConfig, { found, catalog, at }: ModelListParts): ListedModel[] {
  const { vendors, listsCatalog } = presetOf(provider.preset);
  const known = listsCatalog ? vendors.slice(0, 1).flatMap((vendor) => servable(catalog.models(vendor))) : [];
  const origins = new Map<string, 'configured' | 'found' | 'catalog'>([
    ...known.map(({ id }) => [id, 'catalog'] as const),
    ...found.modelsOf(provider.name).map((id) => [id, 'found'] as const),
    ...[...provider.prices.keys(), ...(provider.deployments?.keys() ?? [])].map((id) => [id, 'configured'] as const),
  ]);
  return [...origins].map(([id, origin]) => {
    const facts = catalog.find(vendors, id);
    const { name } = provider;
    return { id: `${name}/${id}`, ownedBy: name, provider: name, origin, ...factsOf(facts), ...priceOf(id, facts) };
  });

  function priceOf(id: string, facts: CatalogModel | undefined): Pick<ListedModel, 'price' | 'priceSource'> {
    const declared: ModelPrice | undefined = provider.prices.get(id) ?? provider.defaultPrice;
    if (declared !== undefined) return { price: declared, priceSource: 'configuration' };
    const price = facts && quote(facts, { at, inputTokens: 0 });
    return price === undefined ? {} : { price, priceSource: catalog.header.version };
  }
}

/** The catalogue also knows models whose operations cannot be called here yet. */
function servable(models: readonly CatalogModel[]): CatalogModel[] {
  return models.filter(({ operation }) => operation !== undefined && DESCRIPTORS[operation] !== undefined);
}

function factsOf(model: CatalogModel | undefined): Pick<ListedModel, 'facts'> {
  if (model === undefined) return {};
  const { vendor: _, id: __, prices: ___, match: ____, ...facts } = model;
  return { facts };
}
