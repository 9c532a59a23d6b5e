import type { GatewayError } from '../../kernel/errors.ts';
import type { Dialect } from '../operation.ts';
import type { ChatAnswer, StreamEvent } from './answer.ts';
import type { ChatCall } from './call.ts';

/** Something a client said that a target is not told, or not so. */
export interface Loss {
  /** The client's name for it with its place: `messages[2].content[0].cache_control`, `top_k`. */
  readonly field: string;
  /** A few words of printable ASCII without `;`, as in `this provider has no such setting`. */
  readonly reason: string;
}

/** How a client's dialect is read and written on the translated lane. Pure. */
export interface ClientCodec {
  readonly dialect: Dialect;
  /**
   * @param fields the request's JSON object
   * @throws `invalid_request` naming the field, for what its own vendor would refuse
   */
  readCall(fields: Readonly<Record<string, unknown>>): ChatCall;
  writeAnswer(answer: ChatAnswer, identity: AnswerIdentity): Buffer;
  streamWriter(identity: AnswerIdentity): StreamWriter;
}

/** What the gateway says of an answer where its provider did not. */
export interface AnswerIdentity {
  /** In the form of the client's dialect: `chatcmpl-…`, `msg_…`. */
  readonly id: string;
  /** The model the client asked for, where the provider does not name the one that answered. */
  readonly model: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Whether the client wants the usage in its stream, where its dialect leaves that to it. */
  readonly usageWanted: boolean;
  /** The client's request as it sent it, for dialects whose answers repeat what was asked. */
  readonly echo?: Readonly<Record<string, unknown>>;
  /** Of a stream whose client does not read server-sent events. */
  readonly streamContentType?: string;
}

/** Makes the bytes of a client's stream out of events. */
export interface StreamWriter {
  /** @returns whole events of the client's dialect, empty when there is nothing to say yet */
  write(event: StreamEvent): Buffer;
  /**
   * The stream's last events, once the provider's are over and the answer is
   * complete: what ends its open parts, says why it ended and what it used, and
   * that it is over. To be sent after the call was settled.
   */
  end(): Buffer;
  /** An error as the stream's last events, in the place of `end`. Absent: they do not depend on what was written. */
  errorEvent?(error: GatewayError, requestId: string): Buffer;
}

/** What a target is told of itself by its configuration, as far as what is written for it depends on that. */
export interface TargetTraits {
  /** The name of the model there. */
  readonly model: string;
  readonly maxTokensField: 'max_tokens' | 'max_completion_tokens';
  readonly streamUsageOption: boolean;
  /** How a marker of the prompt cache is written; absent: there is none. */
  readonly cacheMarkers?: 'cache_control' | 'prompt_cache_breakpoint';
  /** By which name it takes back what its model thought; absent: it does not. */
  readonly reasoningField?: 'reasoning_content' | 'reasoning' | 'reasoning_details';
  /** What models of others say of their turn, and this provider refuses to be told. */
  readonly foreignMembers?: readonly ForeignMember[];
  /** It refuses a turn that holds no thought, whoever's turn it is; absent: it does not. */
  readonly thoughtNeeded?: boolean;
  /** False: the model is known not to think before it answers, and to refuse whoever asks it to. */
  readonly thinks?: false;
  /** Whose way of naming the end user it knows. */
  readonly endUserField?: 'safety_identifier' | 'user';
  /** What is publicly known of the most tokens that the model answers with. */
  readonly outputTokensMax?: number;
}

/** What differs between providers of one dialect in what may be said there, translated or not. */
export type TargetVocabulary = Pick<
  TargetTraits,
  'cacheMarkers' | 'reasoningField' | 'thoughtNeeded' | 'endUserField' | 'foreignMembers'
>;

/** Members of an assistant's message; `extra_content` is one of its tool calls. */
export const FOREIGN_MEMBERS = [
  'reasoning_content',
  'reasoning',
  'reasoning_details',
  'annotations',
  'refusal',
  'audio',
  'extra_content',
] as const;
export type ForeignMember = (typeof FOREIGN_MEMBERS)[number];

/** How a provider's dialect is written and read on the translated lane. Pure. */
export interface ProviderCodec {
  readonly dialect: Dialect;
  /** Appended to the target's base URL; in it `{model}` stands for the model's name there. */
  readonly upstreamPath: string;
  /** The same for streams, where they have a path of their own. */
  readonly streamPath?: string;
  /** The request's JSON object. What cannot be said is added to `losses`, each once. */
  writeCall(call: ChatCall, traits: TargetTraits, losses: Loss[]): Record<string, unknown>;
  /** @throws `upstream_error` that names what was not understood; an error in the place of an answer is thrown as what it is */
  readAnswer(body: Buffer, asked?: AskedTools): ChatAnswer;
  streamReader(options: StreamReaderOptions): StreamReader;
}

/** What of a call its answer cannot be understood without. */
export interface AskedTools {
  /** Names of the call's tools of type `custom`: a dialect without such tools calls them as functions. */
  readonly customTools?: ReadonlySet<string>;
  /** Names of the call's tools that are long (more than 64 characters) or not plain: a dialect that knows no such names calls them by others. */
  readonly longNames?: ReadonlySet<string>;
}

export interface StreamReaderOptions extends AskedTools {
  readonly eventBytesMax: number;
}

/** Makes events out of a provider's bytes, however they were cut. */
export interface StreamReader {
  /**
   * @throws `upstream_error` naming what was not understood, or for an event that is too long; where other events
   *   came before it in the same bytes, it follows them as `answer-error`
   */
  push(chunk: Buffer): readonly StreamEvent[];
  /** The bytes are over. @returns the last events; `answer-end` is among the events of a complete stream and of no other */
  finish(): readonly StreamEvent[];
  /** Bytes of an event that has begun and not ended. */
  readonly heldBytes: number;
}
