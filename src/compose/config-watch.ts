import { type FSWatcher, statSync, watch } from 'node:fs';
import { dirname } from 'node:path';
import type { Clock, Timer } from '../kernel/clock.ts';
import { errorCode } from '../kernel/errors.ts';

/** Long enough for an editor that writes a file in two steps, short enough to feel immediate. */
const QUIET_MS = 150;
/** A file that is written to without a pause is looked at all the same. */
const RESTLESS_MS_MAX = 2_000;
/** For file systems that tell nobody about changes, such as some network and container mounts. */
const POLL_MS = 2_000;
/** Directories watched for events; files elsewhere are found by looking. */
const DIRECTORIES_MAX = 64;

/**
 * Tells when one of a set of files has become another one. Directories are
 * watched rather than files, because editors replace a file by renaming another
 * one over it, and container platforms swap a link further up; what counts in
 * the end is whether the files look different than when they were last read.
 */
export class ConfigWatch {
  readonly #clock: Clock;
  readonly #onChange: () => void;
  readonly #watchers = new Map<string, FSWatcher>();
  /** Each file with what it looked like when it was last read. */
  #seen: ReadonlyMap<string, string> = new Map();
  #quiet: Timer | undefined;
  #restlessSinceMs: number | undefined;
  #poll: Timer | undefined;
  #closed = false;

  constructor(clock: Clock, onChange: () => void) {
    this.#clock = clock;
    this.#onChange = onChange;
  }

  /**
   * Watches these files instead of the former ones.
   *
   * @param seen absolute paths with what each looked like just before it was read, as `lookAt` says
   */
  watch(seen: ReadonlyMap<string, string>): void {
    if (this.#closed) return;
    this.#seen = seen;
    const directories = new Set([...new Set([...seen.keys()].map((file) => dirname(file)))].slice(0, DIRECTORIES_MAX));
    for (const [directory, watcher] of this.#watchers) {
      if (directories.has(directory)) continue;
      watcher.close();
      this.#watchers.delete(directory);
    }
    for (const directory of directories) this.#watchDirectory(directory);
    this.#poll ??= this.#clock.after(POLL_MS, () => this.#onPoll());
  }

  close(): void {
    this.#closed = true;
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
    this.#quiet?.cancel();
    this.#poll?.cancel();
  }

  #watchDirectory(directory: string): void {
    if (this.#watchers.has(directory)) return;
    try {
      const watcher = watch(directory, { persistent: false }, () => this.#onEvent());
      watcher.on('error', () => this.#forget(directory, watcher));
      this.#watchers.set(directory, watcher);
    } catch (error) {
      // No such directory yet, or no watches left on this machine: looking every two seconds finds it as well.
      if (errorCode(error) === undefined) throw error;
    }
  }

  #forget(directory: string, watcher: FSWatcher): void {
    watcher.close();
    if (this.#watchers.get(directory) === watcher) this.#watchers.delete(directory);
  }

  #onPoll(): void {
    this.#poll = this.#clock.after(POLL_MS, () => this.#onPoll());
    if (this.#quiet === undefined && this.#looksDifferent()) this.#onEvent();
  }

  /** Waits for the files to come to rest. */
  #onEvent(): void {
    const nowMs = this.#clock.monotonicMs();
    this.#restlessSinceMs ??= nowMs;
    if (nowMs - this.#restlessSinceMs > RESTLESS_MS_MAX) return;
    this.#quiet?.cancel();
    this.#quiet = this.#clock.after(QUIET_MS, () => this.#onQuiet());
  }

  #onQuiet(): void {
    this.#quiet = undefined;
    this.#restlessSinceMs = undefined;
    if (this.#closed || !this.#looksDifferent()) return;
    this.#onChange();
  }

  #looksDifferent(): boolean {
    for (const [file, seen] of this.#seen) if (lookAt(file) !== seen) return true;
    return false;
  }
}

/** What a file looks like from outside: equal while it is neither written to nor replaced. */
export function lookAt(file: string): string {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = statSync(file, { bigint: true });
    return `${dev} ${ino} ${size} ${mtimeNs} ${ctimeNs}`;
  } catch (error) {
    // Absent, or not to be seen by this user: that is a look too, and reading it says why.
    const code = errorCode(error);
    if (code === undefined) throw error;
    return code;
  }
}
