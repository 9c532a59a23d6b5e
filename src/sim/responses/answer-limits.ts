import { firstTokens, tokensOf } from '../limits.ts';
import type { Answer, AnswerItem } from './answer.ts';

/** As much of an answer as `tokensMax` lets come. */
export function limitedAnswer(composed: readonly AnswerItem[], tokensMax: number): Answer {
  const items: AnswerItem[] = [];
  let left = tokensMax;
  let reasoningTokens = 0;
  for (const item of composed) {
    const { kept, whole } = limitedItem(item, left);
    if (kept !== undefined) {
      const tokens = itemTokens(kept);
      left -= tokens;
      items.push(kept);
      if (kept.kind === 'reasoning') reasoningTokens += tokens;
    }
    if (!whole) return { items, tokens: tokensMax - left, reasoningTokens, incomplete: 'max_output_tokens' };
  }
  return { items, tokens: tokensMax - left, reasoningTokens };
}

function limitedItem(item: AnswerItem, left: number): { kept?: AnswerItem; whole: boolean } {
  if (item.kind === 'call') {
    if (left < item.headTokens) return { whole: false };
    if (item.body === undefined) return { kept: item, whole: true };
    const pieces = firstTokens(item.body.pieces, left - item.headTokens);
    const whole = pieces.length === item.body.pieces.length;
    return { kept: { ...item, body: { ...item.body, pieces } }, whole };
  }
  const pieces = firstTokens(item.pieces, left);
  const whole = pieces.length === item.pieces.length;
  if (whole) return { kept: item, whole };
  if (item.kind === 'reasoning') {
    // A thought that was broken off is not summed up.
    return { kept: { ...item, pieces, summary: [] }, whole };
  }
  if (pieces.length === 0) return { whole };
  const chars = pieces.reduce((sum, { text }) => sum + text.length, 0);
  const annotations = item.annotations.filter(({ afterChars }) => afterChars <= chars);
  return { kept: { ...item, pieces, annotations }, whole };
}

/** Tokens of the answer that an item is made of. */
export function itemTokens(item: AnswerItem): number {
  if (item.kind !== 'call') return tokensOf(item.pieces);
  return item.headTokens + tokensOf(item.body?.pieces ?? []);
}
