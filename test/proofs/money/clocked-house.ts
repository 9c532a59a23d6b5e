import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { undoAtExit } from '../../../faults/harness/at-exit.ts';
import { pause } from '../../../faults/harness/waiting.ts';
import type { House, HouseOptions } from './house.ts';

const HEARD_MS = 30;

/** The wall clock of a gateway, which a proof sets as it likes. */
export class HouseClock implements Disposable {
  /** To start a house with. */
  readonly options: Required<Pick<HouseOptions, 'hooks' | 'env'>>;
  readonly #path: string;
  readonly #remove: () => void;
  #aheadMs = 0;

  constructor() {
    const folder = mkdtempSync(join(tmpdir(), 'leeward-clock-'));
    this.#remove = undoAtExit(() => rmSync(folder, { recursive: true, force: true }));
    this.#path = join(folder, 'ahead-ms');
    this.options = {
      hooks: ['--import', './test/proofs/money/clock-hook.ts'],
      env: { LEEWARD_PROOF_CLOCK: this.#path },
    };
    this.set(Date.now());
  }

  /** What the gateway takes the time to be now, in milliseconds since the epoch. */
  get now(): number {
    return Date.now() + this.#aheadMs;
  }

  /** For the next start. */
  set(instant: number): void {
    this.#aheadMs = instant - Date.now();
    writeFileSync(this.#path, String(this.#aheadMs));
  }

  /** As an operator steps it, while the gateway runs. */
  async step(house: House, instant: number): Promise<void> {
    this.set(instant);
    house.gateway.signal('SIGUSR2');
    await pause(HEARD_MS);
  }

  async until(instant: number): Promise<void> {
    await pause(Math.max(0, instant - this.now));
  }

  [Symbol.dispose](): void {
    this.#remove();
  }
}
