import { type Piece, piecesOf } from './tokenizer.ts';

export interface LimitedText {
  readonly pieces: readonly Piece[];
  readonly finish: 'stop' | 'length';
  /** The stop text that ended it, where one did. */
  readonly stop?: string;
}

/** The text as far as `tokensMax` and the stop texts let it come. A stop text may span tokens; it is not part of the answer. */
export function limitedText(pieces: readonly Piece[], tokensMax: number, stops: readonly string[]): LimitedText {
  const allowed = firstTokens(pieces, tokensMax);
  const finish = allowed.length < pieces.length ? 'length' : 'stop';
  if (stops.length === 0) return { pieces: allowed, finish };
  const text = allowed.map((piece) => piece.text).join('');
  const found = earliest(text, stops);
  if (found === undefined) return { pieces: allowed, finish };
  const { at, stop } = found;
  return { pieces: firstTokens(upTo(allowed, text, at), tokensMax), finish: 'stop', stop };
}

/** Whole pieces of at most `tokensMax` tokens together. */
export function firstTokens(pieces: readonly Piece[], tokensMax: number): readonly Piece[] {
  let tokens = 0;
  for (let count = 0; count < pieces.length; count++) {
    tokens += pieces[count]?.tokens ?? 0;
    if (tokens > tokensMax) return pieces.slice(0, count);
  }
  return pieces;
}

export function tokensOf(pieces: readonly Piece[]): number {
  let tokens = 0;
  for (const piece of pieces) tokens += piece.tokens;
  return tokens;
}

function earliest(text: string, stops: readonly string[]): { at: number; stop: string } | undefined {
  let first: { at: number; stop: string } | undefined;
  for (const stop of stops) {
    const at = text.indexOf(stop);
    if (at >= 0 && (first === undefined || at < first.at)) first = { at, stop };
  }
  return first;
}

function upTo(pieces: readonly Piece[], text: string, end: number): readonly Piece[] {
  let at = 0;
  for (let count = 0; count < pieces.length; count++) {
    if (at === end) return pieces.slice(0, count);
    at += pieces[count]?.text.length ?? 0;
    // Half a token is other tokens: the rest is counted anew.
    if (at > end) return piecesOf(text.slice(0, end));
  }
  return pieces;
}
