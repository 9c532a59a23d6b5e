import type { Random } from '../../kernel/random.ts';
import { pick, wholeBetween } from '../draws.ts';
import { plainWords } from '../prose/prose.ts';
import { textMatching } from './pattern.ts';

const CHARS_MAX = 10_000;

export interface StringLimits {
  readonly format?: string;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
}

/** A text within a schema's limits. `words` are the user's own, taken where nothing else is asked for. */
export function stringWithin(limits: StringLimits, random: Random, words: readonly string[]): string {
  if (limits.pattern !== undefined) {
    const matching = textMatching(limits.pattern, random);
    if (matching !== undefined) return matching;
  }
  const formatted = limits.format === undefined ? undefined : FORMATS[limits.format]?.(random);
  if (formatted !== undefined) return formatted;
  const min = Math.min(limits.minLength ?? 0, CHARS_MAX);
  const max = Math.max(min, Math.min(limits.maxLength ?? CHARS_MAX, CHARS_MAX));
  let text = words.length > 0 ? pick(random, words) : plainWords(random, 2);
  while (text.length < min) text += ` ${plainWords(random, 2)}`;
  // Cut by code points: that is how JSON Schema counts, and half a character is none.
  return [...text].slice(0, max).join('');
}

const two = (value: number) => String(value).padStart(2, '0');

function date(random: Random): string {
  return `2026-${two(wholeBetween(random, 1, 12))}-${two(wholeBetween(random, 1, 28))}`;
}

function time(random: Random): string {
  return `${two(wholeBetween(random, 0, 23))}:${two(wholeBetween(random, 0, 59))}:${two(wholeBetween(random, 0, 59))}Z`;
}

function hex(random: Random, length: number): string {
  return Array.from({ length }, () => wholeBetween(random, 0, 15).toString(16)).join('');
}

function host(random: Random): string {
  return `${plainWords(random, 1)}.example.com`;
}

const FORMATS: Readonly<Record<string, (random: Random) => string>> = {
  date,
  time,
  'date-time': (random) => `${date(random)}T${time(random)}`,
  duration: (random) => `PT${wholeBetween(random, 1, 59)}M`,
  email: (random) => `${plainWords(random, 1)}@example.com`,
  hostname: host,
  uri: (random) => `https://${host(random)}/${wholeBetween(random, 1, 999)}`,
  url: (random) => `https://${host(random)}/${wholeBetween(random, 1, 999)}`,
  uuid: (random) =>
    `${hex(random, 8)}-${hex(random, 4)}-4${hex(random, 3)}-${pick(random, ['8', '9', 'a', 'b'])}${hex(random, 3)}-${hex(random, 12)}`,
  ipv4: (random) => `192.0.2.${wholeBetween(random, 1, 254)}`,
  ipv6: (random) => `2001:db8::${hex(random, 4)}`,
};
