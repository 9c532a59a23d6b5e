/** An exact rational number: what a plan reckons with until an amount is named. The denominator is above 0. */
export interface Fraction {
  readonly num: bigint;
  readonly den: bigint;
}

export const ZERO: Fraction = { num: 0n, den: 1n };
export const ONE: Fraction = { num: 1n, den: 1n };

export function whole(value: bigint): Fraction {
  return { num: value, den: 1n };
}

export function plus(one: Fraction, other: Fraction): Fraction {
  return reduced(one.num * other.den + other.num * one.den, one.den * other.den);
}

export function minus(one: Fraction, other: Fraction): Fraction {
  return plus(one, { num: -other.num, den: other.den });
}

export function times(...factors: readonly Fraction[]): Fraction {
  return factors.reduce((one, other) => reduced(one.num * other.num, one.den * other.den), ONE);
}

/** @param divisor not 0: whoever divides has looked */
export function over(one: Fraction, divisor: Fraction): Fraction {
  if (divisor.num === 0n) throw new RangeError('division by zero');
  const sign = divisor.num < 0n ? -1n : 1n;
  return reduced(sign * one.num * divisor.den, sign * one.den * divisor.num);
}

export function sum(terms: Iterable<Fraction>): Fraction {
  let total = ZERO;
  for (const term of terms) total = plus(total, term);
  return total;
}

/** Below 0 where `one` is the smaller, above 0 where it is the larger. */
export function compare(one: Fraction, other: Fraction): number {
  const difference = one.num * other.den - other.num * one.den;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

export function isZero(value: Fraction): boolean {
  return value.num === 0n;
}

/** The least whole number that is not smaller. */
export function roundedUp({ num, den }: Fraction): bigint {
  const quotient = num / den;
  return num > 0n && num % den !== 0n ? quotient + 1n : quotient;
}

/** The greatest whole number that is not larger. */
export function roundedDown({ num, den }: Fraction): bigint {
  const quotient = num / den;
  return num < 0n && num % den !== 0n ? quotient - 1n : quotient;
}

/** The nearest whole number; a half goes up. */
export function rounded({ num, den }: Fraction): bigint {
  return roundedDown({ num: 2n * num + den, den: 2n * den });
}

function reduced(num: bigint, den: bigint): Fraction {
  let larger = num < 0n ? -num : num;
  let smaller = den;
  while (smaller !== 0n) [larger, smaller] = [smaller, larger % smaller];
  if (larger <= 1n) return { num, den };
  // Both without a remainder.
  return { num: roundedDown({ num, den: larger }), den: roundedDown({ num: den, den: larger }) };
}
