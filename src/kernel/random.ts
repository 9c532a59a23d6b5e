import { randomFillSync } from 'node:crypto';

/** Randomness as the core sees it: a seeded one makes a run repeatable. */
export interface Random {
  /** A float in [0, 1). Never for secrets. */
  float(): number;
  /** `count` bytes fit for ids and secrets. */
  bytes(count: number): Uint8Array;
}

const POOL_BYTES = 8192;

/** The machine's cryptographic randomness, drawn in blocks because one system call per id is the dearest part of it. */
export function systemRandom(): Random {
  const pool = new Uint8Array(POOL_BYTES);
  let used = POOL_BYTES;
  return {
    float: () => Math.random(),
    bytes(count) {
      if (count > POOL_BYTES) return randomFillSync(new Uint8Array(count));
      if (used + count > POOL_BYTES) {
        randomFillSync(pool);
        used = 0;
      }
      const taken = pool.slice(used, used + count);
      pool.fill(0, used, used + count);
      used += count;
      return taken;
    },
  };
}

/** A repeatable generator (mulberry32) for simulations and tests. Not for secrets. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
  return {
    float: next,
    bytes: (count) => Uint8Array.from({ length: count }, () => Math.floor(next() * 256)),
  };
}
