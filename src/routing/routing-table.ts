import type { Dialect } from '../protocol/operation.ts';
import type { RoutePolicies, TargetPolicies } from '../protocol/policy.ts';
import type { AttemptTimeouts, Credential, ProviderHandle } from './target.ts';

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

export interface RuleTarget {
  /** As `provider/model`. */
  readonly target: string;
  readonly weight: number;
  /** Absent: the rule's for its provider. */
  readonly policies?: TargetPolicies;
  /** Absent: the provider's own. */
  readonly timeouts?: AttemptTimeouts;
}

export interface RouteRule {
  readonly strategy: 'fallback' | 'weighted';
  readonly targets: readonly RuleTarget[];
  readonly attemptsMax: number;
  readonly totalMs: number;
  /** Every target in them as `provider/model`. Absent: the table's. */
  readonly policies?: RoutePolicies;
  /** What this rule says of the targets of a provider, by its name. Absent: what the table says. */
  readonly targetPolicies?: ReadonlyMap<string, TargetPolicies>;
}

export interface RoutingTable {
  readonly providers: ReadonlyMap<string, RoutableProvider>;
  /** Alias to `provider/model`, `route/<name>` or another alias. */
  readonly aliases: ReadonlyMap<string, string>;
  readonly routes: ReadonlyMap<string, RouteRule>;
  readonly totalMs: number;
  /**
   * Into which of a provider's dialects a call can be translated; `undefined`: into none. Asked where a provider does not
   * speak the call's own. Absent: nothing is translated.
   */
  readonly translates?: (client: Dialect, spoken: ReadonlySet<Dialect>) => Dialect | undefined;
  /** For calls without a route, and for rules that have none. Absent: the defaults. */
  readonly routePolicies?: RoutePolicies;
  /** For providers that are not in `providerPolicies`. Absent: the defaults. */
  readonly targetPolicies?: TargetPolicies;
  /** By the provider's name. */
  readonly providerPolicies?: ReadonlyMap<string, TargetPolicies>;
}
