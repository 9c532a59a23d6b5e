/** A check of llmprobe that fails over Leeward, and why it is right that it does. */
export interface ExplainedCheck {
  /** As llmprobe calls it. */
  readonly check: string;
  /** Markdown, a sentence or two. */
  readonly why: string;
}

export const explainedChecks: readonly ExplainedCheck[] = [];
