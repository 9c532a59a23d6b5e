import type { JsonObject } from '../json-object.ts';
import type { Piece } from '../tokenizer.ts';

export type FinishReason = 'STOP' | 'MAX_TOKENS' | 'SAFETY' | 'MALFORMED_FUNCTION_CALL';

/** One part of an answer before it is written as a body or as a stream. */
export type AnswerPart =
  /** Told only to who asks for thoughts. */
  | { readonly kind: 'thought'; readonly pieces: readonly Piece[] }
  | { readonly kind: 'text'; readonly pieces: readonly Piece[] }
  /** Comes at once, as what a tool of the provider's was told and what it found. */
  | { readonly kind: 'whole'; readonly object: JsonObject; readonly tokens: number }
  | { readonly kind: 'call'; readonly name: string; readonly object: JsonObject; readonly tokens: number };

/** A page that a passage of the answer rests on. */
export interface Grounding {
  readonly query: string;
  readonly pages: readonly { readonly uri: string; readonly title: string }[];
  /** Of the answer's text. */
  readonly passage: string;
}

/** What the model would write if nothing stopped it. */
export interface Composition {
  readonly parts: readonly AnswerPart[];
  readonly finish: FinishReason;
  readonly finishMessage?: string;
  readonly grounding?: Grounding;
  /** Pages that were read because the question names them. */
  readonly readUrls?: readonly string[];
  /** What tools of the provider's gave it to read. */
  readonly foundTokens: number;
}

/** One alternative as far as it came. */
export interface Candidate extends Composition {
  readonly index: number;
  /** Thoughts included. */
  readonly tokens: number;
  readonly thoughtTokens: number;
  /** The signature and the part it stands on; a text's stands at its end. */
  readonly signature?: { readonly on: AnswerPart; readonly value: string };
}

/** Tokens of the answer that a part is made of. */
export function partTokens(part: AnswerPart): number {
  if (part.kind === 'whole' || part.kind === 'call') return part.tokens;
  return part.pieces.reduce((sum, { tokens }) => sum + tokens, 0);
}

/** What a candidate says, thoughts left out. */
export function candidateText({ parts }: Composition): string {
  return parts.flatMap((part) => (part.kind === 'text' ? part.pieces.map(({ text }) => text) : [])).join('');
}
