import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readdirSync,
  rmSync,
  statfsSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Clock } from '../../kernel/clock.ts';
import { errorCode, errorMessage } from '../../kernel/errors.ts';
import { formatDuration } from '../../observability/format.ts';
import { type Finding, fail, ok, warn } from './finding.ts';

const MIB = 2 ** 20;
/** The journal reserves segments of its own, and Postgres wants room to clean up. */
const ROOM_BYTES_MIN = 200 * MIB;
const ROOM_BYTES_WISHED = 1_024 * MIB;
/** A commit waits for one: beyond this, changes of keys feel slow. */
const FSYNC_MS_WISHED = 100;
/** This version was made after it. */
const SANE_AFTER_AT = Date.UTC(2026, 9, 1);
const CLOCK_SLACK_MS = 60_000;

/** File systems on which what the store relies on does not hold. Numbers of Linux' statfs(2). */
const FRAGILE: ReadonlyMap<number, string> = new Map([
  [0x01021994, 'memory (tmpfs): it is gone after a restart of the machine'],
  [0x6969, 'NFS: its locks and its fsync cannot be relied on'],
]);

/** What the program runs on. */
export function nodeCheck(): Finding {
  return ok('node', `${process.versions.node} on ${process.platform}-${process.arch}`);
}

/** The data directory: whether it is there, whose it is, and what it stands on. */
export function directoryCheck(dataDir: string): Finding[] {
  const path = resolve(dataDir);
  if (!existsSync(path)) return [ok('data', `${path} is not there yet; the first start makes it`)];
  const mode = statSync(path).mode & 0o777;
  const open = process.platform !== 'win32' && (mode & 0o077) !== 0;
  const fragile = FRAGILE.get(statfsSync(path).type);
  return [
    open
      ? warn('data', `${path} can be read by others (mode ${mode.toString(8)})`, `chmod 700 ${path}`)
      : ok('data', path),
    ...(fragile === undefined ? [] : [warn('data', `${path} is on ${fragile}`, 'name another place with --data')]),
  ];
}

/** Whether a write really reaches the disk, and how long that takes. */
export function fsyncCheck(dataDir: string, clock: Clock): Finding {
  const directory = nearestExisting(dataDir);
  const path = join(directory, `.doctor-${process.pid}.tmp`);
  try {
    const file = openSync(path, 'wx', 0o600);
    try {
      writeSync(file, Buffer.alloc(4_096, 1));
      const startedMs = clock.monotonicMs();
      fsyncSync(file);
      const tookMs = clock.monotonicMs() - startedMs;
      const detail = `${formatDuration(tookMs)} in ${directory}`;
      return tookMs <= FSYNC_MS_WISHED
        ? ok('fsync', detail)
        : warn('fsync', detail, 'choose a faster disk with --data');
    } finally {
      closeSync(file);
      rmSync(path, { force: true });
    }
  } catch (thrown) {
    const why = errorCode(thrown) ?? errorMessage(thrown);
    return fail(
      'fsync',
      `${directory} cannot be written (${why})`,
      'run it as the owner of the directory, or free space',
    );
  }
}

export function roomCheck(dataDir: string): Finding {
  const directory = nearestExisting(dataDir);
  const { bavail, bsize } = statfsSync(directory);
  const bytes = bavail * bsize;
  const detail = `${formatBytes(bytes)} free for ${directory}`;
  if (bytes < ROOM_BYTES_MIN)
    return fail('disk', detail, `free at least ${formatBytes(ROOM_BYTES_MIN)}: new calls would be refused`);
  if (bytes < ROOM_BYTES_WISHED) return warn('disk', detail, 'free some space, or lower retention_days');
  return ok('disk', detail);
}

/** A clock that was set back makes records overtake each other. */
export function clockCheck(dataDir: string, clock: Clock): Finding {
  const now = clock.now();
  const shown = new Date(now).toISOString();
  if (now < SANE_AFTER_AT)
    return fail('clock', `${shown} is before this version was made`, 'set the clock, best by NTP');
  const newest = newestFileAt(join(dataDir, 'journal'));
  if (newest !== undefined && newest > now + CLOCK_SLACK_MS) {
    const ahead = formatDuration(newest - now);
    return warn('clock', `${shown}; the journal was written ${ahead} later than that`, 'set the clock, best by NTP');
  }
  return ok('clock', shown);
}

/** @param servedAt the instant in the server's `Date`, which knows whole seconds only */
export function skewCheck(servedAt: number | undefined, clock: Clock): Finding {
  if (servedAt === undefined || Number.isNaN(servedAt)) return ok('clock', new Date(clock.now()).toISOString());
  const skewMs = Math.abs(clock.now() - servedAt);
  const detail = `the server's clock differs from this one by ${formatDuration(Math.max(0, skewMs - 1_000))}`;
  return skewMs > CLOCK_SLACK_MS
    ? warn('clock', detail, 'set both clocks, best by NTP')
    : ok('clock', "as the server's");
}

function newestFileAt(directory: string): number | undefined {
  if (!existsSync(directory)) return undefined;
  const times = readdirSync(directory).map((name) => statSync(join(directory, name)).mtimeMs);
  return times.length === 0 ? undefined : Math.max(...times);
}

function nearestExisting(path: string): string {
  let at = resolve(path);
  while (!existsSync(at) && dirname(at) !== at) at = dirname(at);
  return at;
}

export function formatBytes(bytes: number): string {
  return bytes >= 1_024 * MIB ? `${(bytes / (1_024 * MIB)).toFixed(1)} GiB` : `${Math.floor(bytes / MIB)} MiB`;
}
