import type { Clock } from './clock.ts';
import type { Random } from './random.ts';

/** Crockford's base 32: sorts like the number it encodes, no letters that look alike. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const TIME_CHARS = 10;
const RANDOM_CHARS = 16;
/** With the longest prefix there is, and room. */
const ID_CHARS_MAX = 64;

export type IdPrefix = 'call' | 'conv' | 'msg' | 'key' | 'org' | 'proj' | 'tok';

/** Makes ids such as `call_01k9…`: 48 bits of milliseconds, then 80 random bits, so that ids sort by time. */
export class IdMaker {
  readonly #clock: Clock;
  readonly #random: Random;
  #lastMs = -1;
  #lastTime = '';
  /** Reused, for a whole id: one that is joined from parts costs whoever writes or compares it more than it costs to make. */
  readonly #text = Buffer.alloc(ID_CHARS_MAX);

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  next(prefix: IdPrefix): string {
    const nowMs = this.#clock.now();
    if (nowMs !== this.#lastMs) {
      this.#lastMs = nowMs;
      this.#lastTime = encodeTime(nowMs);
    }
    const text = this.#text;
    let at = text.write(`${prefix}_${this.#lastTime}`, 'latin1');
    for (const byte of this.#random.bytes(RANDOM_CHARS)) text[at++] = ALPHABET.charCodeAt(byte & 31);
    return text.toString('latin1', 0, at);
  }
}

/** What sorts before every id of that kind that is made at `instantMs` or later, and after all that were made before. */
export function idFloor(prefix: IdPrefix, instantMs: number): string {
  return `${prefix}_${encodeTime(instantMs)}`;
}

/** The millisecond instant inside an id, or `undefined` when it is not one of ours. */
export function idTimeMs(id: string): number | undefined {
  const underscore = id.indexOf('_');
  const body = id.slice(underscore + 1);
  if (underscore < 1 || body.length !== TIME_CHARS + RANDOM_CHARS) return undefined;
  let ms = 0;
  for (let index = 0; index < body.length; index++) {
    const value = ALPHABET.indexOf(body.charAt(index));
    if (value < 0) return undefined;
    if (index < TIME_CHARS) ms = ms * 32 + value;
  }
  return ms;
}

function encodeTime(ms: number): string {
  let rest = ms;
  let text = '';
  for (let index = 0; index < TIME_CHARS; index++) {
    text = ALPHABET.charAt(rest % 32) + text;
    rest = Math.floor(rest / 32);
  }
  return text;
}
