/**
 * Loaded into a gateway with `--import`: its store's thread does what the file
 * says that LEEWARD_FAULTS_STORE names, once. `sleep 5000` stops the thread for
 * so many milliseconds, as a disk that hangs does; `exit` ends it.
 */
import { readFileSync, rmSync } from 'node:fs';
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { isMainThread, type WorkerOptions } from 'node:worker_threads';

const LOOK_MS = 20;
const path = process.env['LEEWARD_FAULTS_STORE'];

if (path !== undefined && isMainThread) followIntoThreads();
else if (path !== undefined) setInterval(() => obey(path), LOOK_MS).unref();

function obey(file: string): void {
  let order: string;
  try {
    order = readFileSync(file, 'utf8');
  } catch {
    // No file, no order.
    return;
  }
  rmSync(file);
  const [word, ms] = order.trim().split(' ');
  if (word === 'exit') process.exit(1);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Number(ms));
}

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
