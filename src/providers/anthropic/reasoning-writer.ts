import type { ReasoningEffort, ReasoningWish } from '../../protocol/chat/call.ts';
import type { Loss } from '../../protocol/chat/codec.ts';
import type { Fields } from '../fields.ts';
import type { ModelTraits } from './model-traits.ts';
import { MESSAGES } from './wire.ts';

/** How a request says how much to think. */
export interface WrittenReasoning {
  readonly thinking?: Fields;
  readonly effort?: string;
}

/** What the client calls the two ways to say it, for what is lost of them. */
export interface ReasoningNames {
  readonly effort: string;
  readonly budget: string;
}

/** Where no budget is known, of how much effort a client speaks when it asks for thoughts. */
const BUDGET_TOKENS: Record<Exclude<ReasoningEffort, 'none'>, number> = {
  minimal: 1_024,
  low: 2_048,
  medium: 8_192,
  high: 16_384,
  xhigh: 32_768,
  max: 32_768,
};

/** The API's own least. */
const BUDGET_TOKENS_MIN = 1_024;

/** How many tokens of thought an effort stands for, where a model takes a budget instead. */
export function budgetOf({ effort, budgetTokens }: ReasoningWish): number {
  if (budgetTokens !== undefined) return budgetTokens;
  return BUDGET_TOKENS[effort === undefined || effort === 'none' ? 'medium' : effort];
}

/**
 * A wish as Anthropic's models take it: the later ones think as they see fit,
 * guided by an effort; the earlier ones have a budget.
 *
 * @param outputTokensMax the request's `max_tokens`: thoughts are part of it
 */
export function writeReasoning(
  wish: ReasoningWish,
  names: ReasoningNames,
  model: ModelTraits,
  outputTokensMax: number,
  losses: Loss[],
): WrittenReasoning {
  if (wish.rest?.dialect === MESSAGES) return asSaid(wish, wish.rest.fields);
  const { mode, effort, budgetTokens } = wish;
  if (mode === 'disabled' || effort === 'none') return silenced(names, model, losses);
  if (mode === undefined && effort === undefined && budgetTokens === undefined) return {};
  if (budgetTokens !== undefined && model.budgets) return budgeted(wish, names, outputTokensMax, losses);
  if (!model.adaptive) return budgeted(wish, names, outputTokensMax, losses);
  if (budgetTokens !== undefined) {
    losses.push({ field: names.budget, reason: 'this model takes an effort and no budget for its thoughts' });
  }
  return { thinking: { type: 'adaptive', ...display(wish) }, ...effortOf(effort, names, model, losses) };
}

/** What was said in this dialect's own words. */
function asSaid(wish: ReasoningWish, rest: Fields): WrittenReasoning {
  const effort = wish.effort === undefined ? {} : { effort: wish.effort };
  if (wish.mode === undefined) return rest['type'] === undefined ? effort : { thinking: rest, ...effort };
  const budget = wish.mode === 'enabled' ? { budget_tokens: wish.budgetTokens ?? BUDGET_TOKENS_MIN } : {};
  return { thinking: { type: wish.mode, ...budget, ...display(wish), ...rest }, ...effort };
}

function budgeted(
  wish: ReasoningWish,
  names: ReasoningNames,
  outputTokensMax: number,
  losses: Loss[],
): WrittenReasoning {
  // A budget that the client names itself has to leave room for a token of the answer, as the API demands; one that
  // an effort stands for leaves a fifth of them, where there are enough.
  const share = wish.budgetTokens === undefined ? Math.floor(outputTokensMax * 0.8) : outputTokensMax - 1;
  const most = Math.max(BUDGET_TOKENS_MIN, share);
  const budget = Math.min(Math.max(budgetOf(wish), BUDGET_TOKENS_MIN), most);
  if (budget < outputTokensMax) {
    return { thinking: { type: 'enabled', budget_tokens: budget, ...display(wish) } };
  }
  losses.push({
    field: names.effort,
    reason: `thoughts need at least ${BUDGET_TOKENS_MIN} tokens here, and the answer is to have no more than ${outputTokensMax}`,
  });
  return {};
}

/** Not to think at all is an order of some models and no choice of others. */
function silenced(names: ReasoningNames, model: ModelTraits, losses: Loss[]): WrittenReasoning {
  if (model.canStopThinking) return { thinking: { type: 'disabled' } };
  losses.push({ field: names.effort, reason: 'this model always thinks, so the least effort is asked for' });
  return { effort: 'low' };
}

function effortOf(
  effort: ReasoningEffort | undefined,
  names: ReasoningNames,
  model: ModelTraits,
  losses: Loss[],
): { effort?: string } {
  if (effort === undefined) return {};
  if (effort === 'minimal') return { effort: 'low' };
  if (effort !== 'xhigh' || model.xhighEffort) return { effort };
  losses.push({ field: names.effort, reason: 'this model knows no xhigh effort, so high is asked for' });
  return { effort: 'high' };
}

function display({ show }: ReasoningWish): Fields {
  if (show === 'none') return { display: 'omitted' };
  return show === 'summary' ? { display: 'summarized' } : {};
}
