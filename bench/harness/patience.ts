import { StrangersSpan } from './machine.ts';
import { pause } from './processes.ts';

const LOOK_MS = 250;
const QUIET_PERCENT_MAX = 5;

export interface PatiencePlan {
  /** For one quiet moment. */
  readonly eachMs: number;
  /** Over the whole run. */
  readonly allMs: number;
}

/**
 * Waits before a measurement until other programs leave the machine alone: it
 * chooses when to measure, and never what counts. Without a quiet moment it is
 * measured all the same, and void or not by its own rules.
 */
export class Patience {
  readonly #plan: PatiencePlan;
  #leftMs: number;

  constructor(plan: PatiencePlan) {
    this.#plan = plan;
    this.#leftMs = plan.allMs;
  }

  async quiet(): Promise<void> {
    const beganMs = performance.now();
    const endMs = beganMs + Math.min(this.#plan.eachMs, this.#leftMs);
    while (performance.now() < endMs) {
      const strangers = new StrangersSpan();
      await pause(LOOK_MS);
      if (strangers.percent() <= QUIET_PERCENT_MAX) break;
    }
    this.#leftMs -= performance.now() - beganMs;
  }
}
