import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { systemClock } from '../kernel/clock.ts';
import { lockDataDir } from './lock.ts';
import { scratchDirectory } from './testing/scratch.ts';

const HOLDER = `
  import { lockDataDir } from ${JSON.stringify(new URL('./lock.ts', import.meta.url).href)};
  import { systemClock } from ${JSON.stringify(new URL('../kernel/clock.ts', import.meta.url).href)};
  lockDataDir(process.argv[1], systemClock);
  // Nobody keeps the handle: the lock must hold all the same.
  gc();
  process.stdout.write('held');
  setInterval(() => undefined, 1000);
`;

test('a second process is refused with the name of the first, and gets the directory when the first is killed', async () => {
  await using scratch = await scratchDirectory();
  const holder = spawn(process.execPath, ['--expose-gc', '--input-type=module', '-e', HOLDER, scratch.path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    await once(holder.stdout, 'data');
    const refusal = `data directory ${scratch.path} is in use by process ${holder.pid} \\(started 2.*Z\\); stop it or use --data DIR`;
    expect(() => lockDataDir(scratch.path, systemClock)).toThrow(new RegExp(refusal));
  } finally {
    holder.kill('SIGKILL');
  }
  await once(holder, 'exit');
  const lock = lockDataDir(scratch.path, systemClock);
  lock.release();
});

test('released, the directory is free again and names nobody', async () => {
  await using scratch = await scratchDirectory();
  const lock = lockDataDir(scratch.path, systemClock);
  expect(() => lockDataDir(scratch.path, systemClock)).toThrow(`in use by process ${process.pid}`);
  lock.release();
  lock.release();
  expect(existsSync(join(scratch.path, 'lock-owner.json'))).toBe(false);
  lockDataDir(scratch.path, systemClock).release();
});
