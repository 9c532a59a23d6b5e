import type { Closure, ClosureKind } from '../weather-words.ts';

/** Closed until a moment that is known when it is closed, such as by `Retry-After`. */
export class TimedClosure {
  #closure: (Closure & { readonly untilMs: number }) | undefined;
  #sinceMs = 0;

  /** Of two the one that lasts longer holds. @returns whether it is the new one */
  close(
    kind: ClosureKind,
    why: Pick<Closure, 'reason' | 'asked'> & { readonly forMs: number },
    nowMs: number,
  ): boolean {
    const untilMs = nowMs + why.forMs;
    const held = this.current(nowMs);
    if (held !== undefined && held.untilMs >= untilMs) return false;
    this.#closure = { kind, reason: why.reason, untilMs, asked: why.asked, firm: false };
    // A longer guess does not make an answer to the shorter one less of a sign.
    if (held === undefined) this.#sinceMs = nowMs;
    return true;
  }

  /** An attempt that began at `begunAtMs` was answered: a guess from before that was wrong, or is over. */
  lift(begunAtMs: number): void {
    if (this.#closure !== undefined && !this.#closure.asked && begunAtMs > this.#sinceMs) this.#closure = undefined;
  }

  current(nowMs: number): (Closure & { readonly untilMs: number }) | undefined {
    if (this.#closure !== undefined && nowMs >= this.#closure.untilMs) this.#closure = undefined;
    return this.#closure;
  }
}
