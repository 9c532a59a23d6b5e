import { monitorEventLoopDelay } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';

/**
 * Loaded into the gateway of a soak with `--import`: says each second how it
 * is, and collects garbage before it says so when asked with SIGUSR2, so that
 * what is then in use is in use.
 */

const EVERY_MS = 1_000;

if (isMainThread) {
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  let unhandled = 0;
  process.on('uncaughtExceptionMonitor', () => {
    unhandled++;
  });
  process.on('warning', () => {
    unhandled++;
  });
  const say = (collected: boolean) => {
    const { rss, heapUsed, external } = process.memoryUsage();
    const gauge = { rss, heapUsed, external, collected, unhandled, delayP99Ms: delay.percentile(99) / 1e6 };
    process.stderr.write(`gauge ${JSON.stringify(gauge)}\n`);
    delay.reset();
  };
  setInterval(() => say(false), EVERY_MS).unref();
  process.on('SIGUSR2', () => {
    globalThis.gc?.();
    // What only weak references and finalizers kept goes in the second round.
    setTimeout(() => {
      globalThis.gc?.();
      say(true);
      delay.reset();
    }, 50).unref();
  });
}
