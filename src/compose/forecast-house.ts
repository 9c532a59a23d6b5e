import type { Config, LoadedConfig, ProviderConfig } from '../config/config.ts';
import { presetOf } from '../config/presets.ts';
import type { SampleScale } from '../forecast/forecast-asked.ts';
import { scaledPolicies } from '../forecast/policy-scale.ts';
import type { HouseMaker, HouseParts } from '../forecast/setup.ts';
import type { TargetPolicies } from '../protocol/policy.ts';
import type { RoutableProvider, WeightedCredential } from '../routing/routing-table.ts';
import { SIM_MODELS } from '../sim/models.ts';
import { catalogPrices } from './catalog-prices.ts';
import { rulesOf } from './from-config.ts';
import type { ModelCatalog } from './model-catalog.ts';
import { withAgreements, withDeclared } from './price-book.ts';
import { routable, simProvider, timeoutsOf } from './providers.ts';
import { CALL_MS_MAX } from './serving.ts';
import { simulatedHouse } from './simulated-house.ts';
import { Weatherless } from './weatherless.ts';

/**
 * The gateway of a configuration for a simulation: its routes, policies,
 * prices and names of credentials. None of its secrets is looked at, and
 * nothing is fetched.
 *
 * @param used providers that calls may reach
 */
export function configuredHouse(
  loaded: LoadedConfig,
  used: ReadonlySet<string>,
  { catalog, scale }: { readonly catalog: ModelCatalog; readonly scale: SampleScale },
): HouseMaker {
  const scaled = { ...loaded, config: scaledConfig(loaded.config, scale) };
  return simulatedHouse((parts) => tableOf(scaled, used, catalog, parts), loaded.config.policies.global);
}

/** The first target of each route and nothing else: what an application has that calls one provider. */
export function loneHouse(loaded: LoadedConfig, used: ReadonlySet<string>, catalog: ModelCatalog): HouseMaker {
  const alone = { ...loaded, config: withoutFallback(loaded.config) };
  return simulatedHouse((parts) => tableOf(alone, used, catalog, parts), {}, Weatherless);
}

function tableOf(loaded: LoadedConfig, used: ReadonlySet<string>, catalog: ModelCatalog, parts: HouseParts) {
  const { config } = loaded;
  const providers = new Map<string, RoutableProvider>();
  for (const name of used) {
    const declared = config.providers.get(name);
    providers.set(
      name,
      declared === undefined
        ? simProvider(parts.transportOf(name), SIM_MODELS, parts.clock, config.prices)
        : forecastProvider(declared, config, catalog, parts),
    );
  }
  return { providers, aliases: config.aliases, totalMs: CALL_MS_MAX, ...rulesOf(loaded) };
}

function forecastProvider(
  provider: ProviderConfig,
  { prices }: Config,
  catalog: ModelCatalog,
  { clock, transportOf }: HouseParts,
): RoutableProvider {
  const { name, preset } = provider;
  const { vendors } = presetOf(preset);
  const listed = catalogPrices(() => catalog.get(), vendors, clock);
  return routable({
    name,
    transport: transportOf(name),
    clock,
    pathOf: (operationPath) => operationPath,
    nameOf: (model) => model,
    // The simulated provider counts for whoever asks it to, as each does in its own way.
    streamUsageOption: true,
    maxTokensField: provider.maxTokensField,
    onClientGone: provider.onClientGone,
    timeouts: timeoutsOf(provider),
    headers: [],
    credentials: namedCredentials(provider),
    sheetOf: withAgreements(name, withDeclared(provider, listed), prices, clock),
    limitsOf: (model) => catalog.get().find(vendors, model),
    models: [...provider.prices.keys()],
    answersBareNames: true,
  });
}

function namedCredentials({ credentials, tokens = [] }: ProviderConfig): WeightedCredential[] {
  return [...credentials, ...tokens].map(({ name, weight }) => ({
    weight,
    credential: { name, headers: ['authorization', `Bearer ${name}`], quotes: () => false },
  }));
}

function scaledConfig(config: Config, scale: SampleScale): Config {
  const of = (policies: TargetPolicies) => scaledPolicies(policies, scale);
  const { policies, providers, routes } = config;
  return {
    ...config,
    policies: { ...policies, target: of(policies.target) },
    providers: mapped(providers, (provider) => withPolicies(provider, of)),
    routes: mapped(routes, (route) => ({
      ...route,
      targets: route.targets.map((target) => withPolicies(target, of)),
      ...(route.targetPolicies === undefined ? {} : { targetPolicies: mapped(route.targetPolicies, of) }),
    })),
  };
}

function withPolicies<Place extends { readonly policies?: TargetPolicies }>(
  place: Place,
  of: (policies: TargetPolicies) => TargetPolicies,
): Place {
  return place.policies === undefined ? place : { ...place, policies: of(place.policies) };
}

function withoutFallback(config: Config): Config {
  const { providers, routes, policies } = config;
  const { coolDown } = policies.target;
  const bare = { route: { on: {}, degrade: [] }, target: { coolDown } };
  return {
    ...config,
    policies: { global: {}, ...bare },
    providers: mapped(providers, ({ policies: _, ...provider }) => provider),
    routes: mapped(routes, ({ targetPolicies: _, ...route }) => {
      const targets = route.targets.slice(0, 1).map(({ policies: __, ...target }) => target);
      return { ...route, targets, attemptsMax: 1, policies: bare.route };
    }),
  };
}

function mapped<Value>(map: ReadonlyMap<string, Value>, change: (value: Value) => Value): Map<string, Value> {
  return new Map([...map].map(([name, value]) => [name, change(value)]));
}
