import { type Random, seededRandom } from '../kernel/random.ts';

/** A 32-bit hash of a text (FNV-1a, then mixed so that neighbours land far apart). Not for secrets. */
export function hashText(text: string, seed = 0): number {
  let hash = (0x811c9dc5 ^ seed) >>> 0;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return mixed(hash, text.length);
}

/** One 32-bit number out of two, in that order. */
export function mixed(one: number, other: number): number {
  let hash = Math.imul(one ^ (one >>> 16), 0x85ebca6b) ^ Math.imul(other + 0x9e3779b9, 0xc2b2ae35);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** A generator of its own for each purpose, so that drawing more for one changes nothing for another. */
export function randomFor(seed: number, purpose: string, index = 0): Random {
  return seededRandom(mixed(hashText(purpose, seed), index));
}

/** A whole number in `[min, max]`, both included. */
export function wholeBetween(random: Random, min: number, max: number): number {
  return min + Math.floor(random.float() * (max - min + 1));
}

/** One of the list. The list must not be empty. */
export function pick<Item>(random: Random, list: readonly Item[]): Item {
  const item = list[Math.floor(random.float() * list.length)];
  if (item === undefined) throw new RangeError('nothing to pick from');
  return item;
}

const ALPHANUMERIC = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** `length` letters and digits, as in a provider's ids. */
export function alphanumeric(random: Random, length: number): string {
  let text = '';
  for (let count = 0; count < length; count++) text += ALPHANUMERIC.charAt(Math.floor(random.float() * 62));
  return text;
}

/** A draw from the standard normal distribution (Box–Muller). */
export function normal(random: Random): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random.float()));
  return radius * Math.cos(2 * Math.PI * random.float());
}
