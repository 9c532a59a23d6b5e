import { createHash } from 'node:crypto';
import type { Config } from './config.ts';

const VERSION_CHARS = 12;

/**
 * Twelve hex digits that are equal for configurations that behave the same:
 * comments, order and spelling of units do not count, and secrets neither (a
 * short hash over one could be guessed back, and a rotated key changes nothing else).
 */
export function configVersion(config: Config): string {
  return createHash('sha256').update(canonical(config)).digest('hex').slice(0, VERSION_CHARS);
}

function canonical(config: Config): string {
  return JSON.stringify(config, (_, value: unknown) => {
    if (typeof value === 'bigint') return `${value}n`;
    const plain: unknown = value instanceof Map ? Object.fromEntries(value) : value;
    if (typeof plain !== 'object' || plain === null || Array.isArray(plain)) return plain;
    return Object.fromEntries(Object.entries(plain).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
