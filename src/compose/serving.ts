import { DeclaredKeys } from '../access/declared-keys.ts';
import type { LoadedConfig } from '../config/config.ts';
import type { ListedModel } from '../edge/http/listed-models.ts';
import type { Caller } from '../exchange/call.ts';
import { AddressSet } from '../kernel/address-set.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Random } from '../kernel/random.ts';
import { Router } from '../routing/router.ts';
import { cheapestCall } from './cheapest-call.ts';
import { checkDeclaredCaps, declaredBudgets } from './declared-budgets.ts';
import type { FoundProviders } from './find-providers.ts';
import { allowedHosts, providerRecipes, rulesOf } from './from-config.ts';
import { listenRefusal } from './listen-refusal.ts';
import type { ModelCatalog } from './model-catalog.ts';
import { modelList } from './model-list.ts';
import { type NextPool, nextPool, type ProviderPool } from './provider-pool.ts';
import { translatedInto } from './translations.ts';

/** A call whose route says nothing ends after this, in milliseconds. */
export const CALL_MS_MAX = 900_000;

/** What one version of the configuration amounts to. It never changes: a reload makes another one. */
export interface Serving {
  readonly loaded: LoadedConfig;
  readonly pool: ProviderPool;
  readonly router: Router;
  /** `provider/model` of all that the configuration names or a provider is known to have. */
  readonly knownTargets: ReadonlySet<string>;
  /** What a call's record names; a call takes both at its beginning. */
  readonly versions: { readonly config: string; readonly prices: string };
  readonly keys: DeclaredKeys;
  readonly allowedHosts: ReadonlySet<string> | undefined;
  /** Absent while the connection alone says where a call comes from. */
  readonly trustedProxies: AddressSet | undefined;
  /** Who calls without a key, where the configuration lets anybody. */
  readonly anonymous: Caller | undefined;
}

export interface ServingParts {
  readonly found: FoundProviders;
  readonly clock: Clock;
  readonly random: Random;
  readonly tenant: { readonly organisation: string; readonly project: string };
  readonly catalog: ModelCatalog;
}

/**
 * Makes what a configuration says, keeping the providers of the previous one
 * that it does not change.
 *
 * @throws when a provider cannot be made, a cap pays for no call, or the door would stand open; nothing is left behind
 */
export function servingOf(
  loaded: LoadedConfig,
  previous: ProviderPool,
  parts: ServingParts,
): { readonly serving: Serving; readonly change: NextPool } {
  const { found, clock, random, tenant, catalog } = parts;
  const { config } = loaded;
  const refusal = listenRefusal(config.server);
  if (refusal !== undefined) throw refusal;
  const path = loaded.path ?? 'leeward.yaml';
  const keys = new DeclaredKeys(config.keys.values(), { path, loadedAt: clock.now(), tenant });
  let models: readonly ListedModel[] | undefined;
  checkDeclaredCaps(declaredBudgets(loaded, tenant.organisation), ({ id }) => {
    models ??= modelList({ loaded, found, catalog: catalog.get(), at: clock.now() });
    return cheapestCall(models, keys.byId(id)?.allowances);
  });
  const change = nextPool(previous, providerRecipes(loaded, found, clock, catalog));
  const providers = new Map([...change.pool].map(([name, { provider }]) => [name, provider]));
  const table = {
    providers,
    aliases: config.aliases,
    totalMs: CALL_MS_MAX,
    translates: translatedInto,
    ...rulesOf(loaded),
  };
  const router = new Router(table, random);
  let known: ReadonlySet<string> | undefined;
  const serving: Serving = {
    loaded,
    pool: change.pool,
    router,
    get knownTargets() {
      known ??= knownTargets(loaded, router);
      return known;
    },
    versions: {
      config: loaded.version,
      get prices() {
        return catalog.version;
      },
    },
    keys,
    allowedHosts: allowedHosts(config.server),
    trustedProxies:
      config.server.trustedProxies.length === 0 ? undefined : new AddressSet(config.server.trustedProxies),
    anonymous: config.server.auth === 'none' ? { ...tenant, keyId: 'anonymous' } : undefined,
  };
  return { serving, change };
}

/** Asked at a scrape, so that no start waits for it. */
function knownTargets({ config }: LoadedConfig, router: Router): ReadonlySet<string> {
  const routed = [...config.routes.values()].flatMap(({ targets }) =>
    targets.map(({ provider, model }) => `${provider}/${model}`),
  );
  return new Set([...router.models().map(({ id }) => id), ...config.aliases.values(), ...routed]);
}

/** How long a call that began under a configuration can last, in milliseconds. */
export function callMsMax({ config }: LoadedConfig): number {
  let longest = CALL_MS_MAX;
  for (const { timeoutMs } of config.routes.values()) longest = Math.max(longest, timeoutMs);
  return longest;
}
