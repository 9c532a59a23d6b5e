import type { Allowance } from '../protocol/allowance.ts';
import type { TargetVocabulary } from '../protocol/chat/codec.ts';
import type { Dialect } from '../protocol/operation.ts';
import type { GlobalPolicies, RoutePolicies, TargetPolicies } from '../protocol/policy.ts';
import type { Prices } from '../protocol/price-sheet.ts';
import type { AuthHeader, PresetName } from './presets.ts';
import type { Secret } from './secret.ts';

/** Everything `leeward.yaml` decides, complete: what the file leaves out has its default here. Maps, because names come from outside. */
export interface Config {
  readonly server: ServerConfig;
  readonly providers: ReadonlyMap<string, ProviderConfig>;
  /** Alias to what it stands for: `provider/model` or `route/<name>`, never another alias. */
  readonly aliases: ReadonlyMap<string, string>;
  readonly routes: ReadonlyMap<string, RouteConfig>;
  readonly policies: PoliciesConfig;
  readonly keys: ReadonlyMap<string, DeclaredKey>;
  /** By name; a key's own are named after it. */
  readonly budgets: ReadonlyMap<string, BudgetConfig>;
  /** In the order of the file. */
  readonly prices: readonly PriceRuleConfig[];
  readonly money: MoneyConfig;
  readonly sim: SimConfig;
  readonly log: LogConfig;
  readonly store: StoreConfig;
  readonly retentionDays: number;
  /** Of answers that a later request may refer to; 0: none is kept. */
  readonly answerRetentionDays: number;
  /** Not less than `retentionDays`: an attempt that is there can be counted again where it was. */
  readonly usageRetentionDays: number;
}

export interface StoreConfig {
  /** A server Postgres. Absent: as the environment says. */
  readonly databaseUrl?: Secret;
}

export interface ServerConfig {
  readonly host: string;
  readonly port: number;
  /** `Host` headers that are answered besides loopback ones. */
  readonly allowedHosts: readonly string[];
  readonly bodyBytesMax: number;
  readonly inFlightBytesMax: number;
  readonly drainMs: number;
  /** How long calls are still taken after a stop was announced. */
  readonly drainAcceptMs: number;
  /** Ranges of proxies that are believed about where a call comes from. */
  readonly trustedProxies: readonly string[];
  /** `none` lets anybody who reaches the port call: loopback only. */
  readonly auth: 'keys' | 'none';
  /** Where administration, metrics and the page listen. Absent: beside the calls. */
  readonly admin?: AdminListenerConfig;
}

export interface AdminListenerConfig {
  readonly host: string;
  readonly port: number;
  /** Whether the host may be one that other machines reach. */
  readonly public: boolean;
}

/** What one model charges: per token, in 10^-12 US dollars, and for more than that where it does. */
export interface ModelPrice {
  /** Absent: it is not sold by the token. */
  readonly inputPicoUsd?: bigint;
  /** Absent: cached input costs what fresh input costs. */
  readonly cachedInputPicoUsd?: bigint;
  readonly outputPicoUsd?: bigint;
  /** All of its prices, where there are more than these; and what is more in the file's own words. */
  readonly more?: { readonly prices: Prices; readonly written: object };
}

/** An agreed price, or a factor on what holds otherwise; one of the two. */
export interface PriceRuleConfig {
  /** Absent: whoever calls. */
  readonly organisation?: string;
  /** Patterns of `provider/model`. */
  readonly models: readonly string[];
  /** Milliseconds since the epoch. Absent: always. */
  readonly fromAt?: number;
  readonly price?: ModelPrice;
  readonly times?: { readonly numerator: bigint; readonly denominator: bigint };
}

export interface CredentialConfig {
  readonly name: string;
  readonly apiKey: Secret;
  /** Its share of the calls relative to its siblings, above 0. */
  readonly weight: number;
}

/** Where a token for Microsoft Entra ID's client credentials comes from. */
export interface EntraConfig {
  readonly tenantId: string;
  readonly clientId: string;
  readonly clientSecret: Secret;
  readonly scope: string;
  /** Scheme and host of who issues it. */
  readonly authority: string;
}

/** A credential that changes by itself: fetched before it expires, or read again from a file (an absolute path). */
export type TokenConfig = { readonly name: string; readonly weight: number } & (
  | { readonly entra: EntraConfig }
  | { readonly tokenFile: string }
);

/** Absent: the transport's own default. */
export interface TimeoutsConfig {
  readonly connectMs?: number;
  readonly firstByteMs?: number;
  readonly firstTokenMs?: number;
  readonly idleMs?: number;
  readonly totalMs?: number;
}

/** What holds where a provider, a route or a target says nothing else. */
export interface PoliciesConfig {
  readonly global: GlobalPolicies;
  readonly target: TargetPolicies;
  readonly route: RoutePolicies;
}

export interface ProviderConfig {
  readonly name: string;
  readonly preset: PresetName;
  /** Who declared it: the file, or what was found in the environment or on a usual port. */
  readonly origin: 'file' | 'environment' | 'local-server';
  /** http or https, without credentials, query, or a slash at its end. */
  readonly baseUrl: string;
  readonly authHeader: AuthHeader;
  /** What it speaks. Never empty. */
  readonly dialects: readonly Dialect[];
  /** What a call that is translated for it may say. */
  readonly vocabulary: TargetVocabulary;
  /** Headers of every request where neither `headers` nor the client has them; names in lower case. */
  readonly defaultHeaders?: Readonly<Record<string, string>>;
  /** Empty where no key is needed. */
  readonly credentials: readonly CredentialConfig[];
  /** Besides the keys. Absent: none. */
  readonly tokens?: readonly TokenConfig[];
  /** Extra request headers; names in lower case. */
  readonly headers: ReadonlyMap<string, Secret>;
  readonly proxy?: Secret;
  /** Absolute paths. */
  readonly caFile?: string;
  readonly clientCertFile?: string;
  readonly clientKeyFile?: string;
  readonly http2: boolean;
  /** Model to what the provider calls it. Absent, and for other models: its own name. */
  readonly deployments?: ReadonlyMap<string, string>;
  /** With `{model}` and `{operation}`, below the base URL. Absent: the operation's own path. */
  readonly pathTemplate?: string;
  readonly timeouts: TimeoutsConfig;
  /** For its targets, complete. Absent: as everywhere. */
  readonly policies?: TargetPolicies;
  readonly prices: ReadonlyMap<string, ModelPrice>;
  /** For models that `prices` does not name. Absent: unknown. */
  readonly defaultPrice?: ModelPrice;
  readonly local: boolean;
  readonly streamUsageOption: boolean;
  readonly maxTokensField: 'max_tokens' | 'max_completion_tokens';
  /** What becomes of an attempt whose client has left. */
  readonly onClientGone: { readonly stream: 'abort' | 'drain'; readonly answer: 'abort' | 'drain' };
  readonly modelsPath?: string;
  readonly keyCheckPath?: string;
}

export interface RouteTargetConfig {
  readonly provider: string;
  readonly model: string;
  /** Its share of the calls relative to its siblings, above 0; means something to `weighted` only. */
  readonly weight: number;
  /** Complete. Absent: the route's for its provider. */
  readonly policies?: TargetPolicies;
  /** What is not the provider's own. */
  readonly timeouts?: Omit<TimeoutsConfig, 'connectMs'>;
}

export interface RouteConfig {
  readonly name: string;
  readonly strategy: 'fallback' | 'weighted';
  /** Aliases and nested routes already taken apart, in order. Never empty. */
  readonly targets: readonly RouteTargetConfig[];
  readonly attemptsMax: number;
  readonly timeoutMs: number;
  /** Complete, with every target as `provider/model`. */
  readonly policies: RoutePolicies;
  /** By provider, complete: where the route says something of its targets' policies. Absent: the provider's. */
  readonly targetPolicies?: ReadonlyMap<string, TargetPolicies>;
}

/** A key for clients that the file declares. It lives as long as its declaration. */
export interface DeclaredKey {
  readonly name: string;
  /** SHA-256 of the key, in base64url: enough to recognise it by, and the key cannot be had back from it. */
  readonly digest: string;
  /** Another declared key, by its name. */
  readonly parent?: string;
  /** Absent: the parent's, or the default one. */
  readonly project?: string;
  readonly scopes: readonly string[];
  /** Milliseconds since the epoch. */
  readonly expiresAt?: number;
  readonly allow?: Allowance;
}

/** How much may be spent by whom in which window. */
export interface BudgetConfig {
  readonly name: string;
  readonly scope: { readonly kind: 'organisation' } | { readonly kind: 'project' | 'key'; readonly id: string };
  readonly each?: 'end_user' | 'task';
  readonly period: 'lifetime' | 'month' | 'week' | 'day' | 'hour';
  readonly timeZone: string;
  readonly hardNanoUsd?: bigint;
  readonly softNanoUsd?: bigint;
  readonly credit: boolean;
  readonly rates?: readonly BudgetRateConfig[];
}

/** In millionths: 1_200_000n counts a charge of 10 as 12. */
export interface BudgetRateConfig {
  readonly models: string;
  readonly ratePpm: bigint;
}

export interface MoneyConfig {
  readonly charge: 'winner_only' | 'all_attempts';
}

/** Handed to the simulated provider as it stands. */
export interface SimConfig {
  readonly seed: number;
  readonly faults: readonly unknown[];
}

export interface LogConfig {
  readonly level: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /** Whether request bodies, prompts included, are logged. */
  readonly prompts: boolean;
}

export interface LoadedConfig {
  readonly config: Config;
  /** Twelve hex digits over what the configuration means: same behaviour, same version; secrets do not count. */
  readonly version: string;
  /** One line each, with the position in the file. */
  readonly warnings: readonly string[];
  /** Absent when there was no file. */
  readonly path?: string;
}
