import { GatewayError } from '../kernel/errors.ts';
import { nearest } from '../kernel/nearest.ts';
import type { Random } from '../kernel/random.ts';
import { type Allowance, DIRECT, modelRefusal, routeRefusal } from '../protocol/allowance.ts';
import type { Dialect } from '../protocol/operation.ts';
import type { Credential, Plan, PlannedTarget, ProviderHandle } from './target.ts';
import { weightedOrder } from './weighted-order.ts';

/** A provider and the keys we have for it; no key at all is fine for a local one. */
export interface RoutableProvider {
  readonly handle: ProviderHandle;
  readonly credentials: readonly WeightedCredential[];
  /** Models known to be there; others are tried all the same. */
  readonly models: readonly string[];
  /** False for the simulated provider, which must be named in full. */
  readonly answersBareNames: boolean;
}

export interface WeightedCredential {
  readonly credential: Credential;
  readonly weight: number;
}

export interface RouteRule {
  readonly strategy: 'fallback' | 'weighted';
  readonly targets: readonly { readonly target: string; readonly weight: number }[];
  readonly attemptsMax: number;
  readonly totalMs: number;
}

export interface RoutingTable {
  readonly providers: ReadonlyMap<string, RoutableProvider>;
  /** Alias to `provider/model`, `route/<name>` or another alias. */
  readonly aliases: ReadonlyMap<string, string>;
  readonly routes: ReadonlyMap<string, RouteRule>;
  readonly totalMs: number;
}

export interface PlanRequest {
  readonly model: string;
  readonly dialect: Dialect;
  /** A route asked for by header wins over the model's own. */
  readonly route?: string;
  readonly attemptsMax?: number;
  readonly timeoutMs?: number;
  /** What the caller's key and its parents may reach. Absent: everything. */
  readonly allowances?: readonly Allowance[];
}

/** At most three attempts in all: more only feeds an outage. */
export const ATTEMPTS_MAX = 3;
const ALIAS_DEPTH_MAX = 8;
/** Of a key's rule, in a refusal. */
const NAMES_SHOWN_MAX = 20;

/** Turns a model string into the targets to try, in order. */
export class Router {
  readonly #table: RoutingTable;
  readonly #random: Random;
  /** A bare model name, as an unchanged application sends it, has one meaning only while there is one real provider. */
  readonly #onlyProvider: RoutableProvider | undefined;

  constructor(table: RoutingTable, random: Random) {
    this.#table = table;
    this.#random = random;
    const candidates = [...table.providers.values()].filter((provider) => provider.answersBareNames);
    this.#onlyProvider = candidates.length === 1 ? candidates[0] : undefined;
  }

  /**
   * @throws `no_route` when no target can take the call, with the nearest known name;
   *   `forbidden` when the caller may not take this way, or reach none of its targets
   */
  plan(request: PlanRequest): Plan {
    const asked = request.route === undefined ? request.model : `route/${request.route}`;
    const { name, via } = this.#resolveAlias(asked);
    const rule = name.startsWith('route/') ? this.#route(name.slice('route/'.length), asked) : undefined;
    const { allowances } = request;
    if (allowances !== undefined) checkWay(allowances, waysOf(name, via));
    const planned =
      rule === undefined ? this.#direct(name, via, request.dialect) : this.#ruled(rule, name, request.dialect);
    if (planned.length === 0) throw noDialect(asked, request.dialect);
    return {
      route: rule === undefined ? (via ?? DIRECT) : name.slice('route/'.length),
      targets: allowances === undefined ? planned : allowedTargets(planned, allowances),
      attemptsMax: Math.min(request.attemptsMax ?? ATTEMPTS_MAX, rule?.attemptsMax ?? ATTEMPTS_MAX, ATTEMPTS_MAX),
      totalMs: Math.min(request.timeoutMs ?? Number.POSITIVE_INFINITY, rule?.totalMs ?? this.#table.totalMs),
    };
  }

  /** Every name a client can use, as `GET /v1/models` lists them. */
  models(): { readonly id: string; readonly ownedBy: string }[] {
    const { aliases, routes, providers } = this.#table;
    return [
      ...[...aliases.keys()].map((id) => ({ id, ownedBy: 'alias' })),
      ...[...routes.keys()].map((name) => ({ id: `route/${name}`, ownedBy: 'route' })),
      ...[...providers].flatMap(([provider, { models }]) =>
        models.map((model) => ({ id: `${provider}/${model}`, ownedBy: provider })),
      ),
    ];
  }

  /** Whether a caller may use a name that {@link models} lists: its way is open, and at least one target. */
  permits(listed: string, allowances: readonly Allowance[]): boolean {
    const { name, via } = this.#resolveAlias(listed);
    if (routeRefusal(allowances, waysOf(name, via)) !== undefined) return false;
    const rule = name.startsWith('route/') ? this.#table.routes.get(name.slice('route/'.length)) : undefined;
    const targets = rule === undefined ? [name] : rule.targets.map(({ target }) => target);
    return targets.some((target) => {
      const slash = target.indexOf('/');
      return modelRefusal(allowances, target.slice(0, slash), target.slice(slash + 1)) === undefined;
    });
  }

  #resolveAlias(asked: string): { name: string; via: string | undefined } {
    let name = asked;
    for (let depth = 0; depth < ALIAS_DEPTH_MAX; depth++) {
      const next = this.#table.aliases.get(name);
      if (next === undefined) return { name, via: depth === 0 ? undefined : asked };
      name = next;
    }
    throw new GatewayError('no_route', {
      message: `The alias '${shown(asked)}' leads in a circle; mend it in leeward.yaml.`,
      param: 'model',
    });
  }

  #route(name: string, asked: string): RouteRule {
    const rule = this.#table.routes.get(name);
    if (rule !== undefined) return rule;
    const close = nearest(name, this.#table.routes.keys());
    const hint = close === undefined ? '' : ` Did you mean 'route/${close}'?`;
    throw new GatewayError('no_route', {
      message: `There is no route '${shown(asked)}' here.${hint} GET /v1/models lists what there is.`,
      param: 'model',
    });
  }

  #direct(name: string, via: string | undefined, dialect: Dialect): PlannedTarget[] {
    const found = this.#target(name, dialect);
    const why = via === undefined ? `asked for ${shown(name)}` : `alias ${via} is ${shown(name)}`;
    return this.#withCredentials(found, why);
  }

  #ruled(rule: RouteRule, name: string, dialect: Dialect): PlannedTarget[] {
    const ordered =
      rule.strategy === 'weighted'
        ? weightedOrder(rule.targets, (target) => target.weight, this.#random)
        : rule.targets;
    return ordered.flatMap(({ target }, index) => {
      const place = `${rule.strategy} ${index + 1} of ${ordered.length}`;
      return this.#withCredentials(this.#target(target, dialect), `${name}: ${place}`);
    });
  }

  #target(name: string, dialect: Dialect): { provider: RoutableProvider; model: string } | undefined {
    const slash = name.indexOf('/');
    const provider = slash > 0 ? this.#table.providers.get(name.slice(0, slash)) : this.#onlyProvider;
    if (provider === undefined) throw this.#unknownModel(name);
    const model = slash > 0 ? name.slice(slash + 1) : name;
    if (model === '') throw this.#unknownModel(name);
    return provider.handle.dialects.has(dialect) ? { provider, model } : undefined;
  }

  #withCredentials(found: { provider: RoutableProvider; model: string } | undefined, reason: string): PlannedTarget[] {
    if (found === undefined) return [];
    const { provider, model } = found;
    if (provider.credentials.length < 2) {
      return [{ provider: provider.handle, model, credential: provider.credentials[0]?.credential, reason }];
    }
    const ordered = weightedOrder(provider.credentials, (credential) => credential.weight, this.#random);
    return ordered.map(({ credential }, index) => ({
      provider: provider.handle,
      model,
      credential,
      reason: index === 0 ? reason : `${reason}, credential ${credential.name}`,
    }));
  }

  #unknownModel(name: string): GatewayError {
    const known = this.models().map((model) => model.id);
    const close = nearest(name, known);
    const hint = close === undefined ? '' : ` Did you mean '${close}'?`;
    return new GatewayError('no_route', {
      message: `No provider here answers to the model '${shown(name)}'.${hint} Write it as provider/model; GET /v1/models lists what there is.`,
      param: 'model',
    });
  }
}

/** What the way of a call is called: the alias that was asked for and the route it leads to, or that there is none. */
function waysOf(name: string, via: string | undefined): string[] {
  const route = name.startsWith('route/') ? [name.slice('route/'.length)] : [];
  const ways = via === undefined ? route : [via, ...route];
  return ways.length === 0 ? [DIRECT] : ways;
}

function checkWay(allowances: readonly Allowance[], ways: readonly string[]): void {
  const allowed = routeRefusal(allowances, ways);
  if (allowed === undefined) return;
  const [way = DIRECT] = ways;
  const what = way === DIRECT ? 'name a model of a provider itself' : `use the route ${shown(way)}`;
  throw new GatewayError('forbidden', {
    message: `This key may not ${what}. Its routes are ${listed(allowed)}.`,
    param: 'model',
  });
}

/** Targets that the caller may not reach are left out, and the first that stays says so. */
function allowedTargets(planned: readonly PlannedTarget[], allowances: readonly Allowance[]): PlannedTarget[] {
  const barred = new Map<string, readonly string[]>();
  const allowed = planned.filter(({ provider, model }) => {
    const refusal = modelRefusal(allowances, provider.name, model);
    if (refusal !== undefined) barred.set(`${provider.name}/${model}`, refusal);
    return refusal === undefined;
  });
  const [first, ...others] = allowed;
  const [name, rule = []] = [...barred][0] ?? [];
  if (name === undefined) return allowed;
  if (first !== undefined) {
    const more = barred.size === 1 ? '' : ` and ${barred.size - 1} more`;
    return [{ ...first, reason: `${first.reason}, ${shown(name)}${more} not allowed for this key` }, ...others];
  }
  throw new GatewayError('forbidden', {
    message: `This key may not use ${shown(name)}. Its models are ${listed(rule)}.`,
    param: 'model',
  });
}

function listed(patterns: readonly string[]): string {
  const named = patterns.slice(0, NAMES_SHOWN_MAX).join(', ');
  return patterns.length > NAMES_SHOWN_MAX ? `${named} and ${patterns.length - NAMES_SHOWN_MAX} more` : named;
}

function noDialect(asked: string, dialect: Dialect): GatewayError {
  return new GatewayError('no_route', {
    message: `No target of '${shown(asked)}' speaks ${dialect}, and translating to another dialect is not built yet.`,
    param: 'model',
  });
}

function shown(name: string): string {
  return name.length > 120 ? `${name.slice(0, 120)}…` : name;
}
