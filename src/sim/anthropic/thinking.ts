import type { ToolChoice } from '../tools.ts';
import { missing, wrong } from './errors.ts';
import { Fields } from './fields.ts';

/** How the answer is to think. `adaptive` thinks between tool calls too, `between-tools` only there. */
export interface Thinking {
  readonly mode: 'disabled' | 'enabled' | 'adaptive' | 'between-tools';
  readonly budgetTokens?: number;
  /** Whether thoughts are kept back: their signatures carry them. */
  readonly omitted: boolean;
}

const BUDGET_TOKENS_MIN = 1_024;
export const INTERLEAVED = 'interleaved-thinking-2025-05-14';
const CONSULT =
  'Please consult our documentation at https://docs.claude.com/en/docs/build-with-claude/extended-thinking';

export function readThinking(fields: Fields): Thinking {
  const object = fields.object('thinking');
  if (object === undefined) return { mode: 'disabled', omitted: false };
  const type = new Fields(object, 'thinking').tag(['adaptive', 'between_tools', 'disabled', 'enabled'] as const);
  const thinking = new Fields(object, `thinking.${type}`).mayHave('type');
  if (type === 'disabled' || type === 'between_tools') {
    thinking.end();
    return { mode: type === 'disabled' ? 'disabled' : 'between-tools', omitted: false };
  }
  const omitted = thinking.oneOf('display', ['summarized', 'omitted'] as const) === 'omitted';
  if (type === 'adaptive') {
    thinking.end();
    return { mode: 'adaptive', omitted };
  }
  const budgetTokens = thinking.integer('budget_tokens', BUDGET_TOKENS_MIN);
  if (budgetTokens === undefined) throw missing(thinking.path('budget_tokens'));
  thinking.end();
  return { mode: 'enabled', budgetTokens, omitted };
}

interface Wishes {
  readonly temperature: number | undefined;
  readonly topP: number | undefined;
  readonly topK: number | undefined;
  readonly toolChoice: ToolChoice;
}

/** @throws a refusal of what cannot be had together with thinking */
export function refuseThinkingConflicts(
  thinking: Thinking,
  tokensMax: number,
  { temperature, topP, topK, toolChoice }: Wishes,
  betas: readonly string[],
): void {
  if (thinking.mode === 'disabled') return;
  const { budgetTokens } = thinking;
  // Between tool calls the budget is for all thoughts of a turn together, which one answer need not hold.
  if (budgetTokens !== undefined && budgetTokens >= tokensMax && !betas.includes(INTERLEAVED)) {
    throw wrong(
      '',
      `\`max_tokens\` must be greater than \`thinking.budget_tokens\`. ${CONSULT}#max-tokens-and-context-window-size`,
    );
  }
  if (temperature !== undefined && temperature !== 1) {
    throw wrong('', `\`temperature\` may only be set to 1 when thinking is enabled or in adaptive mode. ${CONSULT}`);
  }
  if (topP !== undefined && topP < 0.95) {
    throw wrong(
      '',
      `\`top_p\` must be greater than or equal to 0.95 or unset when thinking is enabled or in adaptive mode. ${CONSULT}`,
    );
  }
  if (topK !== undefined) {
    throw wrong('', `\`top_k\` must be unset when thinking is enabled or in adaptive mode. ${CONSULT}`);
  }
  if (toolChoice === 'required' || typeof toolChoice === 'object') {
    throw wrong('', 'Thinking may not be enabled when tool_choice forces tool use.');
  }
}
