import { appendFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { errorCode } from '../../kernel/errors.ts';
import type { StoreLog } from '../log.ts';
import type { Position, SharedPosition } from './position.ts';

/** Beyond this size records are only counted and logged: damage must not fill the disk. */
const BYTES_MAX = 16 * 1024 * 1024;

/** Sets aside what cannot be read or applied, so that it stops nothing and is not lost either. */
export class RejectedLog {
  readonly #path: string;
  readonly #shared: SharedPosition;
  readonly #log: StoreLog;

  constructor(directory: string, shared: SharedPosition, log: StoreLog) {
    this.#path = join(directory, 'rejected.log');
    this.#shared = shared;
    this.#log = log;
  }

  /** @param content the record's line, or the bytes that are none */
  add(at: Position | undefined, reason: string, content: string | Buffer): void {
    this.#shared.countRejected();
    const kept = this.#keep(JSON.stringify({ at, reason, ...asField(content) }));
    this.#log.error({ at, reason, ...(kept ? { keptIn: this.#path } : {}) }, 'a journal record was set aside');
  }

  #keep(line: string): boolean {
    try {
      if (this.#bytes() + line.length > BYTES_MAX) return false;
      appendFileSync(this.#path, `${line}\n`, { mode: 0o600 });
      return true;
    } catch (error) {
      this.#log.error({ err: error }, 'a journal record that was set aside could not be kept');
      return false;
    }
  }

  #bytes(): number {
    try {
      return statSync(this.#path).size;
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return 0;
      throw error;
    }
  }
}

function asField(content: string | Buffer): { line: string } | { base64: string } {
  return typeof content === 'string' ? { line: content } : { base64: content.toString('base64') };
}
