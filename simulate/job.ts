import type { Figure } from './figure.ts';

/** What a worker is asked to run. */
export type Job =
  | {
      readonly kind: 'seed';
      readonly seed: number;
      /** Run it a second time and hold the two traces against each other. */
      readonly twice: boolean;
    }
  | { readonly kind: 'scenario'; readonly name: string; readonly seed: number; readonly quick: boolean };

/** What came of it. */
export interface JobResult {
  readonly job: Job;
  readonly calls: number;
  readonly attempts: number;
  readonly tookMs: number;
  /** Empty for seeds. */
  readonly figures: readonly Figure[];
  /** What is wrong; empty: it holds. At most a few are told. */
  readonly problems: readonly string[];
  readonly traceHash: string;
}
