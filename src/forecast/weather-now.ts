import type { Random } from '../kernel/random.ts';
import type { Condition, Failure } from './setup.ts';

/** What befalls one request, drawn from the conditions in force. */
export type Fate =
  | { readonly kind: 'served'; readonly latencyTimes: number }
  | { readonly kind: 'fails'; readonly failure: Failure }
  | { readonly kind: 'throttled'; readonly retryAfterMs: number | undefined; readonly exhausted: boolean }
  | { readonly kind: 'declined'; readonly reason: 'context-length' | 'content-policy' };

/** The conditions of one provider, asked for one instant after the other. */
export class WeatherNow {
  readonly #conditions: readonly Condition[];
  /** Those that have not ended, from the first that may hold; conditions are sorted by their beginning. */
  #from = 0;
  #active: Condition[] = [];

  constructor(conditions: readonly Condition[]) {
    this.#conditions = [...conditions].sort((one, other) => one.fromMs - other.fromMs);
  }

  /** @param atMs never less than the one before */
  fate(atMs: number, model: string, random: Random): Fate {
    let latencyTimes = 1;
    for (const condition of this.#inForce(atMs)) {
      if (condition.model !== undefined && condition.model !== model) continue;
      if (condition.kind === 'latency') latencyTimes *= condition.times;
      if (condition.kind === 'latency' || condition.kind === 'capacity') continue;
      if (condition.share < 1 && random.float() >= condition.share) continue;
      if (condition.kind === 'outage') return { kind: 'fails', failure: condition.failure };
      if (condition.kind === 'refusal') return { kind: 'declined', reason: condition.reason };
      return {
        kind: 'throttled',
        retryAfterMs: condition.retryAfterMs,
        exhausted: condition.exhausted === true,
      };
    }
    return { kind: 'served', latencyTimes };
  }

  /** The least that conditions leave of a capacity. */
  capacity(atMs: number, whole: number): number {
    let least = whole;
    for (const condition of this.#inForce(atMs)) {
      if (condition.kind === 'capacity') least = Math.min(least, condition.concurrent);
    }
    return least;
  }

  #inForce(atMs: number): readonly Condition[] {
    const conditions = this.#conditions;
    for (let next = conditions[this.#from]; next !== undefined && next.fromMs <= atMs; next = conditions[this.#from]) {
      this.#active.push(next);
      this.#from++;
    }
    if (this.#active.some(({ untilMs }) => untilMs <= atMs)) {
      this.#active = this.#active.filter(({ untilMs }) => untilMs > atMs);
    }
    return this.#active;
  }
}
