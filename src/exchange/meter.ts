import type { NanoUsd } from '../kernel/amounts.ts';
import { nano } from '../kernel/amounts.ts';
import { costOf, type PriceSheet } from '../money/price-sheet.ts';
import type { Usage, UsageSource } from '../protocol/usage.ts';
import type { AnswerFacts, RequestMeasure } from './dialect.ts';
import type { TokenCounter } from './token-counter.ts';

/** More than any model takes or gives in one call: a count beyond it says nothing. */
const TOKENS_PLAUSIBLE_MAX = 50_000_000;

/** What an attempt used, who says so, and what it cost. */
export interface Metered {
  readonly usage?: Usage;
  readonly source?: UsageSource;
  /** Unknown is `undefined`: the model has no price, or nobody could say what was used. */
  readonly cost?: NanoUsd;
  /** What the provider said of its use that cannot be so, for an alert. */
  readonly doubt?: string;
}

export interface MeterQuestion {
  readonly facts: AnswerFacts;
  /** The answer came whole: then its use belongs to it, and the lack of it is worth an alert. */
  readonly whole: boolean;
  /** False where it is certain that the provider charges nothing: nothing was sent, or it refused. */
  readonly billable: boolean;
  readonly sheet: PriceSheet | undefined;
  /** Asked for only where the provider's own count is missing or absurd. */
  measure(): RequestMeasure;
  /** Whether answers of this kind have tokens of their own. */
  readonly hasOutput: boolean;
  readonly tokens: TokenCounter;
}

/**
 * The provider's own count where there is a whole and credible one, otherwise
 * ours: an attempt that may be billed has a use, whatever became of it.
 *
 * @returns a promise only where tokens have to be counted; it never rejects
 */
export function meterAttempt(question: MeterQuestion): Metered | Promise<Metered> {
  const { facts, billable, sheet } = question;
  if (!billable) return { source: 'provider', cost: nano(0n) };
  const { usage } = facts;
  const doubt = doubtOf(usage, question.hasOutput);
  if (usage !== undefined && doubt === undefined) return priced(sheet, usage, 'provider', undefined);
  // What was cut off before its end has no count of its output yet, which is no reason for an alert.
  const begun = !question.whole && usage?.outputTokens === undefined;
  return estimated(question, usage, begun ? undefined : doubt);
}

/** Why a provider's count cannot be taken as it is; `undefined` for one that can. */
function doubtOf(usage: Usage | undefined, hasOutput: boolean): string | undefined {
  if (usage === undefined) return 'no usage';
  const { inputTokens, outputTokens } = usage;
  if (inputTokens === undefined) return 'no credible count of input tokens';
  if (inputTokens > TOKENS_PLAUSIBLE_MAX) return `an absurd count of input tokens: ${inputTokens}`;
  if (!hasOutput) return undefined;
  if (outputTokens === undefined) return 'no credible count of output tokens';
  return outputTokens > TOKENS_PLAUSIBLE_MAX ? `an absurd count of output tokens: ${outputTokens}` : undefined;
}

async function estimated(
  question: MeterQuestion,
  given: Usage | undefined,
  doubt: string | undefined,
): Promise<Metered> {
  const { facts, tokens, hasOutput, sheet } = question;
  const { texts, otherTokens } = question.measure().prompt();
  const said = hasOutput ? (facts.output?.() ?? '') : '';
  const [counted = 0, ...inputs] = await tokens.count([said, ...texts]);
  const output = wholeOf(counted, said.length, facts.outputChars?.() ?? said.length);
  const input = inputs.reduce((sum, count) => sum + count, otherTokens);
  const usage: Usage = {
    ...given,
    inputTokens: credible(given?.inputTokens) ?? input,
    outputTokens: credible(given?.outputTokens) ?? output,
  };
  return priced(sheet, usage, 'estimated', doubt);
}

/** The count of a whole by that of its beginning. */
function wholeOf(counted: number, chars: number, allChars: number): number {
  return chars === 0 || allChars <= chars ? counted : Math.ceil((counted * allChars) / chars);
}

function credible(count: number | undefined): number | undefined {
  return count !== undefined && count <= TOKENS_PLAUSIBLE_MAX ? count : undefined;
}

function priced(sheet: PriceSheet | undefined, usage: Usage, source: UsageSource, doubt: string | undefined): Metered {
  const cost = costOf(sheet, usage);
  return {
    usage,
    source,
    ...(cost === undefined ? {} : { cost }),
    ...(doubt === undefined ? {} : { doubt }),
  };
}
