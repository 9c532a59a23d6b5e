import type { GatewayError } from '../kernel/errors.ts';
import type { TargetVocabulary } from '../protocol/chat/codec.ts';
import type { Dialect } from '../protocol/operation.ts';
import type { RoutePolicies, TargetPolicies } from '../protocol/policy.ts';
import type { PriceSheet } from '../protocol/price-sheet.ts';
import type { HeaderLookup, Transport } from '../protocol/upstream.ts';

/** How long each phase of an attempt may take, in milliseconds. */
export interface AttemptTimeouts {
  /** From dispatch to the response head of a streamed call. */
  readonly streamHeadMs: number;
  /** From dispatch to the response head of a call that is not streamed. */
  readonly headMs: number;
  /** From dispatch to the first token of a streamed call. */
  readonly firstTokenMs: number;
  /** Between two chunks of a body. */
  readonly idleMs: number;
  /** From dispatch to the last byte. Absent: the call's own deadline alone. */
  readonly totalMs?: number;
}

/** A provider as the exchange uses it: where its sockets are, and how it speaks of errors. */
export interface ProviderHandle {
  readonly name: string;
  readonly transport: Transport;
  /** Path and query for an operation (`/chat/completions`) on a model, by the name it has here. */
  pathOf(operationPath: string, model: string): string;
  /** What the provider calls a model: its deployment, where it wants that. */
  nameOf(model: string): string;
  readonly dialects: ReadonlySet<Dialect>;
  /** What a call that is translated for it may say. Absent: what any provider of its dialect understands. */
  readonly vocabulary?: TargetVocabulary;
  readonly streamUsageOption: boolean;
  readonly maxTokensField: 'max_tokens' | 'max_completion_tokens';
  readonly onClientGone: OnClientGone;
  readonly timeouts: AttemptTimeouts;
  /** Headers for every request, flat, lower case; the credential's are apart. */
  readonly headers: readonly string[];
  /**
   * The prices of a model that are in force here now; `undefined` when they
   * are unknown. Cheap: asked for every attempt.
   *
   * @param organisation whose call it is: some have agreed prices of their own
   */
  sheetOf(model: string, organisation?: string): PriceSheet | undefined;
  /** What is publicly known of a model's size, in tokens; `undefined` where nothing is. */
  limitsOf(model: string): ModelLimits | undefined;
  /** What an upstream error answer means, and whether another target may be tried. */
  judge(answer: UpstreamErrorAnswer): JudgedError;
}

export interface ModelLimits {
  readonly contextWindow?: number;
  readonly maxOutputTokens?: number;
}

/**
 * What becomes of an attempt whose client has left: `abort` where the provider
 * stops billing when it is hung up on; `drain` reads the answer to its end, for
 * its usage alone, where it is billed to its end anyway.
 */
export interface OnClientGone {
  readonly stream: 'abort' | 'drain';
  /** Of an answer that is not streamed nobody knows how far it has come: only reading it to its end says what it cost. */
  readonly answer: 'abort' | 'drain';
}

export interface UpstreamErrorAnswer {
  /** In which the provider was spoken to. */
  readonly dialect: Dialect;
  readonly status: number;
  readonly header: HeaderLookup;
  readonly body: Buffer;
  /** Never to be shown: an answer that quotes it is not relayed. */
  readonly credential: Credential | undefined;
}

export interface JudgedError {
  readonly error: GatewayError;
  /** True when the client may get upstream's own body, byte for byte. */
  readonly relay: boolean;
  /** A quota or a spend limit is used up: no use to try again soon. */
  readonly exhausted?: boolean;
}

/** One key to a provider. `headers` are flat, lower case, and secret. */
export interface Credential {
  readonly name: string;
  readonly headers: readonly string[];
  quotes(text: string): boolean;
  /**
   * Absent for a key that is always at hand. Otherwise `undefined` when
   * `headers` are good now, or a promise of when they will be.
   *
   * @throws as a rejection, `upstream_error` when no token can be had
   */
  prepare?(): Promise<void> | undefined;
  /** The provider has refused it: what is remembered of it is no longer good. */
  refused?(): void;
}

/** One place a call can go to. */
export interface Target {
  readonly provider: ProviderHandle;
  readonly model: string;
  readonly credential: Credential | undefined;
}

export interface PlannedTarget extends Target {
  /** Why this target stands at this place of the plan, as in `fallback 2 of 3`. */
  readonly reason: string;
  /** One object for all calls that the same policies hold for. */
  readonly policies: TargetPolicies;
  /** The provider's own, unless the route has others for this target. */
  readonly timeouts: AttemptTimeouts;
  /** The dialect of the provider's into which the call is translated. Absent: it speaks the call's own. */
  readonly translatedInto?: Dialect;
}

/** One thing that a route does once its targets are spent. */
export type PlannedStep =
  | {
      readonly kind: 'target';
      readonly target: PlannedTarget;
      /** Keep the system's messages and this many of the last ones. */
      readonly keepMessages?: number;
      readonly outputTokensMax?: number;
    }
  | { readonly kind: 'text'; readonly text: string };

/** Where a call goes for reasons of its own: each in order, none when the route says nothing of it. */
export interface Alternatives {
  readonly contextLength: readonly PlannedTarget[];
  readonly contentPolicy: readonly PlannedTarget[];
  readonly budget: readonly PlannedTarget[];
  readonly degrade: readonly PlannedStep[];
}

/** Where a call goes, in order. Never empty. */
export interface Plan {
  readonly route: string;
  readonly targets: readonly PlannedTarget[];
  readonly attemptsMax: number;
  readonly totalMs: number;
  readonly policies: RoutePolicies;
  /** Within what the caller may reach, and in a dialect that the call can be said in. Worked out when it is first read. Absent: none. */
  readonly alternatives?: Alternatives;
}
