import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';

/**
 * Keeps every processor from falling asleep, until it is disposed of: to wake a
 * virtual one takes its host up to milliseconds, which would be measured as the
 * latency of whatever was to run there. The loops run where nobody else wants to
 * (`SCHED_IDLE`): whoever wakes up takes their place at once.
 */
export function keepAwake(): Disposable {
  const loops = Array.from({ length: availableParallelism() }, (_, cpu) =>
    spawn('taskset', ['-c', String(cpu), 'chrt', '--idle', '0', 'sh', '-c', 'while :; do :; done'], {
      stdio: 'ignore',
    }),
  );
  const stop = () => {
    for (const loop of loops) loop.kill('SIGKILL');
  };
  process.once('exit', stop);
  return {
    [Symbol.dispose]() {
      process.off('exit', stop);
      stop();
    },
  };
}
