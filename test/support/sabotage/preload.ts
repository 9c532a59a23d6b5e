import { createRequire, registerHooks, syncBuiltinESMExports } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { WorkerOptions } from 'node:worker_threads';
import { SABOTAGES } from './list.ts';

/**
 * Loaded into a gateway with `--import` by a proof that wants to be seen to
 * fail: one line of the product is replaced as it is loaded, so that the
 * product itself knows nothing of sabotage. `LEEWARD_SABOTAGE` names it.
 */
const name = process.env['LEEWARD_SABOTAGE'];
const sabotage = SABOTAGES.find((candidate) => candidate.name === name);

if (name !== undefined) {
  if (sabotage === undefined) throw new Error(`there is no sabotage called ${name}`);
  followIntoThreads();
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context);
      if (!url.startsWith('file:') || !fileURLToPath(url).endsWith(`/src/${sabotage.file}`)) return loaded;
      const source = String(loaded.source);
      // A sabotage that no longer finds its line would leave the proof green for the wrong reason.
      if (source.split(sabotage.find).length !== 2) {
        throw new Error(`sabotage ${sabotage.name}: its text does not stand exactly once in src/${sabotage.file}`);
      }
      return { ...loaded, source: source.replace(sabotage.find, () => sabotage.replace) };
    },
  });
}

/** The store's thread starts with no arguments of node's: it gets this file all the same. */
function followIntoThreads(): void {
  const threads: typeof import('node:worker_threads') = createRequire(import.meta.url)('node:worker_threads');
  const { Worker } = threads;
  threads.Worker = class extends Worker {
    constructor(script: string | URL, options: WorkerOptions = {}) {
      super(script, { ...options, execArgv: [...(options.execArgv ?? []), '--import', import.meta.url] });
    }
  };
  syncBuiltinESMExports();
}
