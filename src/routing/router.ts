import { GatewayError } from '../kernel/errors.ts';
import { nearest } from '../kernel/nearest.ts';
import type { Random } from '../kernel/random.ts';
import { type Allowance, DIRECT, modelRefusal, routeRefusal } from '../protocol/allowance.ts';
import type { Dialect } from '../protocol/operation.ts';
import { DEFAULT_ROUTE_POLICIES, type RoutePolicies } from '../protocol/policy.ts';
import { plannedAlternatives, saysNothing } from './alternatives.ts';
import { plannedTargets, RuleStops, type Stop, stopOf } from './route-stops.ts';
import type { RoutableProvider, RouteRule, RoutingTable, RuleTarget } from './routing-table.ts';
import type { Alternatives, Plan, PlannedTarget } from './target.ts';

export type { RoutableProvider, RouteRule, RoutingTable, WeightedCredential } from './routing-table.ts';

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
/** Names of models are callers' to make up, where their provider takes any: beyond this they are forgotten. */
const DIRECTS_MAX = 1_000;
/** Of a key's rule, in a refusal. */
const NAMES_SHOWN_MAX = 20;

/** Turns a model string into the targets to try, in order. */
export class Router {
  readonly #table: RoutingTable;
  readonly #random: Random;
  /** Those that a bare model name, as an unchanged application sends it, may mean. */
  readonly #answeringBare: readonly RoutableProvider[];
  readonly #policies: RoutePolicies;
  /** Made when a rule is first used: of a thousand routes few are. */
  readonly #stops = new Map<RouteRule, Map<Dialect, RuleStops>>();
  /** What a name without a route leads to, by the name as it was asked for, where it is the same for every call. */
  readonly #directs = new Map<Dialect, Map<string, readonly PlannedTarget[]>>();

  constructor(table: RoutingTable, random: Random) {
    this.#table = table;
    this.#random = random;
    this.#policies = table.routePolicies ?? DEFAULT_ROUTE_POLICIES;
    this.#answeringBare = [...table.providers.values()].filter((provider) => provider.answersBareNames);
  }

  /**
   * @throws `no_route` when no target can take the call, with the nearest known name;
   *   `forbidden` when the caller may not take this way, or reach none of its targets
   */
  plan(request: PlanRequest): Plan {
    const asked = request.route === undefined ? request.model : `route/${request.route}`;
    const { name, via } = this.#resolveAlias(asked);
    const rule = name.startsWith('route/') ? this.#route(name.slice('route/'.length), asked) : undefined;
    const { allowances, dialect } = request;
    if (allowances !== undefined) checkWay(allowances, waysOf(name, via));
    const planned = rule === undefined ? this.#direct(name, via, dialect) : this.#ruled(rule, name, dialect);
    if (planned.length === 0) throw noDialect(asked, dialect);
    const plan: Plan = {
      route: rule === undefined ? (via ?? DIRECT) : name.slice('route/'.length),
      targets: allowances === undefined ? planned : allowedTargets(planned, allowances),
      attemptsMax: Math.min(request.attemptsMax ?? ATTEMPTS_MAX, rule?.attemptsMax ?? ATTEMPTS_MAX, ATTEMPTS_MAX),
      totalMs: Math.min(request.timeoutMs ?? Number.POSITIVE_INFINITY, rule?.totalMs ?? this.#table.totalMs),
      policies: rule?.policies ?? this.#policies,
    };
    return saysNothing(plan.policies) ? plan : this.#withAlternatives(plan, rule, name, request);
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

  #direct(name: string, via: string | undefined, dialect: Dialect): readonly PlannedTarget[] {
    const asked = via ?? name;
    const known = this.#directs.get(dialect)?.get(asked);
    if (known !== undefined) return known;
    const stop = this.#stop({ target: name }, dialect);
    if (stop === undefined) return [];
    const why = via === undefined ? `asked for ${shown(name)}` : `alias ${via} is ${shown(name)}`;
    const planned = plannedTargets(stop, why, this.#random);
    // Whose a bare name is may change with the catalogue, and one of several credentials is drawn for each call.
    if (name.includes('/') && planned.length === 1) this.#keepDirect(dialect, asked, planned);
    return planned;
  }

  #keepDirect(dialect: Dialect, asked: string, planned: readonly PlannedTarget[]): void {
    const kept = this.#directs.get(dialect) ?? new Map<string, readonly PlannedTarget[]>();
    if (kept.size >= DIRECTS_MAX) kept.clear();
    this.#directs.set(dialect, kept.set(asked, planned));
  }

  #ruled(rule: RouteRule, name: string, dialect: Dialect): readonly PlannedTarget[] {
    const byDialect = this.#stops.get(rule) ?? new Map<Dialect, RuleStops>();
    const made = byDialect.get(dialect);
    if (made !== undefined) return made.planned();
    const places = rule.targets.map((target) => this.#stop(target, dialect, rule));
    const stops = new RuleStops(name, rule.strategy, places, this.#random);
    this.#stops.set(rule, byDialect.set(dialect, stops));
    return stops.planned();
  }

  /** Most calls never ask for them, so they are worked out for one that does. */
  #withAlternatives(plan: Plan, rule: RouteRule | undefined, name: string, request: PlanRequest): Plan {
    let made: Alternatives | undefined;
    const planned = (target: string, reason: string): readonly PlannedTarget[] => {
      const stop = this.#stop({ target }, request.dialect, rule);
      if (stop === undefined) return [];
      const { allowances } = request;
      const barred =
        allowances !== undefined && modelRefusal(allowances, stop.provider.handle.name, stop.model) !== undefined;
      return barred ? [] : plannedTargets(stop, `${name}: ${reason}`, this.#random);
    };
    return {
      ...plan,
      get alternatives() {
        made ??= plannedAlternatives(plan.policies, planned);
        return made;
      },
    };
  }

  /** @returns `undefined` when the provider neither speaks the dialect nor one that it can be translated into; @throws `no_route` when there is none */
  #stop(
    target: Partial<RuleTarget> & { readonly target: string },
    dialect: Dialect,
    rule?: RouteRule,
  ): Stop | undefined {
    const name = target.target;
    const slash = name.indexOf('/');
    const provider = slash > 0 ? this.#table.providers.get(name.slice(0, slash)) : this.#providerOfBare(name);
    if (provider === undefined) throw this.#unknownModel(name);
    const model = slash > 0 ? name.slice(slash + 1) : name;
    if (model === '') throw this.#unknownModel(name);
    const { dialects } = provider.handle;
    if (dialects.has(dialect)) return stopOf(this.#table, { provider, model }, rule, target);
    const translatedInto = this.#table.translates?.(dialect, dialects);
    if (translatedInto === undefined) return undefined;
    return stopOf(this.#table, { provider, model, translatedInto }, rule, target);
  }

  /** A bare name has a meaning while there is one real provider, or one alone of several that is known to have such a model. */
  #providerOfBare(model: string): RoutableProvider | undefined {
    const [only, second] = this.#answeringBare;
    if (second === undefined) return only;
    const knowing = this.#answeringBare.filter(
      ({ handle, models }) => models.includes(model) || handle.limitsOf(model) !== undefined,
    );
    return knowing.length === 1 ? knowing[0] : undefined;
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
    message: `No target of '${shown(asked)}' speaks ${dialect}, or a dialect into which that is translated.`,
    param: 'model',
  });
}

function shown(name: string): string {
  return name.length > 120 ? `${name.slice(0, 120)}…` : name;
}
