import { spawn } from 'node:child_process';
import { cpus } from 'node:os';
import { expect, test } from 'vitest';
import { Patience } from './patience.ts';

const SPIN = 'const end = Date.now() + 20000; while (Date.now() < end);';

test.skipIf(process.platform !== 'linux')(
  'nobody is waited for longer than the plan says, all waits together',
  async () => {
    // Strangers: orphans of a shell that has ended are none of this process's family.
    const spin = `"$0" -e '${SPIN}' & echo $!`;
    const pids: number[] = [];
    for (let core = 0; core < cpus().length; core++) {
      const shell = spawn('sh', ['-c', spin, process.execPath], { stdio: ['ignore', 'pipe', 'inherit'] });
      const [line] = await new Promise<string[]>((resolve) =>
        shell.stdout.once('data', (text) => resolve([String(text)])),
      );
      pids.push(Number(line));
    }
    try {
      const patience = new Patience({ eachMs: 600, allMs: 1_000 });
      const beganMs = performance.now();
      await patience.quiet();
      const firstMs = performance.now() - beganMs;
      for (let more = 0; more < 5; more++) await patience.quiet();
      expect(firstMs).toBeGreaterThanOrEqual(600);
      expect(performance.now() - beganMs).toBeLessThan(1_000 + 2 * 250 + 500);
    } finally {
      for (const pid of pids) process.kill(pid, 'SIGKILL');
    }
  },
);

test.skipIf(process.platform !== 'linux')('without patience nothing is waited for', async () => {
  const patience = new Patience({ eachMs: 0, allMs: 1_000 });
  const beganMs = performance.now();
  await patience.quiet();
  expect(performance.now() - beganMs).toBeLessThan(200);
});
