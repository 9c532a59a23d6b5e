import { createHmac, timingSafeEqual } from 'node:crypto';

const MAC_BYTES = 32;
/** The first byte of everything sealed: what it is, so that one kind never passes as another. */
const KINDS = {
  thinking: 0x12,
  hidden: 0x13,
  redacted: 0x14,
  search: 0x15,
  reasoning: 0x16,
  compaction: 0x17,
  thought: 0x18,
} as const;
export type SealKind = keyof typeof KINDS;

/**
 * What the provider gives away and wants back unchanged: signatures over
 * thoughts, and texts that only it can read. Every simulator of the same seed
 * knows its own.
 */
export class Seal {
  readonly #key: string;

  constructor(seed: number) {
    this.#key = `simulated provider ${seed}`;
  }

  /** The signature of a thought that is shown. */
  sign(thought: string): string {
    return Buffer.concat([Buffer.of(KINDS.thinking), this.#mac(KINDS.thinking, Buffer.from(thought))]).toString(
      'base64',
    );
  }

  /** A thought that is not shown carries itself in its signature. */
  vouches(thought: string, signature: string): boolean {
    if (thought === '' && this.open('hidden', signature) !== undefined) return true;
    return same(Buffer.from(signature, 'base64'), Buffer.from(this.sign(thought), 'base64'));
  }

  /** A text that nobody else can read. */
  close(kind: SealKind, text: string): string {
    const plain = Buffer.from(text);
    const mac = this.#mac(KINDS[kind], plain);
    return Buffer.concat([Buffer.of(KINDS[kind]), mac, this.#veiled(plain, mac)]).toString('base64');
  }

  /** @returns undefined for what was not sealed here, or is not what it was */
  open(kind: SealKind, sealed: string): string | undefined {
    const bytes = Buffer.from(sealed, 'base64');
    if (bytes.length <= MAC_BYTES || bytes[0] !== KINDS[kind]) return undefined;
    const mac = bytes.subarray(1, 1 + MAC_BYTES);
    const plain = this.#veiled(bytes.subarray(1 + MAC_BYTES), mac);
    return same(mac, this.#mac(KINDS[kind], plain)) ? plain.toString() : undefined;
  }

  #mac(kind: number, plain: Uint8Array): Buffer {
    return createHmac('sha256', this.#key).update(Buffer.of(kind)).update(plain).digest();
  }

  /** The same bytes under a stream of the key's: twice is the text again. */
  #veiled(bytes: Uint8Array, mac: Uint8Array): Buffer {
    const veiled = Buffer.from(bytes);
    for (let block = 0; block * MAC_BYTES < veiled.length; block++) {
      const stream = createHmac('sha256', this.#key).update(mac).update(String(block)).digest();
      const end = Math.min(veiled.length, (block + 1) * MAC_BYTES);
      for (let at = block * MAC_BYTES; at < end; at++) veiled[at] = (veiled[at] ?? 0) ^ (stream[at % MAC_BYTES] ?? 0);
    }
    return veiled;
  }
}

function same(one: Buffer, other: Buffer): boolean {
  return one.length === other.length && timingSafeEqual(one, other);
}
