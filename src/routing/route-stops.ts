import type { Random } from '../kernel/random.ts';
import type { Dialect } from '../protocol/operation.ts';
import { DEFAULT_TARGET_POLICIES, type TargetPolicies } from '../protocol/policy.ts';
import type { RoutableProvider, RouteRule, RoutingTable, RuleTarget } from './routing-table.ts';
import type { AttemptTimeouts, PlannedTarget } from './target.ts';
import { weightedOrder } from './weighted-order.ts';

/** A target's place in a rule, with all that holds for it; its credential is drawn for each call. */
export interface Stop {
  readonly provider: RoutableProvider;
  readonly model: string;
  readonly weight: number;
  readonly policies: TargetPolicies;
  readonly timeouts: AttemptTimeouts;
  /** The dialect of the provider's into which calls are translated. Absent: it speaks their own. */
  readonly translatedInto?: Dialect;
}

/** What holds for a provider's targets: what the rule says of them, or else what the table does. */
export function policiesFor(table: RoutingTable, provider: string, rule?: RouteRule): TargetPolicies {
  return (
    rule?.targetPolicies?.get(provider) ??
    table.providerPolicies?.get(provider) ??
    table.targetPolicies ??
    DEFAULT_TARGET_POLICIES
  );
}

/** What is found of a named target; its own policies and timeouts win. */
export function stopOf(
  table: RoutingTable,
  found: Pick<Stop, 'provider' | 'model' | 'translatedInto'>,
  rule?: RouteRule,
  { weight = 1, policies, timeouts }: Partial<RuleTarget> = {},
): Stop {
  const { handle } = found.provider;
  return {
    ...found,
    weight,
    policies: policies ?? policiesFor(table, handle.name, rule),
    timeouts: timeouts ?? handle.timeouts,
  };
}

/** One planned target for each credential, in the order in which they are drawn. */
export function plannedTargets(stop: Stop, reason: string, random: Random): PlannedTarget[] {
  const { provider, model, policies, timeouts, translatedInto } = stop;
  const { handle, credentials } = provider;
  const same = {
    provider: handle,
    model,
    policies,
    timeouts,
    ...(translatedInto === undefined ? {} : { translatedInto }),
  };
  if (credentials.length < 2) return [{ ...same, credential: credentials[0]?.credential, reason }];
  return weightedOrder(credentials, ({ weight }) => weight, random).map(({ credential }, index) => ({
    ...same,
    credential,
    reason: index === 0 ? reason : `${reason}, credential ${credential.name}`,
  }));
}

/**
 * A rule for one dialect, worked out once: what of it is the same for every
 * call is made here and shared by all of them.
 */
export class RuleStops {
  readonly #name: string;
  readonly #strategy: RouteRule['strategy'];
  readonly #random: Random;
  /** With the places of those that cannot be told a call of the dialect left empty, so that "2 of 3" is the file's. */
  readonly #stops: readonly (Stop | undefined)[];
  /** Where nothing is drawn: no weights, and no provider with several credentials. */
  readonly #fixed: readonly PlannedTarget[] | undefined;

  /** @param name as reasons have it, such as `route/writer` */
  constructor(name: string, strategy: RouteRule['strategy'], stops: readonly (Stop | undefined)[], random: Random) {
    this.#name = name;
    this.#strategy = strategy;
    this.#random = random;
    this.#stops = stops;
    const drawn = stops.some((stop) => stop !== undefined && stop.provider.credentials.length > 1);
    if (!drawn && strategy === 'fallback') this.#fixed = this.#inOrder(stops);
  }

  planned(): readonly PlannedTarget[] {
    if (this.#fixed !== undefined) return this.#fixed;
    if (this.#strategy === 'fallback') return this.#inOrder(this.#stops);
    return this.#inOrder(weightedOrder(this.#stops, (stop) => stop?.weight ?? 1, this.#random));
  }

  #inOrder(stops: readonly (Stop | undefined)[]): PlannedTarget[] {
    const planned: PlannedTarget[] = [];
    for (const [index, stop] of stops.entries()) {
      if (stop === undefined) continue;
      const reason = `${this.#name}: ${this.#strategy} ${index + 1} of ${stops.length}`;
      for (const target of plannedTargets(stop, reason, this.#random)) planned.push(target);
    }
    return planned;
  }
}
