import type { Piece } from '../tokenizer.ts';
import type { ToolCall } from '../tools.ts';

/** One finished alternative, before it is written as a body or as a stream. */
export interface Choice {
  readonly index: number;
  /** What was thought, where the caller asked to be shown it. */
  readonly thought?: readonly Piece[];
  readonly text: readonly Piece[];
  readonly toolCalls: readonly ToolCall[];
  readonly finish: 'stop' | 'length' | 'tool_calls';
  /** Tokens thought before the first of the answer, shown or not. */
  readonly reasoningTokens: number;
  /** Those of the answer and those that were thought. */
  readonly tokens: number;
}

/** What one streamed chunk carries: a piece of a thought or of the text, the head of a tool call, or a piece of its arguments. */
export type Unit =
  | { readonly kind: 'thought'; readonly piece: Piece }
  | { readonly kind: 'text'; readonly piece: Piece }
  | { readonly kind: 'tool-head'; readonly position: number; readonly call: ToolCall }
  | { readonly kind: 'tool-arguments'; readonly position: number; readonly piece: Piece };

/** A choice as its chunks, in order. */
export function* unitsOf(choice: Choice): Generator<Unit, void, undefined> {
  for (const piece of choice.thought ?? []) yield { kind: 'thought', piece };
  for (const piece of choice.text) yield { kind: 'text', piece };
  for (const [position, call] of choice.toolCalls.entries()) {
    yield { kind: 'tool-head', position, call };
    for (const piece of call.pieces) yield { kind: 'tool-arguments', position, piece };
  }
}

export function unitTokens(unit: Unit): number {
  return unit.kind === 'tool-head' ? unit.call.nameTokens : unit.piece.tokens;
}
