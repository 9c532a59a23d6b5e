import type { CallContext } from '../dialect.ts';
import type { SimChatModel } from '../models.ts';
import type { GenerateRequest } from './request.ts';
import type { Turn } from './turn.ts';

/** What an answer is written from. */
export interface ComposeBrief {
  readonly request: GenerateRequest;
  readonly turn: Turn;
  readonly model: SimChatModel;
  readonly context: CallContext;
  /** Everything the words hang on. */
  readonly seed: number;
  /** The user's own, to be repeated. */
  readonly words: readonly string[];
  /** Texts are at least so long. */
  readonly textTokensMin: number;
}
