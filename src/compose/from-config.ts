import type { ProviderState } from '../admin/page/page-data.ts';
import type { LoadedConfig, RouteConfig, ServerConfig } from '../config/config.ts';
import { isLoopbackHost } from '../config/loopback.ts';
import { presetOf } from '../config/presets.ts';
import type { Clock } from '../kernel/clock.ts';
import type { RouteRule, RoutingTable } from '../routing/routing-table.ts';
import { SIM_MODELS } from '../sim/models.ts';
import { Simulator } from '../sim/simulator.ts';
import { simTransport } from '../sim/transport.ts';
import { catalogPrices } from './catalog-prices.ts';
import type { FoundProviders } from './find-providers.ts';
import type { ModelCatalog } from './model-catalog.ts';
import { fingerprintOf, type ProviderRecipe, providerFingerprint } from './provider-pool.ts';
import { type CatalogFacts, openAiProvider, simProvider, timeoutsOf } from './providers.ts';

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

/** The routes, and the policies for what they say nothing of. */
export function rulesOf({
  config,
}: LoadedConfig): Pick<RoutingTable, 'routes' | 'routePolicies' | 'targetPolicies' | 'providerPolicies'> {
  const { policies } = config;
  return {
    routes: new Map([...config.routes].map(([name, route]) => [name, ruleOf(route, config.providers)])),
    routePolicies: policies.route,
    targetPolicies: policies.target,
    providerPolicies: new Map(
      [...config.providers].flatMap(([name, { policies: own }]) => (own === undefined ? [] : [[name, own]])),
    ),
  };
}

function ruleOf(
  { strategy, attemptsMax, timeoutMs, targets, policies, targetPolicies }: RouteConfig,
  providers: LoadedConfig['config']['providers'],
): RouteRule {
  return {
    strategy,
    attemptsMax,
    totalMs: timeoutMs,
    targets: targets.map(({ provider, model, weight, policies: own, timeouts }) => ({
      target: `${provider}/${model}`,
      weight,
      ...(own === undefined ? {} : { policies: own }),
      ...(timeouts === undefined
        ? {}
        : { timeouts: timeoutsOf({ timeouts: { ...providers.get(provider)?.timeouts, ...timeouts } }) }),
    })),
    policies,
    ...(targetPolicies === undefined ? {} : { targetPolicies }),
  };
}

/** Loopback names always; with other names configured those too; on a public address the network decides. */
export function allowedHosts(server: ServerConfig): ReadonlySet<string> | undefined {
  if (!isLoopbackHost(server.host) && server.allowedHosts.length === 0) return undefined;
  return new Set(['127.0.0.1', 'localhost', '[::1]', server.host.toLowerCase(), ...server.allowedHosts]);
}
