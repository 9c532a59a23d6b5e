const AGAIN_MS = 60_000;

/** Says when a failure that goes on is to be told again: at first, when its reason changes, and once a minute. */
export class RepeatedComplaint {
  #reason: string | undefined;
  #saidAtMs = 0;

  /** @param nowMs monotonic, milliseconds */
  isDue(reason: string, nowMs: number): boolean {
    if (reason === this.#reason && nowMs - this.#saidAtMs < AGAIN_MS) return false;
    this.#reason = reason;
    this.#saidAtMs = nowMs;
    return true;
  }

  /** It is over: the next failure is told at once. */
  end(): void {
    this.#reason = undefined;
  }
}
