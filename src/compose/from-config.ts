import type { ProviderState } from '../admin/page/page-data.ts';
import type { LoadedConfig, ServerConfig } from '../config/config.ts';
import { isLoopbackHost } from '../config/loopback.ts';
import { presetOf } from '../config/presets.ts';
import type { Clock } from '../kernel/clock.ts';
import type { RouteRule } from '../routing/router.ts';
import { SIM_MODELS } from '../sim/models.ts';
import { Simulator } from '../sim/simulator.ts';
import { simTransport } from '../sim/transport.ts';
import { catalogPrices } from './catalog-prices.ts';
import type { FoundProviders } from './find-providers.ts';
import type { ModelCatalog } from './model-catalog.ts';
import { fingerprintOf, type ProviderRecipe, providerFingerprint } from './provider-pool.ts';
import { type CatalogFacts, openAiProvider, simProvider } from './providers.ts';

/** Every provider that a call can name: the simulated one, those of the file, and those that were found. */
export function providerRecipes(
  { config }: LoadedConfig,
  found: FoundProviders,
  clock: Clock,
  catalog: ModelCatalog,
): Map<string, ProviderRecipe> {
  const recipes = new Map<string, ProviderRecipe>();
  recipes.set('sim', {
    fingerprint: fingerprintOf([config.sim, config.prices]),
    make() {
      const simulator = new Simulator({ seed: config.sim.seed, clock, faults: config.sim.faults });
      return simProvider(simTransport(simulator, clock), SIM_MODELS, clock, config.prices);
    },
  });
  for (const [name, provider] of config.providers) {
    recipes.set(name, {
      fingerprint: fingerprintOf([providerFingerprint(provider), config.prices]),
      make: () => {
        const { vendors } = presetOf(provider.preset);
        const sheetOf = catalogPrices(() => catalog.get(), vendors, clock);
        const limitsOf: CatalogFacts['limitsOf'] = (model) => catalog.get().find(vendors, model);
        return openAiProvider(provider, clock, found.modelsOf(name), { sheetOf, limitsOf }, config.prices);
      },
    });
  }
  return recipes;
}

/** What is known of each provider before the first call. */
export function statesOf(loaded: LoadedConfig, found: FoundProviders): ProviderState[] {
  const states: ProviderState[] = [
    { name: 'sim', preset: 'simulated', source: 'always on', state: 'ok', models: SIM_MODELS.length },
  ];
  for (const [name, provider] of loaded.config.providers) {
    const models = found.modelsOf(name).length;
    states.push({
      name,
      preset: provider.preset,
      baseUrl: provider.baseUrl,
      source: found.sourceOf(name) ?? loaded.path ?? 'configuration',
      state: models > 0 ? 'ok' : 'unchecked',
      ...(models > 0 ? { models } : {}),
    });
  }
  return states;
}

export function routesOf({ config }: LoadedConfig): Map<string, RouteRule> {
  return new Map(
    [...config.routes].map(([name, route]) => [
      name,
      {
        strategy: route.strategy,
        attemptsMax: route.attemptsMax,
        totalMs: route.timeoutMs,
        targets: route.targets.map(({ provider, model, weight }) => ({ target: `${provider}/${model}`, weight })),
      },
    ]),
  );
}

/** Loopback names always; with other names configured those too; on a public address the network decides. */
export function allowedHosts(server: ServerConfig): ReadonlySet<string> | undefined {
  if (!isLoopbackHost(server.host) && server.allowedHosts.length === 0) return undefined;
  return new Set(['127.0.0.1', 'localhost', '[::1]', server.host.toLowerCase(), ...server.allowedHosts]);
}
