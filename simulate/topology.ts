import { type MadeUpProvider, madeUpProvider, simulatedHouse } from '../src/compose/simulated-house.ts';
import type { HouseMaker } from '../src/forecast/setup.ts';
import {
  DEFAULT_GLOBAL_POLICIES,
  DEFAULT_ROUTE_POLICIES,
  DEFAULT_TARGET_POLICIES,
  type GlobalPolicies,
  type RoutePolicies,
  type TargetPolicies,
} from '../src/protocol/policy.ts';
import type { RouteRule } from '../src/routing/routing-table.ts';

/** Which targets there are and how they are used. */
export interface Topology {
  readonly providers: readonly MadeUpProvider[];
  readonly routes: Readonly<Record<string, Partial<RouteRule> & { readonly targets: RouteRule['targets'] }>>;
  readonly totalMs?: number;
  readonly attemptsMax?: number;
  readonly target?: TargetPolicies;
  readonly route?: Partial<RoutePolicies>;
  readonly global?: Pick<GlobalPolicies, 'retriesInFlight' | 'pingMs'>;
}

export const TOTAL_MS = 120_000;

/** One dear model and what it is known for. */
export const MODEL = {
  name: 'large',
  price: { input: 2_500_000n, output: 10_000_000n },
  contextWindow: 128_000,
  maxOutputTokens: 4_096,
} as const;

export function houseOf({ providers, routes, ...rest }: Topology): HouseMaker {
  const { totalMs = TOTAL_MS, attemptsMax = 3 } = rest;
  return simulatedHouse(
    ({ clock, transportOf }) => ({
      providers: new Map(
        providers.map((provider) => [
          provider.name,
          madeUpProvider(provider, { transport: transportOf(provider.name), clock }),
        ]),
      ),
      aliases: new Map(),
      routes: new Map(
        Object.entries(routes).map(([name, route]): [string, RouteRule] => [
          name,
          { strategy: 'fallback', attemptsMax, totalMs, ...route },
        ]),
      ),
      totalMs,
      routePolicies: { ...DEFAULT_ROUTE_POLICIES, ...rest.route },
      targetPolicies: rest.target ?? DEFAULT_TARGET_POLICIES,
    }),
    rest.global ?? DEFAULT_GLOBAL_POLICIES,
  );
}

/** Targets in the order of a route. */
export function targets(...names: readonly string[]): RouteRule['targets'] {
  return names.map((target) => ({ target, weight: 1 }));
}

/** The default policies of a target without some of them. */
export function targetWithout(...names: readonly (keyof TargetPolicies)[]): TargetPolicies {
  const kept = Object.entries(DEFAULT_TARGET_POLICIES).filter(([name]) => !names.some((without) => without === name));
  return { ...Object.fromEntries(kept), coolDown: DEFAULT_TARGET_POLICIES.coolDown };
}
