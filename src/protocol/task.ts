/** How an application says that a task came out. */
export const TASK_OUTCOMES = ['success', 'partial', 'failure', 'abandoned'] as const;
export type TaskOutcome = (typeof TASK_OUTCOMES)[number];

/** What a task may cost besides models. */
export const TASK_COST_KINDS = ['tool', 'search', 'human_review', 'other'] as const;
export type TaskCostKind = (typeof TASK_COST_KINDS)[number];

/** Who speaks of a task; its name means nothing without its project. */
export interface TaskOwner {
  readonly organisation: string;
  readonly project: string;
  readonly keyId: string;
}

export interface TaskVerdict {
  readonly outcome: TaskOutcome;
  /** A figure of the application's own: a score, a worth. A decimal, exact. */
  readonly value?: string;
  readonly note?: string;
}

export interface JudgedTask extends TaskVerdict {
  /** Milliseconds since the epoch: of the first word about the task, and of the last. */
  readonly firstAt: number;
  readonly at: number;
}

export interface TaskCost {
  /** The application's own, unique in its project: the same line again is one line. */
  readonly id: string;
  readonly kind: TaskCostKind;
  readonly amountNanoUsd: bigint;
  readonly description?: string;
  readonly endUser?: string;
}

export interface KeptTaskCost extends TaskCost {
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** Sums over a task's attempts that have ended; what is not known is absent, never 0. */
export interface TaskFigures {
  readonly calls: number;
  readonly attempts: number;
  readonly errors: number;
  readonly inputTokens: number | undefined;
  readonly outputTokens: number | undefined;
  readonly costNanoUsd: bigint | undefined;
  readonly chargeNanoUsd: bigint | undefined;
  /** What its application reported besides. */
  readonly reportedNanoUsd: bigint | undefined;
  /** Calls that the cost is without. */
  readonly callsWithoutCost: number;
}

/** What is known of a task: sums of its calls by model, what was reported, and how it came out. */
export interface TaskView {
  readonly project: string;
  readonly task: string;
  readonly total: TaskFigures;
  readonly models: readonly (TaskFigures & { readonly provider: string; readonly model: string })[];
  /** The latest first, two hundred at most. Their sum is `total.reportedNanoUsd`. */
  readonly costs: readonly KeptTaskCost[];
  readonly verdict?: JudgedTask;
}
