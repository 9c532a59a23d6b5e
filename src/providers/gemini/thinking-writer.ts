import type { ReasoningEffort, ReasoningWish } from '../../protocol/chat/call.ts';
import type { Fields } from '../fields.ts';
import { type CallWriting, loseSetting } from './call-losses.ts';
import { ownRest } from './wire.ts';

/** How many tokens of thought an effort stands for, where a model takes a budget instead. */
const BUDGETS: Readonly<Record<Exclude<ReasoningEffort, 'none'>, number>> = {
  minimal: 512,
  low: 2_048,
  medium: 8_192,
  high: 24_576,
  xhigh: 32_768,
  max: 32_768,
};

/** What a budget amounts to in words; what is above the last is high. */
const LEVELS: readonly (readonly [number, Level])[] = [
  [512, 'minimal'],
  [2_048, 'low'],
  [8_192, 'medium'],
];

type Level = 'minimal' | 'low' | 'medium' | 'high';

/** The most that any model takes: above it there is nothing to be had. */
const BUDGET_MAX = 32_768;

/** As much as the model sees fit. */
const DYNAMIC = -1;

const ALWAYS = 'this model always thinks, so the least is asked for';

/**
 * How much the model is to think: the later ones take a word for it, those
 * before them a number of tokens, older ones neither.
 *
 * @returns `generationConfig.thinkingConfig`
 */
export function writeThinking(writing: CallWriting): Fields | undefined {
  const { reasoning: wish } = writing.call;
  if (wish === undefined) return undefined;
  const own = ownRest(wish.rest);
  if (own !== undefined) return asSaid(wish, own);
  if (writing.traits.thinks === false || writing.habits.thinking === 'none') {
    if (!isSilent(wish)) {
      loseSetting(writing, settingOf(wish), 'this model does not think before it answers');
    }
    return undefined;
  }
  const amount = writing.habits.thinking === 'level' ? levelOf(wish, writing) : budgetOf(wish, writing);
  if (isSilent(wish)) return amount;
  // Who asks for nothing more than not to be shown thoughts is shown none anyway.
  if (wish.show === 'none' && Object.keys(amount).length === 0) return undefined;
  return { ...(wish.show === 'none' ? {} : { includeThoughts: true }), ...amount };
}

/** What was said in this dialect's own words. */
function asSaid({ effort, budgetTokens, mode, show }: ReasoningWish, own: Fields): Fields {
  const budget = budgetTokens ?? (mode === 'disabled' ? 0 : mode === 'adaptive' ? DYNAMIC : undefined);
  return {
    ...(show === undefined || show === 'none' ? {} : { includeThoughts: true }),
    ...(budget === undefined ? {} : { thinkingBudget: budget }),
    ...(effort === undefined ? {} : { thinkingLevel: effort.toUpperCase() }),
    ...own,
  };
}

function isSilent({ effort, mode, budgetTokens }: ReasoningWish): boolean {
  return mode === 'disabled' || effort === 'none' || budgetTokens === 0;
}

function settingOf({ budgetTokens }: ReasoningWish): 'budget' | 'effort' {
  return budgetTokens === undefined ? 'effort' : 'budget';
}

function levelOf(wish: ReasoningWish, writing: CallWriting): Fields {
  const { effort, budgetTokens } = wish;
  const { leastLevel } = writing.habits;
  if (isSilent(wish)) {
    loseSetting(writing, settingOf(wish), ALWAYS);
    return { thinkingLevel: leastLevel.toUpperCase() };
  }
  if (budgetTokens !== undefined && writing.habits.eitherForm)
    return { thinkingBudget: Math.min(budgetTokens, BUDGET_MAX) };
  if (budgetTokens !== undefined) {
    loseSetting(writing, 'budget', 'this model takes a level and no budget for its thoughts');
    const level = LEVELS.find(([tokens]) => budgetTokens <= tokens)?.[1] ?? 'high';
    return { thinkingLevel: atLeast(level, leastLevel).toUpperCase() };
  }
  if (effort === undefined || effort === 'none') return {};
  if (effort === 'xhigh' || effort === 'max') {
    loseSetting(writing, 'effort', 'this model takes no more than high, which is sent');
    return { thinkingLevel: 'HIGH' };
  }
  return { thinkingLevel: atLeast(effort, leastLevel).toUpperCase() };
}

function atLeast(level: Level, least: 'minimal' | 'low'): Level {
  return level === 'minimal' ? least : level;
}

function budgetOf(wish: ReasoningWish, writing: CallWriting): Fields {
  const { effort, budgetTokens } = wish;
  const { min, max, off } = writing.habits.budget;
  if (isSilent(wish)) {
    if (!off) loseSetting(writing, settingOf(wish), ALWAYS);
    return { thinkingBudget: off ? 0 : min };
  }
  if (budgetTokens !== undefined) {
    const sent = Math.min(Math.max(budgetTokens, min), max);
    if (sent !== budgetTokens) loseSetting(writing, 'budget', `from ${min} to ${max} here, so ${sent} is sent`);
    return { thinkingBudget: sent };
  }
  if (effort === undefined || effort === 'none') return { thinkingBudget: DYNAMIC };
  return { thinkingBudget: Math.min(Math.max(roomFor(BUDGETS[effort], writing), min), max) };
}

/** Thoughts are part of the answer's tokens: a fifth of them is left for what is said. */
function roomFor(budget: number, { call }: CallWriting): number {
  const { outputTokensMax } = call;
  return outputTokensMax === undefined ? budget : Math.min(budget, Math.floor(outputTokensMax * 0.8));
}
