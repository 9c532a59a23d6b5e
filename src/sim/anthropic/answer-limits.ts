import { firstTokens, limitedText, tokensOf } from '../limits.ts';
import type { Answer, AnswerBlock, Composition, StopReason } from './answer.ts';

interface Limits {
  /** Thoughts included. */
  readonly tokensMax: number;
  readonly stops: readonly string[];
  /** Why an answer that reaches `tokensMax` ends. */
  readonly full: StopReason;
}

/** As much of an answer as its limits let come. A stop text ends it only where it stands in a text. */
export function limitedAnswer(composed: Composition, { tokensMax, stops, full }: Limits): Answer {
  const blocks: AnswerBlock[] = [];
  let left = tokensMax;
  let thinkingTokens = 0;
  for (const block of composed.blocks) {
    const { kept, ending } = limitedBlock(block, left, stops);
    const tokens = kept === undefined ? 0 : blockTokens(kept);
    left -= tokens;
    if (kept !== undefined) blocks.push(kept);
    if (kept?.kind === 'thinking' || kept?.kind === 'redacted') thinkingTokens += tokens;
    if (ending === undefined) continue;
    const stopReason = ending.stop === undefined ? full : 'stop_sequence';
    const counts = { tokens: tokensMax - left, thinkingTokens };
    return { ...composed, blocks, ...counts, stopReason, stopSequence: ending.stop ?? null };
  }
  return { ...composed, blocks, tokens: tokensMax - left, thinkingTokens, stopSequence: null };
}

/** Why an answer is over, with the stop text that ended it. */
interface Ending {
  readonly stop?: string;
}

function limitedBlock(
  block: AnswerBlock,
  left: number,
  stops: readonly string[],
): { kept?: AnswerBlock; ending?: Ending } {
  if (block.kind === 'whole') return { kept: block };
  if (block.kind === 'text') {
    const { pieces, finish, stop } = limitedText(block.pieces, left, stops);
    const ending = stop !== undefined ? { stop } : finish === 'length' ? {} : undefined;
    return {
      ...(pieces.length === 0 ? {} : { kept: { ...block, pieces } }),
      ...(ending === undefined ? {} : { ending }),
    };
  }
  const head = block.kind === 'call' ? block.nameTokens : 0;
  const pieces = firstTokens(block.pieces, left - head);
  if (left - head < 0 || (pieces.length === 0 && block.pieces.length > 0)) return { ending: {} };
  return { kept: { ...block, pieces }, ...(pieces.length < block.pieces.length ? { ending: {} } : {}) };
}

/** Tokens of the answer that a block is made of. */
export function blockTokens(block: AnswerBlock): number {
  switch (block.kind) {
    case 'whole':
      return 0;
    case 'call':
      return block.nameTokens + tokensOf(block.pieces);
    default:
      return tokensOf(block.pieces);
  }
}
