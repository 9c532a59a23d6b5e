declare const nanoUsd: unique symbol;
declare const picoUsd: unique symbol;

/** An amount of money, in billionths of a US dollar. */
export type NanoUsd = bigint & { readonly [nanoUsd]: true };

/** A price of one unit (a token, a character), in 10^-12 US dollars. */
export type PicoUsd = bigint & { readonly [picoUsd]: true };

const PICO_PER_NANO = 1_000n;

export function nano(value: bigint): NanoUsd {
  return value as NanoUsd;
}

export function pico(value: bigint): PicoUsd {
  return value as PicoUsd;
}

/** Rounds up to the next nano-USD, so that a fraction is never given away. `total` must not be negative. */
export function nanoRoundedUp(total: PicoUsd): NanoUsd {
  return nano((total + PICO_PER_NANO - 1n) / PICO_PER_NANO);
}
