import type { ReasoningEffort, ReasoningWish } from '../../protocol/chat/call.ts';
import { type CallWriting, loseSetting } from './call-losses.ts';
import { mostEffort, takesNoEffort } from './model-habits.ts';
import { type WireObject, withRest } from './wire.ts';

/** What a budget of tokens amounts to in words; what is above the last is `high`. */
const LOW_TOKENS_MAX = 2_048;
const MEDIUM_TOKENS_MAX = 8_192;

const NOT_THINKING = 'this model does not think before it answers';

/**
 * How much the model is to think. Providers that sell several vendors' models
 * take the wish as it is (`reasoning`); all others take a word for it.
 */
export function reasoningWishJson(wish: ReasoningWish | undefined, writing: CallWriting): WireObject {
  if (wish === undefined) return {};
  const { traits } = writing;
  if (traits.thinks === false) {
    if (wish.effort !== undefined && wish.effort !== 'none') loseSetting(writing, 'effort', NOT_THINKING);
    else if (wish.budgetTokens !== undefined) loseSetting(writing, 'budget', NOT_THINKING);
    return {};
  }
  if (traits.reasoningField === 'reasoning_details') return { reasoning: routedWish(wish) };
  const effort = effortOf(wish, writing);
  return withRest(effort === undefined ? {} : { reasoning_effort: effort }, wish.rest);
}

/** @see https://openrouter.ai/docs/use-cases/reasoning-tokens (read 2026-11-21): an effort or a bound, not both */
function routedWish({ effort, budgetTokens, mode, show, rest }: ReasoningWish): WireObject {
  const wish: Record<string, unknown> = {};
  if (mode === 'disabled') wish['enabled'] = false;
  else if (budgetTokens !== undefined) wish['max_tokens'] = budgetTokens;
  else if (effort !== undefined) wish['effort'] = effort;
  else if (mode !== undefined) wish['enabled'] = true;
  if (show === 'none') wish['exclude'] = true;
  return withRest(wish, rest);
}

function effortOf({ effort, budgetTokens, mode }: ReasoningWish, writing: CallWriting): ReasoningEffort | undefined {
  const { model } = writing.traits;
  if (mode === 'disabled') return takesNoEffort(model) ? 'none' : undefined;
  if (effort === undefined) return budgetTokens === undefined ? undefined : effortOfBudget(budgetTokens);
  const most = mostEffort(model);
  // The most is what a model has, by whatever word; what lies below it is told as lost when it has to be less.
  if (effort === 'max' && most === 'xhigh') return most;
  if ((effort === 'xhigh' || effort === 'max') && most === 'high') {
    loseSetting(writing, 'effort', 'this model is not known to take more than high, which is sent');
    return most;
  }
  return effort;
}

function effortOfBudget(tokens: number): ReasoningEffort {
  if (tokens <= LOW_TOKENS_MAX) return 'low';
  return tokens <= MEDIUM_TOKENS_MAX ? 'medium' : 'high';
}
