import type { GatewayError } from '../kernel/errors.ts';
import type { Dialect, Operation } from '../protocol/operation.ts';
import type { Usage } from '../protocol/usage.ts';

/** What one dialect's request says, as far as the gateway needs to know it. The bytes stay as they came. */
export interface NativeCall {
  readonly dialect: WireDialect;
  readonly modelAsked: string;
  readonly stream: boolean;
  readonly bodyBytes: number;
  readonly maxOutputTokens?: number;
  /** The client's own end-user field, where the dialect has one. */
  readonly endUser?: string;
  /**
   * The body for one target: the client's bytes but for the model name and
   * what metering needs to add.
   */
  encode(target: EncodeTarget): EncodedBody;
}

export interface EncodeTarget {
  readonly model: string;
  /** Whether this provider understands a request for a usage event at the end of a stream. */
  readonly streamUsageOption: boolean;
}

export interface EncodedBody {
  readonly bytes: Buffer;
  /** True when only we asked for the usage event, so that the client must not see it. */
  readonly usageInjected: boolean;
}

/** One wire format, both of its directions. Pure: bytes in, bytes and facts out. */
export interface WireDialect {
  readonly id: Dialect;
  readonly operation: Operation;
  /** Appended to the target's base URL, as in `/chat/completions`. */
  readonly upstreamPath: string;
  /** @throws `invalid_request` when the bytes are no request of this dialect */
  parse(body: Buffer): NativeCall;
  /** @throws `upstream_error` when the bytes are no answer of this dialect */
  readAnswer(body: Buffer): AnswerFacts;
  streamGate(options: GateOptions): StreamGate;
  errorBody(error: GatewayError, requestId: string): Buffer;
  /** The same error as the last event of a stream that has already begun. */
  errorEvent(error: GatewayError, requestId: string): Buffer;
}

export interface AnswerFacts {
  readonly usage?: Usage;
  readonly finishReason?: string;
}

export interface GateOptions {
  /** Drop the usage event that only our injection caused. */
  readonly dropUsage: boolean;
  /** A longer single event is refused. */
  readonly eventBytesMax: number;
}

/**
 * A small machine between upstream's stream and the client's: it says pass,
 * hold, drop or inject for byte ranges that are whole events, and reads usage
 * and terminal events on the way.
 */
export interface StreamGate {
  /**
   * Takes upstream's next bytes and returns those that may go to the client
   * now (perhaps none): whole events only, so that an error of ours never
   * lands inside one of theirs.
   *
   * @throws `upstream_error` for an event beyond `eventBytesMax`
   */
  push(chunk: Buffer): Buffer | undefined;
  /** Upstream's bytes are over: what is still to be sent, and whether the stream was complete. */
  finish(): GateEnd;
  readonly facts: GateFacts;
  /** Bytes of an event that has begun and not ended. */
  readonly heldBytes: number;
}

export interface GateFacts extends AnswerFacts {
  /** Events that are not comments, so far: a stream that only sends pings makes no progress. */
  readonly dataEvents: number;
  /** True once content (text, a tool call, an embedding…) has been seen. */
  readonly contentSeen: boolean;
  /** The error object that upstream sent inside its stream. */
  readonly error?: GatewayError;
  /** True once the dialect's last event has been seen; it is held back until `finish`. */
  readonly terminal: boolean;
}

export interface GateEnd {
  readonly bytes: Buffer | undefined;
  readonly complete: boolean;
}
