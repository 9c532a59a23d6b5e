import { TargetPassage } from './passage.ts';
import type { TargetState } from './target-state.ts';
import { viewOf } from './target-view.ts';
import type { Closure, Passage, TargetWeather, TargetWeatherView } from './weather-words.ts';

/** A target's state as a walk and an attempt use it. */
export class PolicedTarget implements TargetWeather {
  readonly state: TargetState;
  /** Grows with each use of any target: the smallest was used longest ago. */
  usedAt = 0;

  constructor(state: TargetState) {
    this.state = state;
  }

  get key(): string {
    return this.state.name.key;
  }

  get firstTokenP95Ms(): number | undefined {
    return this.state.firstTokens.value;
  }

  get firstTokenP50Ms(): number | undefined {
    return this.state.firstTokens.at(0.5);
  }

  closure(): Closure | undefined {
    return this.state.closure(this.#nowMs);
  }

  /** With `firstToken` and `end` some 0.6 µs for a calm target, all policies on (`node bench/weather.ts`, two cores of 2026). */
  begin(paidBy?: TargetWeather | 'hedge'): Passage {
    const nowMs = this.#nowMs;
    if (paidBy === undefined) this.state.retryBudget?.called(nowMs);
    const budget = paidBy instanceof PolicedTarget ? paidBy.state.retryBudget : undefined;
    return new TargetPassage(this.state, nowMs, paidBy !== undefined && paidBy !== 'hedge', budget);
  }

  mayRetry(): boolean {
    return this.state.retryBudget === undefined || this.state.retryBudget.take(this.#nowMs);
  }

  view(): TargetWeatherView {
    return viewOf(this.state, this.#nowMs);
  }

  get #nowMs(): number {
    return this.state.parts.clock.monotonicMs();
  }
}
