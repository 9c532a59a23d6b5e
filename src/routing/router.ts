import { GatewayError } from '../kernel/errors.ts';
import { nearest } from '../kernel/nearest.ts';
import type { Random } from '../kernel/random.ts';
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
}

/** At most three attempts in all: more only feeds an outage. */
export const ATTEMPTS_MAX = 3;
const ALIAS_DEPTH_MAX = 8;

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

  /** @throws `no_route` when no target can take the call, with the nearest known name */
  plan(request: PlanRequest): Plan {
    const asked = request.route === undefined ? request.model : `route/${request.route}`;
    const { name, via } = this.#resolveAlias(asked);
    const rule = name.startsWith('route/') ? this.#route(name.slice('route/'.length), asked) : undefined;
    const planned =
      rule === undefined ? this.#direct(name, via, request.dialect) : this.#ruled(rule, name, request.dialect);
    if (planned.length === 0) throw noDialect(asked, request.dialect);
    return {
      route: rule === undefined ? (via ?? 'direct') : name.slice('route/'.length),
      targets: planned,
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

function noDialect(asked: string, dialect: Dialect): GatewayError {
  return new GatewayError('no_route', {
    message: `No target of '${shown(asked)}' speaks ${dialect}, and translating to another dialect is not built yet.`,
    param: 'model',
  });
}

function shown(name: string): string {
  return name.length > 120 ? `${name.slice(0, 120)}…` : name;
}
