/** A check of llmprobe that fails over Leeward, and why it is right that it does. */
export interface ExplainedCheck {
  /** As llmprobe calls it. */
  readonly check: string;
  /** Markdown, a sentence or two. */
  readonly why: string;
}

const TOLD =
  'The call goes on without it and says so in `x-leeward-warnings`; with `x-leeward-strict: true` it is a 400.';

export const explainedChecks: readonly ExplainedCheck[] = [
  {
    check: 'chat-json-mode',
    why: `Over a Messages provider: that dialect has no JSON mode without a schema. ${TOLD}`,
  },
  {
    check: 'chat-logprobs',
    why: `Over a Messages provider: that dialect tells no probabilities. ${TOLD}`,
  },
  {
    check: 'chat-n-choices',
    why: `Over a Messages provider: that dialect gives one answer. ${TOLD}`,
  },
  {
    check: 'completions-basic',
    why: 'Over a Messages provider: the legacy completions dialect is served where a provider speaks it, and is not translated.',
  },
];
