import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../kernel/clock.ts';
import { errorMessage, GatewayError } from '../kernel/errors.ts';

/** Held until `release`, or until the process ends in whatever way. */
export interface DataDirLock {
  release(): void;
}

interface LockOwner {
  readonly pid: number;
  readonly startedAt: string;
}

const SQLITE_BUSY = 5;

/** Every lock held here. A collected connection would give its lock back, whether or not anybody kept the handle. */
const HELD = new Set<DatabaseSync>();

/**
 * Takes the data directory for this process alone. PGlite does not refuse a
 * second process; both would overwrite each other's rows without a word.
 *
 * The lock is SQLite's own file lock on `lock.db`: the kernel gives it back
 * when the process dies, kill -9 included, so that no stale lock can exist. Who
 * holds it stands beside it in `lock-owner.json`, for the refusal's text only.
 *
 * @throws `internal` naming the process that has it, or why the directory cannot be locked
 */
export function lockDataDir(dataDir: string, clock: Clock): DataDirLock {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const ownerFile = join(dataDir, 'lock-owner.json');
  const database = new DatabaseSync(join(dataDir, 'lock.db'));
  try {
    database.exec('pragma busy_timeout = 0');
    database.exec('begin exclusive');
  } catch (error) {
    database.close();
    throw isBusy(error) ? inUse(dataDir, readOwner(ownerFile), error) : unlockable(dataDir, error);
  }
  const owner: LockOwner = { pid: process.pid, startedAt: new Date(clock.now()).toISOString() };
  writeFileSync(ownerFile, JSON.stringify(owner), { mode: 0o600 });
  HELD.add(database);
  return {
    release() {
      if (!HELD.delete(database)) return;
      rmSync(ownerFile, { force: true });
      database.close();
    },
  };
}

function isBusy(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'errcode' in error && error.errcode === SQLITE_BUSY;
}

function readOwner(ownerFile: string): LockOwner | undefined {
  try {
    const owner: unknown = JSON.parse(readFileSync(ownerFile, 'utf8'));
    if (typeof owner !== 'object' || owner === null || !('pid' in owner) || !('startedAt' in owner)) return undefined;
    return { pid: Number(owner.pid), startedAt: String(owner.startedAt) };
  } catch {
    // The file serves the message only; the holder may be writing or removing it at this very moment.
    return undefined;
  }
}

function inUse(dataDir: string, owner: LockOwner | undefined, cause: unknown): GatewayError {
  const who = owner === undefined ? 'another process' : `process ${owner.pid} (started ${owner.startedAt})`;
  return new GatewayError('internal', {
    message: `data directory ${dataDir} is in use by ${who}; stop it or use --data DIR`,
    cause,
  });
}

function unlockable(dataDir: string, cause: unknown): GatewayError {
  return new GatewayError('internal', {
    message: `data directory ${dataDir} cannot be locked (${errorMessage(cause)}); check that it is on a local, writable disk or use --data DIR`,
    cause,
  });
}
