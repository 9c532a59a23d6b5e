import type { ClientCodec, Loss, ProviderCodec } from '../protocol/chat/codec.ts';
import type { Dialect } from '../protocol/operation.ts';
import type { AnswerFacts, EncodedBody, EncodeTarget, GateOptions, StreamGate } from './dialect.ts';

/**
 * How one call goes to one target, and its answer back.
 *
 *     native      the client's bytes go there, and the provider's come back
 *     translated  the call is said in the provider's dialect, and its answer in the client's
 */
export interface Lane {
  readonly translated: boolean;
  /** In which the provider is spoken to. */
  readonly dialect: Dialect;
  /** Appended to the target's base URL; in it `{model}` stands for the model's name there. */
  readonly upstreamPath: string;
  /** Of a stream whose client does not read server-sent events. */
  readonly streamContentType: string | undefined;
  /** @returns `undefined` when the lane can be used now, or a promise of when it can; it rejects with `internal` */
  prepare(): Promise<void> | undefined;
  /**
   * The body for the target. Asked once, and before the other two.
   *
   * @throws `invalid_request` for what the client's own vendor would refuse, `unsupported_parameter` for what cannot be sent there
   */
  encode(target: EncodeTarget): EncodedBody;
  /** @throws `upstream_error` when the bytes are no answer of the provider's dialect; an error in the place of an answer may be thrown as what it is */
  readAnswer(body: Buffer): LaneAnswer;
  streamGate(options: GateOptions): StreamGate;
}

/** A whole answer, as the client gets it. */
export interface LaneAnswer {
  readonly facts: AnswerFacts;
  readonly body: Buffer;
}

/** What a request loses on the way to a provider of another dialect, by the fields it has. */
export interface FieldLosses {
  readonly losses: readonly Loss[];
  /** Losses beyond those. */
  readonly more?: number;
  /** What keeps the request from this provider. */
  readonly refused?: Loss;
}

/** How calls of one dialect are said in another one. */
export interface Translator {
  readonly client: ClientCodec;
  readonly provider: ProviderCodec;
  lossesOf(fields: Readonly<Record<string, unknown>>): FieldLosses;
}

/** All that can be translated. Whoever makes the exchange hands it in. */
export interface Translations {
  /** @returns `undefined` when translators are at hand, or a promise of when they are; it rejects with `internal` */
  prepare(): Promise<void> | undefined;
  /** To be asked once they are at hand. @throws `internal` where nothing is translated between these two */
  between(client: Dialect, provider: Dialect): Translator;
}
