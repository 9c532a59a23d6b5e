import type { Draft } from '../../kernel/draft.ts';
import type { ReasoningEffort, ReasoningWish } from '../../protocol/chat/call.ts';
import { restOf, type WireObject } from '../../providers/openai/wire.ts';
import { count, flag, object, oneOf } from '../openai-fields.ts';

const EFFORTS: readonly ReasoningEffort[] = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'];
const KNOWN = new Set(['effort', 'max_tokens', 'enabled', 'exclude']);

/** How much the model is to think: OpenAI's `reasoning_effort`, or OpenRouter's `reasoning`. */
export function readReasoningWish(fields: WireObject): ReasoningWish | undefined {
  const given = object(fields, 'reasoning') ?? {};
  const wish: Draft<ReasoningWish> = {};
  const effort = oneOf(fields, 'reasoning_effort', EFFORTS) ?? oneOf(given, 'effort', EFFORTS);
  if (effort !== undefined) wish.effort = effort;
  const budget = count(given, 'max_tokens');
  if (budget !== undefined) wish.budgetTokens = budget;
  const enabled = flag(given, 'enabled');
  if (enabled !== undefined) wish.mode = enabled ? 'enabled' : 'disabled';
  if (flag(given, 'exclude') === true) wish.show = 'none';
  const rest = restOf(given, KNOWN);
  if (rest !== undefined) wish.rest = rest;
  return Object.keys(wish).length === 0 ? undefined : wish;
}
