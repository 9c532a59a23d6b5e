import { nano } from '../kernel/amounts.ts';
import { usdText } from '../kernel/usd-text.ts';
import type { BudgetConfig, Config, LoadedConfig, PriceRuleConfig, RouteConfig } from './config.ts';
import type { Json, JsonObject } from './plain-json.ts';
import {
  writtenAlternatives,
  writtenPolicies,
  writtenRouteSettings,
  writtenStep,
  writtenTargetPolicies,
} from './policy-print.ts';
import { Secret } from './secret.ts';
import { durationText, usdPerMillionText } from './units.ts';

/**
 * A configuration complete with its defaults, as JSON in the file's own words.
 * Each provider, route, alias and key says where it comes from in `origin`:
 * `file`, `environment`, `local-server` (found on a usual port) or `default`.
 */
export interface EffectiveConfig {
  readonly version: string;
  /** `null` where there is no file. */
  readonly path: string | null;
  readonly server: JsonObject;
  readonly providers: JsonObject;
  readonly aliases: JsonObject;
  readonly routes: JsonObject;
  readonly policies: JsonObject;
  readonly keys: JsonObject;
  readonly budgets: JsonObject;
  readonly prices: readonly JsonObject[];
  readonly money: JsonObject;
  readonly sim: JsonObject;
  readonly log: JsonObject;
  readonly store: JsonObject;
  readonly retention_days: number;
  readonly answer_retention_days: number;
  readonly usage_retention_days: number;
}

/** Everything that is in force, without a secret: each stands as `[secret]`, and a declared key's hash is left away. */
export function effectiveConfig({ config, version, path }: LoadedConfig): EffectiveConfig {
  const file = { origin: 'file' } as const;
  return {
    version,
    path: path ?? null,
    server: plainObject(config.server),
    providers: { sim: { preset: 'simulated', origin: 'default' }, ...providersOf(config) },
    aliases: entries(config.aliases, (target) => ({ target, ...file })),
    routes: entries(config.routes, (route) => ({ ...routeOf(route), ...file })),
    policies: writtenPolicies(config.policies),
    keys: entries(config.keys, ({ name: _, digest: __, expiresAt, ...key }) => ({
      ...plainObject(key),
      ...(expiresAt === undefined ? {} : { expires_at: new Date(expiresAt).toISOString() }),
      ...file,
    })),
    budgets: entries(config.budgets, budgetOf),
    prices: config.prices.map(priceRuleOf),
    money: { currency: 'USD', ...plainObject(config.money) },
    sim: plainObject(config.sim),
    log: plainObject(config.log),
    store: plainObject(config.store),
    retention_days: config.retentionDays,
    answer_retention_days: config.answerRetentionDays,
    usage_retention_days: config.usageRetentionDays,
  };
}

/** A key's own budget stands here with the key as its scope. */
function budgetOf({
  scope,
  each,
  period,
  timeZone,
  hardNanoUsd,
  softNanoUsd,
  credit,
  rates,
}: BudgetConfig): JsonObject {
  const usd = (amount: bigint | undefined) => (amount === undefined ? null : usdText(nano(amount)));
  return {
    scope: scope.kind === 'organisation' ? scope.kind : { [scope.kind]: scope.id },
    each: each ?? null,
    per: period,
    time_zone: timeZone,
    hard: usd(hardNanoUsd),
    soft: usd(softNanoUsd),
    credit,
    ...(rates === undefined
      ? {}
      : { rates: Object.fromEntries(rates.map(({ models, ratePpm }) => [models, rateText(ratePpm)])) }),
    origin: 'file',
  };
}

function priceRuleOf({ organisation, models, fromAt, price, times }: PriceRuleConfig): JsonObject {
  return {
    organisation: organisation ?? null,
    models,
    from: fromAt === undefined ? null : new Date(fromAt).toISOString(),
    ...(price === undefined ? {} : { price: plainObject(price) }),
    ...(times === undefined ? {} : { times: rateText(times.numerator) }),
  };
}

/** Millionths as a decimal: the inverse of how the file's are read. */
function rateText(ratePpm: bigint): string {
  return usdPerMillionText(ratePpm);
}

function providersOf(config: Config): JsonObject {
  return entries(config.providers, ({ name: _, policies, dialects, ...provider }) => ({
    ...plainObject(provider),
    dialect: [...dialects],
    ...(policies === undefined ? {} : { policies: writtenTargetPolicies(policies) }),
  }));
}

/** What a route says of its targets' policies stands at each of them. */
function routeOf({ name: _, targets, policies, targetPolicies, ...route }: RouteConfig): JsonObject {
  return {
    ...plainObject(route),
    targets: targets.map(({ policies: own, ...target }) => {
      const said = own ?? targetPolicies?.get(target.provider);
      return { ...plainObject(target), ...(said === undefined ? {} : { policies: writtenTargetPolicies(said) }) };
    }),
    policies: writtenRouteSettings(policies),
    on: writtenAlternatives(policies.on),
    degrade: policies.degrade.map(writtenStep),
  };
}

function entries<Value>(map: ReadonlyMap<string, Value>, render: (value: Value) => JsonObject): JsonObject {
  return Object.fromEntries([...map].map(([name, value]) => [name, render(value)]));
}

/** Our own objects, whose member names are ours to respell. */
function plainObject(value: object): JsonObject {
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== undefined)
      // What a price has beyond the usual is kept in the file's own words.
      .flatMap(([name, member]) => (name === 'more' ? Object.entries(member.written) : [respelled(name, member)])),
  );
}

/** `timeoutMs: 600000` is `timeout: 10m` in the file, and pico-USD per token are US dollars per million. */
function respelled(name: string, value: unknown): [string, Json] {
  if (name.endsWith('Ms') && typeof value === 'number') return [snakeCase(name.slice(0, -2)), durationText(value)];
  if (name.endsWith('PicoUsd') && typeof value === 'bigint') {
    return [`${snakeCase(name.slice(0, -7))}_usd_per_million`, usdPerMillionText(value)];
  }
  return [snakeCase(name), plain(value)];
}

function plain(value: unknown): Json {
  if (value instanceof Secret || typeof value === 'bigint') return value.toString();
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    return value;
  }
  if (Array.isArray(value)) return value.map(plain);
  // A map's names come from outside: they stay as they are.
  if (value instanceof Map)
    return Object.fromEntries([...value].map(([name, member]) => [String(name), plain(member)]));
  if (value instanceof Set) return [...value].map(plain);
  return typeof value === 'object' ? plainObject(value) : null;
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
