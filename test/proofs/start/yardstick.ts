import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { runWell } from './machine.ts';

/** Most of a start is this engine's, and all of it is as fast as the processor. */
const OPEN = `
import { PGlite } from '@electric-sql/pglite';
const engine = await PGlite.create(process.argv[1]);
await engine.query('select 1');
console.log(performance.now());
await engine.close();
`;

/** How long the embedded engine takes by itself to open a store that is there: what a machine's speed is told by. */
export class Yardstick {
  readonly ms: number[] = [];
  readonly #checkout: string;
  readonly #store: string;
  #made = false;

  /** @param checkout with its packages installed */
  constructor(checkout: string, scratch: string) {
    this.#checkout = checkout;
    this.#store = mkdtempSync(join(scratch, 'engine-'));
  }

  async measure(): Promise<void> {
    if (!this.#made) await this.#open();
    this.#made = true;
    this.ms.push(await this.#open());
  }

  async #open(): Promise<number> {
    const node = join(this.#checkout, 'node_modules/.bin/node');
    const { stdout } = await runWell(node, ['--input-type=module', '-e', OPEN, this.#store], { cwd: this.#checkout });
    return Number(stdout);
  }
}
