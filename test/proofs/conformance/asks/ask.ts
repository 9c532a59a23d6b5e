import type { Json } from '../json.ts';

/** A recorded request's intent in another dialect. */
export interface Ask {
  readonly request: Json;
  /** Members of the recorded request that the other dialect has no word for. */
  readonly unsaid: readonly string[];
}

/** Stands in a message where its part cannot be said in the other dialect. */
export const LEFT_OUT = '[left out]';

/** Takes members out of an object one by one, so that what is left is what nobody understood. */
export class Members {
  readonly #left: Map<string, unknown>;

  constructor(value: Json) {
    this.#left = new Map(Object.entries(value));
  }

  take(name: string): unknown {
    const value = this.#left.get(name);
    this.#left.delete(name);
    return value ?? undefined;
  }

  /** Names that stand for something and were not taken. */
  get left(): string[] {
    return [...this.#left].filter(([, value]) => value !== null && value !== undefined).map(([name]) => name);
  }
}

/** The object without its undefined members. */
export function defined(value: Record<string, unknown>): Json {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined));
}
