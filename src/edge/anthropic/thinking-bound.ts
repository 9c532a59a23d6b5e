import { jsonMembers, type Splice } from '../../kernel/json-members.ts';
import type { Loss } from '../../protocol/chat/codec.ts';
import { isObject, isTokenBound } from '../request-object.ts';
import type { ReadBody } from './read-body.ts';

/** Anthropic refuses a smaller budget. @see platform.claude.com/docs, extended thinking (read 2026-11-21) */
const THINKING_TOKENS_MIN = 1_024;
export const THINKING_OFF = '{"type":"disabled"}';

/**
 * Sees to it that the answer's bound is not above `tokensMax`, and that a
 * budget for thinking that was below the client's own bound stays below the
 * lower one: otherwise the request would be refused for what we changed.
 */
export function withinBound({ body, members, fields }: ReadBody, tokensMax: number, losses: Loss[]): Splice[] {
  const member = (key: string) => members.find((candidate) => candidate.key === key);
  const asked = fields['max_tokens'];
  const bound = member('max_tokens');
  if (bound === undefined) {
    const closing = body.lastIndexOf(0x7d);
    return [{ start: closing, end: closing, text: `,"max_tokens":${tokensMax}` }];
  }
  if (isTokenBound(asked) && asked <= tokensMax) return [];
  const splices: Splice[] = [{ start: bound.valueStart, end: bound.valueEnd, text: String(tokensMax) }];
  const thinking = member('thinking');
  const budget = isObject(fields['thinking']) ? fields['thinking']['budget_tokens'] : undefined;
  // With interleaved thinking a budget may be above the bound of one answer, and then it was before.
  const overtaken = isTokenBound(budget) && isTokenBound(asked) && budget < asked && budget >= tokensMax;
  if (thinking === undefined || !overtaken) return splices;
  if (tokensMax <= THINKING_TOKENS_MIN) {
    losses.push({ field: 'thinking', reason: `switched off: an answer of ${tokensMax} tokens has no room for it` });
    return [...splices, { start: thinking.valueStart, end: thinking.valueEnd, text: THINKING_OFF }];
  }
  const inner = jsonMembers(body.subarray(thinking.valueStart, thinking.valueEnd));
  const place = inner.find(({ key }) => key === 'budget_tokens');
  if (place === undefined) return splices;
  const start = thinking.valueStart + place.valueStart;
  losses.push({ field: 'thinking.budget_tokens', reason: `${tokensMax - 1}, to stay below max_tokens` });
  return [...splices, { start, end: thinking.valueStart + place.valueEnd, text: String(tokensMax - 1) }];
}
