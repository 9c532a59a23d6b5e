import type { SimChatModel } from '../models.ts';
import { GeminiRefusal, invalid } from './errors.ts';
import type { Fields } from './fields.ts';

/** How the answer is to think. */
export interface Thinking {
  /** The most tokens it may think; 0: it does not. */
  readonly budgetTokens: number;
  /** Whether thoughts are shown. */
  readonly shown: boolean;
}

const LEVELS = ['THINKING_LEVEL_UNSPECIFIED', 'MINIMAL', 'LOW', 'MEDIUM', 'HIGH'] as const;
const LEVEL_TOKENS = { MINIMAL: 12, LOW: 48, MEDIUM: 128 } as const;
const BUDGET_TOKENS_MAX = 32_768;

/** A model that reasons thinks unasked, another when it is asked to, and an old one never. @throws GeminiRefusal */
export function readThinking(config: Fields | undefined, { reasoningTokens, thinks }: SimChatModel): Thinking {
  const unasked = reasoningTokens === undefined ? 0 : Number.POSITIVE_INFINITY;
  if (config === undefined) return { budgetTokens: unasked, shown: false };
  const shown = config.boolean('includeThoughts') === true && thinks !== false;
  const budget = config.integer('thinkingBudget');
  const level = config.oneOf('thinkingLevel', 'ThinkingConfig.ThinkingLevel', LEVELS);
  config.end();
  if (budget !== undefined && level !== undefined) {
    throw new GeminiRefusal(400, 'You can only set one of thinking_budget and thinking_level.');
  }
  if (budget !== undefined && (budget < -1 || budget > BUDGET_TOKENS_MAX)) {
    throw invalid(
      config.path('thinkingBudget'),
      `The thinking budget ${budget} is invalid. Please choose a value between 0 and ${BUDGET_TOKENS_MAX}.`,
    );
  }
  if (thinks === false && level !== undefined) {
    throw new GeminiRefusal(400, 'Thinking level is not supported for this model.');
  }
  // Who asks a model that does not think for no thoughts gets what it asked for.
  if (thinks === false && budget !== undefined && budget !== 0) {
    throw new GeminiRefusal(400, 'Thinking budget is not supported for this model.');
  }
  if (budget !== undefined && budget !== -1) return { budgetTokens: budget, shown };
  if (level === 'MINIMAL' || level === 'LOW' || level === 'MEDIUM') return { budgetTokens: LEVEL_TOKENS[level], shown };
  const asked = shown || budget !== undefined || level !== undefined;
  return { budgetTokens: asked ? Number.POSITIVE_INFINITY : unasked, shown };
}
