import type { GatewayError } from '../kernel/errors.ts';
import type { Loss, TargetVocabulary } from '../protocol/chat/codec.ts';
import type { KeptHistory } from '../protocol/kept-response.ts';
import type { Dialect, Operation } from '../protocol/operation.ts';
import type { Usage } from '../protocol/usage.ts';

/** What one dialect's request says, as far as the gateway needs to know it. The bytes stay as they came. */
export interface NativeCall {
  readonly dialect: WireDialect;
  readonly modelAsked: string;
  readonly stream: boolean;
  /** Where the dialect's path depends on what is asked, in the form of its `upstreamPath`. */
  readonly upstreamPath?: string;
  /** Of a stream whose client does not read server-sent events. */
  readonly streamContentType?: string;
  readonly bodyBytes: number;
  /** The body's JSON object, for a target that has to be told the same in another dialect. Not to be changed. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** Of a stream: whether the client is told what was used, where its dialect leaves that to it. */
  readonly usageWanted: boolean;
  readonly maxOutputTokens?: number;
  /** What bounds the cost of this request. Read from the body when asked, which only calls that pay do. */
  measure(): RequestMeasure;
  /** The client's own end-user field, where the dialect has one. */
  readonly endUser?: string;
  /** What of a conversation the request leaves to others to remember, in dialects that can. */
  readonly memory?: ConversationMemory;
  /** The same call with the turns that it refers to, for whoever does not remember them. */
  withHistory?(history: KeptHistory): NativeCall;
  /** The same call for whoever knows who sealed what in it; absent: nothing is sealed in this dialect. */
  withSeals?(makers: SealMakers): NativeCall;
  /** The deployment that sealed what this call carries last, or keeps what it refers to. Absent: none that is known. */
  readonly sealedBy?: string;
  /**
   * The fields for a target of another dialect, without what was sealed in that dialect by another deployment.
   *
   * @throws `unsupported_parameter` where that is to be refused
   */
  openFields?(target: EncodeTarget, dialect: Dialect): OpenFields;
  /** The fields as the client sent them, where `fields` are not. */
  readonly echo?: Readonly<Record<string, unknown>>;
  /** Why the request can be said in no other dialect, and the field that makes it so. */
  readonly nativeOnly?: Loss;
  /**
   * The body for one target: the client's bytes but for the model name and
   * what metering needs to add.
   */
  encode(target: EncodeTarget): EncodedBody;
}

/** What stands in a request in the place of a conversation's earlier turns, and whether this one is to be kept. */
export interface ConversationMemory {
  /** Whether the answer may be referred to later; absent: as the dialect has it where a request does not say. */
  readonly store?: boolean;
  /** The answer that this turn follows. */
  readonly previousId?: string;
  /** The conversation that this turn is part of. */
  readonly conversationId?: string;
  /** What this turn adds to it. */
  readonly input: readonly unknown[];
}

/** A request's fields as far as a target can read them, and what that leaves out. */
export interface OpenFields {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly losses: readonly Loss[];
}

/** The deployment that sealed a thought; `undefined`: nobody knows. */
export type SealMakers = (seal: string) => string | undefined;

export interface EncodeTarget {
  readonly model: string;
  /** Whose memory and seals are its own: provider and credential. Absent: nobody's. */
  readonly deployment?: string;
  /** Whether this provider understands a request for a usage event at the end of a stream. */
  readonly streamUsageOption: boolean;
  /** Present: the answer must not have more output tokens than this, whatever the client asked for. */
  readonly maxOutputTokens?: number;
  /** Present: only the system's messages, and this many of the last ones. */
  readonly keepMessages?: number;
  /** Whether to refuse, instead of leaving out, what another deployment sealed. */
  readonly refuseSealed?: boolean;
  /** What the provider takes, wants and refuses beyond its dialect: matters for turns of other models. */
  readonly vocabulary?: TargetVocabulary;
  /** How the provider wants a bound on the output that the client did not set itself. */
  readonly maxTokensField: MaxTokensField;
}

/** OpenAI's reasoning models refuse the old name, most others do not know the new one. */
export type MaxTokensField = 'max_tokens' | 'max_completion_tokens';

/** What can be said of a request's use before it is made. Tokens are bounds, never guesses. */
export interface RequestMeasure {
  /** Never fewer than the request's input tokens, unless `unbounded` says what has no bound. */
  readonly inputTokensMax: number;
  /** How many answers are asked for at once; each may be as long as the bound on output says. */
  readonly choices: number;
  /** The field that can make any amount of input, such as a file that lies at the provider. */
  readonly unbounded?: string;
  /** The field of a tool that the provider runs and charges for by use. */
  readonly hostedTool?: string;
  readonly serviceTier?: string;
  /** All of it as text, whose tokens, together with `otherTokensMax`, are never fewer than the input's. */
  text(): string;
  /** What is not text, such as pictures, and what a provider puts around the text. */
  readonly otherTokensMax: number;
  /** Text that the client gives as a likely answer: what of it is not in the answer is paid for as output all the same. */
  readonly predictedTokensMax?: number;
  /** The input as the provider's model reads it, for a count of our own where the provider gives none. */
  prompt(): PromptText;
}

/** Texts whose tokens add up, together with `otherTokens`, to what a provider would count. */
export interface PromptText {
  readonly texts: readonly string[];
  /** What surrounds the texts, and parts that are not text. */
  readonly otherTokens: number;
}

export interface EncodedBody {
  readonly bytes: Buffer;
  /** True when only we asked for the usage event, so that the client must not see it. */
  readonly usageInjected: boolean;
  /** What of the request this target is not told. Absent: nothing. */
  readonly losses?: readonly Loss[];
  /** So many more, which nobody has named. */
  readonly moreLosses?: number;
}

/** What the request's address says, for dialects that put a part of the call there. */
export interface RequestTarget {
  /** The variable part of the route's path, such as the name of a model. */
  readonly param: string;
  /** Without its `?`. */
  readonly query: string;
}

/** One wire format, both of its directions. Pure: bytes in, bytes and facts out. */
export interface WireDialect {
  readonly id: Dialect;
  readonly operation: Operation;
  /** Appended to the target's base URL, as in `/chat/completions`; in it `{model}` stands for the model's name there. */
  readonly upstreamPath: string;
  /**
   * @param target absent: the request had no more than its body
   * @throws `invalid_request` when the bytes are no request of this dialect
   */
  parse(body: Buffer, target?: RequestTarget): NativeCall;
  /** An error in the place of an answer is a fact. @throws `upstream_error` when the bytes are no answer of this dialect */
  readAnswer(body: Buffer): AnswerFacts;
  streamGate(options: GateOptions): StreamGate;
  errorBody(error: GatewayError, requestId: string): Buffer;
  /** The HTTP status that goes with it, as this dialect's SDKs understand it. */
  errorStatus(error: GatewayError): number;
  /** Where this dialect's SDKs look for the id of a request. */
  readonly requestIdHeader: string;
  /** A whole answer that says a given text, where answers of this kind have one. */
  textAnswer?(text: string, facts: TextAnswerFacts): { readonly contentType: string; readonly body: Buffer };
  /** The answer among the bytes that a client gets, where it may be referred to later: a whole one, or what ends a stream. */
  keptAnswer?(bytes: Buffer, stream: boolean): Readonly<Record<string, unknown>> | undefined;
  /** The same error as the last event of a stream that has already begun. */
  errorEvent(error: GatewayError, requestId: string): Buffer;
  /** What keeps a silent stream open, as this dialect does it. Absent: a comment. */
  readonly ping?: Buffer;
}

export interface AnswerFacts {
  readonly usage?: Usage;
  /** What came as output so far, for a count of our own where the provider gives none: text, reasoning, arguments of tools. */
  output?(): string;
  /** The characters of all of it, where `output` keeps only its beginning. */
  outputChars?(): number;
  readonly finishReason?: string;
  /** The error object that upstream sent with status 200, or inside its stream. */
  readonly error?: GatewayError;
}

/** What an answer says of itself besides its text. */
export interface TextAnswerFacts {
  readonly id: string;
  readonly model: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly stream: boolean;
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
  /**
   * An error as the stream's last events, where they depend on what went before them.
   * Absent, or `undefined`: as the dialect has it for any stream.
   */
  errorEvent?(error: GatewayError, requestId: string): Buffer | undefined;
  readonly facts: GateFacts;
  /** Bytes of an event that has begun and not ended. */
  readonly heldBytes: number;
}

export interface GateFacts extends AnswerFacts {
  /** Events that are not comments, so far: a stream that only sends pings makes no progress. */
  readonly dataEvents: number;
  /** True once content (text, a tool call, an embedding…) has been seen. */
  readonly contentSeen: boolean;
  /** True once the dialect's last event has been seen; it is held back until `finish`. */
  readonly terminal: boolean;
}

export interface GateEnd {
  readonly bytes: Buffer | undefined;
  readonly complete: boolean;
}
