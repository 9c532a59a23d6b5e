import type { JsonObject } from '../json-object.ts';
import type { Piece } from '../tokenizer.ts';

export type StopReason =
  | 'end_turn'
  | 'max_tokens'
  | 'stop_sequence'
  | 'tool_use'
  | 'pause_turn'
  | 'refusal'
  | 'model_context_window_exceeded';

/** A call of a tool; `server_tool_use` where the provider runs it itself. The pieces are its arguments as JSON. */
export interface CallBlock {
  readonly kind: 'call';
  readonly type: 'tool_use' | 'server_tool_use';
  readonly id: string;
  readonly name: string;
  readonly nameTokens: number;
  readonly pieces: readonly Piece[];
}

/** One block of an answer before it is written as a body or as a stream. */
export type AnswerBlock =
  | { readonly kind: 'thinking'; readonly pieces: readonly Piece[] }
  | { readonly kind: 'redacted'; readonly pieces: readonly Piece[] }
  | { readonly kind: 'text'; readonly pieces: readonly Piece[]; readonly citation?: JsonObject }
  | CallBlock
  /** Comes in one event and costs no tokens of the answer's, as what a hosted tool found. */
  | { readonly kind: 'whole'; readonly object: JsonObject };

/** What the model would write if nothing stopped it. */
export interface Composition {
  readonly blocks: readonly AnswerBlock[];
  readonly stopReason: StopReason;
  /** Absent without tools of the provider's. */
  readonly webSearches?: number;
  /** Whether code ran somewhere that can be used again. */
  readonly container?: true;
}

/** An answer as far as it came. */
export interface Answer extends Composition {
  readonly stopSequence: string | null;
  /** Thoughts included. */
  readonly tokens: number;
  readonly thinkingTokens: number;
}
