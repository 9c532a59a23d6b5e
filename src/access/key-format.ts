import { crc32 } from 'node:zlib';
import type { Random } from '../kernel/random.ts';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const SECRET_CHARS = 30;
const CHECKSUM_CHARS = 6;
/** 62 × 4: bytes from here up would make some characters likelier than others. */
const FAIR_BYTES = 248;

export const KEY_PREFIX = 'lw_';
const KEY_CHARS = KEY_PREFIX.length + SECRET_CHARS + CHECKSUM_CHARS;

/**
 * A new secret key: `lw_`, 30 characters of base 62 (178 bits), and 6 that
 * check them, so that a mistyped key is refused without a look at the store and
 * a leaked one can be recognised offline.
 */
export function makeKey(random: Random): string {
  let secret = '';
  while (secret.length < SECRET_CHARS) {
    for (const byte of random.bytes(SECRET_CHARS)) {
      if (byte < FAIR_BYTES && secret.length < SECRET_CHARS) secret += ALPHABET.charAt(byte % ALPHABET.length);
    }
  }
  return `${KEY_PREFIX}${secret}${checksum(secret)}`;
}

/** Whether the text can be one of our keys at all. */
export function isWellFormedKey(text: string): boolean {
  if (text.length !== KEY_CHARS || !text.startsWith(KEY_PREFIX)) return false;
  const secret = text.slice(KEY_PREFIX.length, KEY_PREFIX.length + SECRET_CHARS);
  return /^[0-9A-Za-z]+$/.test(secret) && text.endsWith(checksum(secret));
}

function checksum(secret: string): string {
  let rest = crc32(secret);
  let text = '';
  for (let index = 0; index < CHECKSUM_CHARS; index++) {
    text = ALPHABET.charAt(rest % ALPHABET.length) + text;
    rest = Math.floor(rest / ALPHABET.length);
  }
  return text;
}
