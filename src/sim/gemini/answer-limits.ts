import { firstTokens, limitedText } from '../limits.ts';
import { type AnswerPart, type Composition, partTokens } from './answer.ts';

export interface LimitedAnswer extends Composition {
  /** Thoughts included. */
  readonly tokens: number;
  readonly thoughtTokens: number;
}

/** As much of an answer as its limits let come. A stop text ends it only where it stands in a text. */
export function limitedAnswer(composed: Composition, tokensMax: number, stops: readonly string[]): LimitedAnswer {
  const parts: AnswerPart[] = [];
  let left = tokensMax;
  let thoughtTokens = 0;
  for (const part of composed.parts) {
    const { kept, ending } = limitedPart(part, left, stops);
    const tokens = kept === undefined ? 0 : partTokens(kept);
    left -= tokens;
    if (kept !== undefined) parts.push(kept);
    if (kept?.kind === 'thought') thoughtTokens += tokens;
    if (ending === undefined) continue;
    const { finishMessage: _, ...rest } = composed;
    return { ...rest, parts, finish: ending, tokens: tokensMax - left, thoughtTokens };
  }
  return { ...composed, parts, tokens: tokensMax - left, thoughtTokens };
}

function limitedPart(
  part: AnswerPart,
  left: number,
  stops: readonly string[],
): { kept?: AnswerPart; ending?: 'STOP' | 'MAX_TOKENS' } {
  if (part.kind === 'whole' || part.kind === 'call') {
    // Half a call is none.
    return part.tokens <= left ? { kept: part } : { ending: 'MAX_TOKENS' };
  }
  if (part.kind === 'thought') {
    const pieces = firstTokens(part.pieces, left);
    const kept = pieces.length === 0 ? {} : { kept: { ...part, pieces } };
    return pieces.length < part.pieces.length ? { ...kept, ending: 'MAX_TOKENS' } : kept;
  }
  const { pieces, finish, stop } = limitedText(part.pieces, left, stops);
  const kept = pieces.length === 0 ? {} : { kept: { ...part, pieces } };
  if (stop !== undefined) return { ...kept, ending: 'STOP' };
  return finish === 'length' ? { ...kept, ending: 'MAX_TOKENS' } : kept;
}
