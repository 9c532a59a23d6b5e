import type { CallContext } from '../dialect.ts';
import type { SimChatModel } from '../models.ts';
import type { Seal } from '../seal.ts';
import type { MessagesRequest } from './request.ts';
import type { Turn } from './turn.ts';

/** What an answer is written from. */
export interface ComposeBrief {
  readonly request: MessagesRequest;
  readonly turn: Turn;
  readonly model: SimChatModel;
  readonly context: CallContext;
  readonly seal: Seal;
  /** Everything the words hang on. */
  readonly seed: number;
  /** The user's own, to be repeated. */
  readonly words: readonly string[];
  /** Whether there are thoughts between tool calls. */
  readonly interleaved: boolean;
  /** Texts are at least so long. */
  readonly textTokensMin: number;
}
