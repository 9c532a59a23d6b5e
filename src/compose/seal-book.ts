import { createHash } from 'node:crypto';

/** Some 100 bytes each; the oldest is forgotten for the newest. */
const SEALS_MAX = 50_000;
const DIGEST_CHARS = 22;

/**
 * Which deployment sealed which thought, of the answers that lately passed
 * through here. What it does not know may be anybody's, and is nobody's to drop.
 * It knows no seal itself, only their digests.
 */
export class SealBook {
  readonly #makers = new Map<string, string>();
  readonly #max: number;

  constructor(max = SEALS_MAX) {
    this.#max = max;
  }

  note(seal: string, deployment: string): void {
    const digest = digestOf(seal);
    this.#makers.delete(digest);
    this.#makers.set(digest, deployment);
    if (this.#makers.size <= this.#max) return;
    const [oldest] = this.#makers.keys();
    if (oldest !== undefined) this.#makers.delete(oldest);
  }

  makerOf(seal: string): string | undefined {
    return this.#makers.get(digestOf(seal));
  }
}

function digestOf(seal: string): string {
  return createHash('sha256').update(seal).digest('base64url').slice(0, DIGEST_CHARS);
}
