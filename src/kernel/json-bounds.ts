import { GatewayError } from './errors.ts';
import { JSON_DEPTH_MAX, stringEnd, tooDeep } from './json-members.ts';

/**
 * More keys than any request that means something. `JSON.parse` holds up every
 * other call while it reads a body: about 0.5 s for a million different keys,
 * 0.1 s for a nesting of a million, but only 50 ms for this many keys.
 */
export const JSON_KEYS_MAX = 100_000;
/** A smaller body cannot hold enough of either to matter, and most bodies are smaller. */
const UNCHECKED_BYTES_MAX = 64 * 1024;

const QUOTE = 0x22;
const COLON = 0x3a;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

/**
 * Looks at a large JSON text before `JSON.parse` does, at about a nanosecond a
 * byte outside strings. The text need not be valid; only its size in keys and
 * levels is judged.
 *
 * @param uncheckedBytesMax up to which size it is not looked at; 0 where nobody looks at its levels afterwards
 * @throws `invalid_request` beyond {@link JSON_KEYS_MAX} keys or {@link JSON_DEPTH_MAX} levels
 */
export function checkJsonBounds(bytes: Buffer, uncheckedBytesMax = UNCHECKED_BYTES_MAX): void {
  if (bytes.length <= uncheckedBytesMax) return;
  let depth = 0;
  let keys = 0;
  for (let at = 0; at < bytes.length; at++) {
    switch (bytes[at]) {
      case QUOTE:
        at = stringEnd(bytes, at) - 1;
        break;
      case COLON:
        if (++keys > JSON_KEYS_MAX) throw tooManyKeys();
        break;
      case OPEN_BRACE:
      case OPEN_BRACKET:
        if (++depth > JSON_DEPTH_MAX) throw tooDeep();
        break;
      case CLOSE_BRACE:
      case CLOSE_BRACKET:
        depth--;
        break;
    }
  }
}

function tooManyKeys(): GatewayError {
  return new GatewayError('invalid_request', {
    message: `The request body holds more than ${JSON_KEYS_MAX} keys.`,
  });
}
