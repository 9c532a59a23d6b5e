import type { Config, LoadedConfig, RouteConfig } from '../config/config.ts';
import { presetOf } from '../config/presets.ts';
import type { ForecastTarget } from '../forecast/weather-windows.ts';
import type { Clock } from '../kernel/clock.ts';
import { GatewayError } from '../kernel/errors.ts';
import { nearest } from '../kernel/nearest.ts';
import { tierOf } from '../money/plan/plan-prices.ts';
import { SIM_MODELS } from '../sim/models.ts';
import { catalogPrices } from './catalog-prices.ts';
import type { ModelCatalog } from './model-catalog.ts';
import type { SheetsOf } from './price-book.ts';
import { declaredSheet, withDeclared } from './price-book.ts';

const SIM = 'sim';

/** Every target that calls for these names may go to, alternatives and degraded ones included; each once. */
export function targetsOf(config: Config, names: readonly string[]): readonly ForecastTarget[] {
  const found = new Map<string, ForecastTarget>();
  const add = (name: string) => {
    const [provider = '', ...model] = name.split('/');
    found.set(name, { provider, model: model.join('/') });
  };
  for (const name of names) for (const target of reachedBy(config, name)) add(target);
  return [...found.values()];
}

/** What traffic calls for that names no model: every route. @throws `no_route` where there is none */
export function modelsCalled({ config, path }: LoadedConfig): readonly string[] {
  if (config.routes.size > 0) return [...config.routes.keys()].map((name) => `route/${name}`);
  const file = path ?? 'the configuration';
  throw new GatewayError('no_route', {
    message: `${file} has no route that the traffic could call; declare one, or name models in the traffic's "calls"`,
  });
}

function reachedBy(config: Config, asked: string): readonly string[] {
  const name = config.aliases.get(asked) ?? asked;
  if (name.startsWith('route/')) {
    const route = config.routes.get(name.slice('route/'.length));
    if (route === undefined) throw unknown(config, asked);
    return routeTargets(route);
  }
  const slash = name.indexOf('/');
  if (slash > 0) {
    const provider = name.slice(0, slash);
    if (provider !== SIM && !config.providers.has(provider)) throw unknown(config, asked);
    return [name];
  }
  const [only, ...others] = config.providers.keys();
  if (only === undefined || others.length > 0) throw unknown(config, asked);
  return [`${only}/${name}`];
}

function routeTargets({ targets, policies: { on, degrade } }: RouteConfig): readonly string[] {
  return [
    ...targets.map(({ provider, model }) => `${provider}/${model}`),
    ...(on.contextLength ?? []),
    ...(on.contentPolicy ?? []),
    ...(on.budget ?? []),
    ...degrade.flatMap((step) => (step.kind === 'target' ? [step.target] : [])),
  ];
}

function unknown(config: Config, asked: string): GatewayError {
  const known = [...[...config.routes.keys()].map((name) => `route/${name}`), ...config.aliases.keys()];
  const guess = nearest(asked, known);
  const next = guess === undefined ? 'name a route, an alias or provider/model of it' : `did you mean ${guess}?`;
  return new GatewayError('no_route', {
    message: `the traffic calls for ${JSON.stringify(asked)}, which the configuration does not have; ${next}`,
  });
}

/** The tier of a target's price as `leeward plan` has it; `undefined` where no price is known. */
export function tiersOf(
  { providers }: Config,
  catalog: ModelCatalog,
  clock: Clock,
): (target: ForecastTarget) => string | undefined {
  const sheets = new Map<string, SheetsOf>();
  const sim = new Map(SIM_MODELS.map(({ id, prices }) => [id, declaredSheet(prices)]));
  const sheetsOf = (name: string): SheetsOf => {
    const provider = providers.get(name);
    if (provider === undefined) return (model) => sim.get(model);
    return withDeclared(
      provider,
      catalogPrices(() => catalog.get(), presetOf(provider.preset).vendors, clock),
    );
  };
  return ({ provider, model }) => {
    const of = sheets.get(provider) ?? sheetsOf(provider);
    sheets.set(provider, of);
    const output = of(model)?.tokens.output;
    return output?.per === 1n ? tierOf({ outputPicoUsd: output.picoUsd }) : undefined;
  };
}
