import type { Clock } from '../kernel/clock.ts';
import type { GatewayError } from '../kernel/errors.ts';
import type { HeaderLookup } from '../protocol/upstream.ts';
import type { PlannedTarget } from '../routing/target.ts';
import type { AnswerFacts } from './dialect.ts';
import type { Lane } from './lane.ts';

export type AttemptResult =
  | { readonly kind: 'answer'; readonly body: Buffer; readonly contentType: string; readonly facts: AnswerFacts }
  | { readonly kind: 'stream'; readonly tail: Buffer | undefined; readonly facts: AnswerFacts }
  /** `relay` is upstream's own error body, for the client if no other target helps. */
  | {
      readonly kind: 'failed';
      readonly error: GatewayError;
      readonly relay?: Relay;
      /** A quota or a spend limit is used up. */
      readonly exhausted?: boolean;
      /** The client has waited for as long as it wanted to, which says nothing of the target. */
      readonly impatient?: boolean;
      readonly facts: AnswerFacts;
    }
  /** The stream began and stopped without its end, or with upstream's own error as its end. */
  | {
      readonly kind: 'broken';
      readonly error: GatewayError;
      readonly tail: Buffer | undefined;
      readonly ownError: boolean;
      readonly facts: AnswerFacts;
    };

export interface Relay {
  readonly status: number;
  readonly contentType: string;
  readonly body: Buffer;
}

export interface AttemptListener {
  /** The head of an answer, whatever its status. */
  onHead(header: HeaderLookup): void;
  /** The first token of a streamed answer, milliseconds after the start. */
  onFirstToken(elapsedMs: number): void;
  /** The stream has shown its first event and it is no error: the client may have it. */
  onStream(contentType: string): void;
  onBytes(bytes: Buffer): void;
  /** A stream has run for a while since the last one: what is known of its use is worth a record. */
  onCheckpoint(): void;
  /** Called exactly once, unless the attempt is given up first. */
  onResult(result: AttemptResult): void;
}

export interface AttemptOptions {
  readonly clock: Clock;
  readonly target: PlannedTarget;
  /** Whether a stream was asked for. */
  readonly stream: boolean;
  readonly lane: Lane;
  /** Flat request headers, complete; asked for once the credential is at hand. */
  headers(): readonly string[];
  /** The client would rather be refused than told that something of its request was lost. */
  readonly strict: boolean;
  /** A bound on the answer's output tokens that the gateway sets, whatever the client asked for. */
  readonly outputTokensMax: number | undefined;
  /** The longest that the client waits for the first token of a stream, milliseconds. */
  readonly firstTokenMs: number | undefined;
  /** A shorter context than the client sent: its last messages, and the system's. */
  readonly keepMessages: number | undefined;
  /** Whether the target is passed over, instead of told less, where another deployment sealed something in the request. */
  readonly refuseSealed: boolean;
  /** True when nothing is left to fall back to: then even an error inside the stream is handed on. */
  last(): boolean;
}
