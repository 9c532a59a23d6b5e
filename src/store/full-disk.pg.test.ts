import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { errorCode } from '../kernel/errors.ts';
import { usageTotals } from './attempt-queries.ts';
import { endRecord, openScratchStore, scratchDirectory, startRecord } from './testing/scratch.ts';

/** A file system of its own, small enough to fill; needs the right to mount. */
function mounted(directory: string, mebibytes: number): Disposable {
  mkdirSync(directory);
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs', directory]);
  return { [Symbol.dispose]: () => void execFileSync('umount', ['-l', directory]) };
}

function canMount(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  try {
    execFileSync('unshare', ['-m', 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    // A container without the right to mount: the test has nothing to stand on.
    return false;
  }
}

function fill(path: string): void {
  const descriptor = openSync(path, 'w');
  try {
    for (const chunk = Buffer.alloc(64 * 1024, 1); ; ) writeSync(descriptor, chunk);
  } catch (error) {
    if (errorCode(error) !== 'ENOSPC') throw error;
  } finally {
    closeSync(descriptor);
  }
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test.runIf(canMount())(
  'on a full disk running attempts end, new ones are refused, the engine says so, and nothing is lost',
  { timeout: 60_000 },
  async () => {
    await using scratch = await scratchDirectory();
    using _disk = mounted(join(scratch.path, 'disk'), 80);
    const filler = join(scratch.path, 'disk/filler');
    const store = await openScratchStore(join(scratch.path, 'disk/leeward'));
    const running = Array.from({ length: 50 }, () => startRecord());
    for (const start of running) store.journal.append(start);
    await store.journal.flush();

    fill(filler);
    let admitted = 0;
    while (store.journal.canAdmit()) {
      for (let count = 0; count < 100 && store.journal.canAdmit(); count++) {
        const start = startRecord();
        store.journal.append(start);
        store.journal.append(endRecord(start));
        admitted++;
      }
      await pause(1);
      // Log, not data: the engine dies of it as of any write it cannot make.
      if (store.state().state === 'open') {
        await store.pool
          .query(`select pg_logical_emit_message(false, 'x', repeat('y', 1000000))`)
          .catch((error: unknown) => expect(error).toMatchObject({ code: 'internal', status: 503 }));
      }
    }
    expect(() => store.journal.append(startRecord())).toThrow(
      expect.objectContaining({ code: 'budget_unavailable', status: 503, message: expect.stringMatching(/ENOSPC/) }),
    );
    expect(store.state()).toMatchObject({
      state: 'restarting',
      reason: expect.stringMatching(/No space left on device/),
    });
    for (const start of running) store.journal.append(endRecord(start));
    expect(store.journal.lag().records).toBeGreaterThan(50);

    rmSync(filler);
    await store.journal.flush();
    expect(store.state()).toEqual({ state: 'open' });
    await expect.poll(() => store.journal.canAdmit(), { timeout: 5_000 }).toBe(true);
    const { attempts, unpricedAttempts } = await usageTotals(store.database, { since: 0 });
    expect({ attempts, unpricedAttempts }).toEqual({ attempts: BigInt(50 + admitted), unpricedAttempts: 0n });
    expect(store.journal.lag()).toMatchObject({ records: 0, rejected: 0 });
    await store.close();
  },
);
