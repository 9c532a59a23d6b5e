import { createHash } from 'node:crypto';
import { readTextFile } from '../config/load-config.ts';
import { lookAt } from './config-watch.ts';

/** More files than a configuration refers to; those beyond are read, but changes of them are not noticed. */
const FILES_MAX = 1_000;

/** Reads files for one load of the configuration, and remembers which ones and what they held. */
export class ConfigFiles {
  /** Absolute path to what the file looked like just before it was read. Files that are not there count too. */
  readonly seen = new Map<string, string>();
  readonly #contents = new Map<string, string>();

  readonly readText = (path: string): string => {
    if (this.seen.size < FILES_MAX && !this.seen.has(path)) this.seen.set(path, lookAt(path));
    const text = readTextFile(path);
    this.#contents.set(path, createHash('sha256').update(text).digest('base64url'));
    return text;
  };

  /** Equal for loads that read the same bytes from the same files. */
  get digest(): string {
    return JSON.stringify([...this.#contents].sort(([one], [other]) => (one < other ? -1 : 1)));
  }
}
