import type { Random } from '../kernel/random.ts';
import type { OpenCall } from './counts.ts';
import type { Latency } from './latency.ts';
import type { SimModel } from './models.ts';
import type { PromptCache } from './prompt-cache.ts';
import type { Draft, Voice } from './script.ts';
import type { TokenCounter } from './tokenizer.ts';

/** A request as it reaches the simulated provider. Header names in lower case; the path may carry a query. */
export interface SimRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** Which keys are taken: any (`false`), any but the word `invalid` (`true`), or one of a list. */
export type RequireKey = boolean | readonly string[];

export type BadUsageForm =
  | 'negative'
  | 'nan'
  | 'string'
  | 'huge'
  | 'absurd'
  | 'fraction'
  | 'null'
  | 'zero'
  | 'no-object'
  | 'cached-above-prompt'
  | 'reasoning-apart';

/**
 * Where a stream says what it used: in an event of its own, in the one that
 * finishes a choice, in every event as far as it came, twice, or too late.
 */
export const USAGE_PLACES = ['own', 'finish', 'every', 'twice', 'after-done'] as const;
export type UsagePlace = (typeof USAGE_PLACES)[number];

/** Distortions that only the one who writes the answer can make. */
export interface Shape {
  /** Tokens written beyond what was allowed. */
  readonly overrunTokens: number;
  readonly usage: 'honest' | 'none' | BadUsageForm;
  /** In the place of the usage object, as it stands. */
  readonly usageText?: string;
  readonly usagePlace: UsagePlace;
  /** The tokens never end. */
  readonly endless?: { readonly intervalMs: number };
}

/** What a dialect needs to answer one call. */
export interface CallContext {
  readonly seed: number;
  /** For ids and delays, which differ from call to call. Texts are drawn from the request's own words instead. */
  readonly random: Random;
  readonly nowMs: number;
  readonly tokens: TokenCounter;
  readonly promptCache: PromptCache;
  readonly models: ReadonlyMap<string, SimModel>;
  readonly latencyOf: (model: SimModel) => Latency;
  readonly requireKey: RequireKey;
  readonly shape: Shape;
  readonly call: OpenCall;
}

/** The body as it was read once for all: `undefined` when it is not JSON. */
export interface ReadRequest extends SimRequest {
  /** Without the query. */
  readonly pathname: string;
  readonly json: unknown;
}

/** What a request asks for, as faults and the books tell calls apart. */
export interface Asked {
  readonly model: string | undefined;
  readonly stream: boolean;
}

/** One provider's wire format: a new one is a folder with one of these and an entry in `dialects.ts`. */
export interface SimDialect {
  readonly voice: Voice;
  /** Which model is called and whether for a stream, where that stands not in the body's `model` and `stream`. */
  asked?(request: ReadRequest): Asked;
  /** Never throws for what a client sent: refusals are drafts too. */
  answer(request: ReadRequest, context: CallContext): Draft;
  /** Forgets what earlier calls left behind. */
  reset?(): void;
}
