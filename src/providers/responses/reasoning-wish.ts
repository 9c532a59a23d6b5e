import type { ReasoningEffort, ReasoningWish } from '../../protocol/chat/call.ts';
import { isThinking, mostEffort, takesNoEffort } from '../openai/model-habits.ts';
import type { WireObject } from '../openai/wire.ts';
import { type CallWriting, loseSetting } from './call-losses.ts';
import { ownFields, withRest } from './wire.ts';

/** What a budget of tokens amounts to in words; what is above the last is `high`. */
const LOW_TOKENS_MAX = 2_048;
const MEDIUM_TOKENS_MAX = 8_192;

const NOT_THINKING = 'this model does not think before it answers';

/** How much the model is to think, and whether to tell of it. */
export function reasoningWishJson(writing: CallWriting): WireObject {
  const { reasoning: wish } = writing.call;
  if (wish === undefined) return {};
  if (writing.traits.thinks === false) {
    if (wish.effort !== undefined && wish.effort !== 'none') loseSetting(writing, 'effort', NOT_THINKING);
    else if (wish.budgetTokens !== undefined) loseSetting(writing, 'budget', NOT_THINKING);
    return {};
  }
  const effort = askedEffort(writing);
  const written = withRest(
    {
      ...(effort === undefined ? {} : { effort }),
      ...(isShown(wish) ? { summary: ownFields(wish.rest)['summary'] ?? 'auto' } : {}),
    },
    wish.rest,
  );
  return Object.keys(written).length === 0 ? {} : { reasoning: written };
}

/** A client that turns thoughts on by themselves sees them, where its dialect does not say otherwise. */
function isShown({ show, mode }: ReasoningWish): boolean {
  if (mode === 'disabled' || show === 'none') return false;
  return show !== undefined || mode !== undefined;
}

/** The effort that is sent; `undefined` leaves it to the model. */
export function askedEffort(writing: CallWriting): ReasoningEffort | undefined {
  const { call, traits } = writing;
  const { effort, budgetTokens, mode } = call.reasoning ?? {};
  if (mode === 'disabled') return takesNoEffort(traits.model) ? 'none' : undefined;
  if (effort === undefined) {
    if (budgetTokens !== undefined) return effortOfBudget(budgetTokens);
    // Models that think only when they are asked to are asked to.
    return mode !== undefined && takesNoEffort(traits.model) ? 'medium' : undefined;
  }
  const most = mostEffort(traits.model);
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

/** Models of others than OpenAI that seal their thoughts for whoever keeps them (docs.x.ai, reasoning). */
const SEALING = /(?:^|\/)grok-(?:3-mini|4|code|[5-9])/i;
/** Thoughts that are open to read are not sealed, and some that serve them refuse the wish (console.groq.com/docs/responses-api). */
const OPEN = /gpt-oss/i;

/** Whether the thoughts of an answer can be had sealed, so that they survive without the provider keeping them. */
export function sealsThoughts({ call, traits }: CallWriting): boolean {
  const { model } = traits;
  if (traits.thinks === false || OPEN.test(model)) return false;
  if (isThinking(model) || SEALING.test(model)) return true;
  const { mode, effort } = call.reasoning ?? {};
  return call.reasoning !== undefined && mode !== 'disabled' && effort !== 'none' && !TALKING.test(model);
}

/** OpenAI's models that do not think, and refuse whoever asks for their thoughts. */
const TALKING = /(?:^|\/)(?:gpt-(?:3|4)|chatgpt-4)/i;
