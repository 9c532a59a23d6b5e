import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Job, JobResult } from './job.ts';

const WORKER = fileURLToPath(new URL('worker.ts', import.meta.url));
const PRELOAD = new URL('../test/support/sabotage/preload.ts', import.meta.url).href;
/** Calls live for as long as their virtual time: a small nursery would copy them all. */
const NODE_OPTIONS = ['--max-semi-space-size=64'];

export interface WorkersOptions {
  readonly processes: number;
  /** The name of a deliberate fault to load into the product. */
  readonly sabotage?: string;
  /** No more jobs are given out once it says so. */
  enough?(result: JobResult): boolean;
  onResult?(result: JobResult): void;
}

/** Runs jobs in processes of their own, and ends them all, whatever happens. @throws when a process dies at its job */
export async function runJobs(jobs: readonly Job[], options: WorkersOptions): Promise<JobResult[]> {
  const results: JobResult[] = [];
  const queue = [...jobs];
  const workers: ChildProcess[] = [];
  const endAll = () => {
    for (const worker of workers) worker.kill('SIGKILL');
  };
  process.once('exit', endAll);
  try {
    const lanes = Math.min(options.processes, jobs.length);
    await Promise.all(Array.from({ length: lanes }, () => work(workers, queue, results, options)));
  } finally {
    endAll();
    process.off('exit', endAll);
  }
  return results;
}

function work(workers: ChildProcess[], queue: Job[], results: JobResult[], options: WorkersOptions): Promise<void> {
  const { sabotage } = options;
  const worker = fork(WORKER, [], {
    execArgv: sabotage === undefined ? NODE_OPTIONS : [...NODE_OPTIONS, '--import', PRELOAD],
    env: { ...process.env, ...(sabotage === undefined ? {} : { LEEWARD_SABOTAGE: sabotage }) },
  });
  workers.push(worker);
  return new Promise((resolve, reject) => {
    let job: Job | undefined;
    const next = () => {
      job = queue.shift();
      if (job === undefined) worker.disconnect();
      else worker.send(job);
    };
    worker.on('message', (result: JobResult) => {
      results.push(result);
      options.onResult?.(result);
      if (options.enough?.(result) === true) queue.length = 0;
      next();
    });
    worker.on('error', reject);
    worker.on('exit', (code, signal) => {
      if (job === undefined) resolve();
      else reject(new Error(`a process died with ${signal ?? code} at ${JSON.stringify(job)}`));
    });
    next();
  });
}
