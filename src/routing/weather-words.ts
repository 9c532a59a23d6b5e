import type { HeaderLookup } from '../protocol/upstream.ts';

/** Which policy closes a target. */
export type ClosureKind =
  /** It fails. */
  | 'breaker'
  /** Its first tokens come late. */
  | 'slow'
  /** The provider throttles it. */
  | 'cool-down'
  /** By the provider's own count little is left of its rate limit. */
  | 'headroom'
  /** It has as many calls as it bears. */
  | 'concurrency'
  /** The provider refuses the credential. */
  | 'credential';

/** Why a target should not be used now. */
export interface Closure {
  readonly kind: ClosureKind;
  /** ASCII and without `;`, fit for a response header: `breaker open after 5 failures in a row`. */
  readonly reason: string;
  /** When it is worth another look, on the monotonic clock; `undefined` where that depends on calls under way. */
  readonly untilMs: number | undefined;
  /** The provider named the time itself, by `Retry-After`: to be respected. Otherwise it is a guess of ours, which may be wrong. */
  readonly asked: boolean;
  /** Not even a call that has no other target may use it: its concurrency limit refuses. */
  readonly firm: boolean;
}

/** How one attempt's use of its target ended. */
export type PassageEnd =
  /** Answered in full. */
  | { readonly kind: 'ok' }
  /** 5xx, a timeout of ours, a reset, no connection, a truncated stream, garbage. */
  | { readonly kind: 'failed' }
  /** Says nothing about the target: the client left or had made a mistake, a content filter, a hedge that lost. */
  | { readonly kind: 'neutral' }
  | {
      readonly kind: 'throttled';
      readonly retryAfterMs: number | undefined;
      /** A quota or a spend limit is used up: no use to try again soon, whatever `Retry-After` says. */
      readonly exhausted: boolean;
    }
  /** 401, 402 or 403: it is our credential that was refused. */
  | { readonly kind: 'credential' };

/** One attempt's use of a target, from {@link TargetWeather.begin} to its one `end`. */
export interface Passage {
  /**
   * The first token of a streamed answer has come. Not for an answer that is
   * not streamed: its time depends on its length.
   *
   * @param elapsedMs since the request was sent
   */
  firstToken(elapsedMs: number): void;
  /**
   * A streamed answer is given up, or waited for no longer, without a first
   * token: it would have come later than this. Before `end`; a hedge that lost, a
   * target that missed its route's aim and a client that left say how slow it was.
   */
  silentFor(elapsedMs: number): void;
  /** The head of an answer, whatever its status, for the rate-limit headers in it. */
  heard(header: HeaderLookup): void;
  /** Exactly once; later ones do nothing. Frees the slot. */
  end(end: PassageEnd): void;
}

/** What routing knows of one target under one set of policies. */
export interface TargetWeather {
  /** `provider/model`, and `#credential` where there is one. */
  readonly key: string;
  /** Why it should not be used now. No side effect, nothing is drawn: safe to ask of targets that are not used then. */
  closure(): Closure | undefined;
  /**
   * Takes a slot; as a probe where the breaker is half open. May be called
   * while the target is closed, where there is no other: an answer then counts
   * as a sign that it is back.
   *
   * @param paidBy absent for a call's first attempt, which adds to this target's
   *   retry budget; for a retry the weather whose `mayRetry` allowed it, which
   *   gets it back when the retry is answered; `'hedge'` for a hedge
   */
  begin(paidBy?: TargetWeather | 'hedge'): Passage;
  /**
   * Spends one retry, where the budget has one. Ask the weather of the target
   * at which the call *began*, whichever target the retry goes to: retries are
   * a share of first attempts, and a fallback that stood idle has had none.
   */
  mayRetry(): boolean;
  /** Of the last few hundred streamed answers, rounded up by at most 7 %; `undefined` while fewer than 20 are known. */
  readonly firstTokenP95Ms: number | undefined;
  readonly firstTokenP50Ms: number | undefined;
  view(): TargetWeatherView;
}

export type GateState = 'closed' | 'open' | 'half-open' | 'returning';

/** A breaker for people and metrics. Electrical words: *closed* lets calls through. */
export interface GateView {
  readonly state: GateState;
  /** How often it has opened since it is known. */
  readonly openings: number;
  /** Until it lets a probe through; absent unless open. */
  readonly opensForMs?: number;
}

/** A target's weather as plain JSON, for pages and metrics. Durations count from now; what is unknown or off is absent. */
export interface TargetWeatherView {
  readonly key: string;
  readonly provider: string;
  readonly model: string;
  readonly credential?: string;
  /** Absent: open, calls may go to it. */
  readonly closure?: {
    readonly kind: ClosureKind;
    readonly reason: string;
    readonly asked: boolean;
    readonly forMs?: number;
  };
  readonly inFlight: number;
  /** Attempts by how they ended, since the target is known. */
  readonly ended: { readonly [kind in PassageEnd['kind']]: number };
  readonly breaker?: GateView & { readonly failuresInRow: number; readonly calls: number; readonly failed: number };
  readonly slow?: GateView & { readonly slowPercent: number; readonly boundMs: number };
  /** Calls at once that it is thought to bear. */
  readonly concurrencyLimit?: number;
  /** What is left of the provider's rate limits, in percent, by the provider's own headers. */
  readonly headroom?: { readonly requestsPercent?: number; readonly tokensPercent?: number };
  readonly retries?: { readonly allowed: number; readonly refused: number; readonly left: number };
  readonly firstTokenP50Ms?: number;
  readonly firstTokenP95Ms?: number;
}
