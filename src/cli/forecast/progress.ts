import type { Clock } from '../../kernel/clock.ts';
import type { Io } from '../io.ts';

const EVERY_MS = 200;

/** How far something is, on one line of a terminal's stderr. Where that is no terminal, nothing is said. */
export class Progress {
  readonly #io: Io;
  readonly #clock: Clock;
  #saidMs: number | undefined;

  constructor(io: Io, clock: Clock) {
    this.#io = io;
    this.#clock = clock;
  }

  /** @param share from 0 to 1 */
  at(share: number): void {
    if (this.#io.errTerminal === undefined) return;
    const nowMs = this.#clock.monotonicMs();
    if (this.#saidMs !== undefined && nowMs - this.#saidMs < EVERY_MS) return;
    this.#saidMs = nowMs;
    this.#io.err(`\rforecasting ${String(Math.floor(share * 100)).padStart(3)} %`);
  }

  done(): void {
    if (this.#saidMs !== undefined) this.#io.err('\r\u001b[K');
  }
}
