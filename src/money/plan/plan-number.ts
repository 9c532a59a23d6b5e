import { scaledDecimal } from '../../kernel/decimal.ts';
import type { Fraction } from './fraction.ts';

/** A kind of number that a plan can hold: how its text is read, and what is said where it cannot be. */
export interface NumberKind {
  /** Completes "must be …". */
  readonly allowed: string;
  read(text: string): Fraction | undefined;
}

const DECIMALS = 12;
const SCALE = 10n ** BigInt(DECIMALS);
const GROUPED = /^\d{1,3}(?:([,_])\d{3})(?:\1\d{3})*(?=\.|$)/;

/** A decimal number of at most twelve decimals and `max`, thousands marked or not. A sign, `NaN` and words are none. */
function decimal(text: string, max: bigint): Fraction | undefined {
  const plain = GROUPED.test(text) ? text.replace(/[,_]/g, '') : text;
  if (!/^\d+(?:\.\d+)?$/.test(plain)) return undefined;
  const scaled = scaledDecimal(plain, DECIMALS);
  return scaled === undefined || scaled > max * SCALE ? undefined : { num: scaled, den: SCALE };
}

/** How many: users, calls, seconds. A part of one is allowed, because plans are made of averages. */
export const COUNT: NumberKind = {
  allowed: 'a number from 0 to 1,000,000,000,000',
  read: (text) => decimal(text, 10n ** 12n),
};

export const COUNT_ABOVE_ZERO: NumberKind = {
  allowed: 'a number above 0, up to 1,000,000,000,000',
  read: (text) => above(COUNT.read(text)),
};

/** Of what is not sold by the token. */
export const QUANTITY: NumberKind = {
  allowed: 'a number from 0 to 1,000,000,000 with at most 6 decimals',
  read: (text) => (/\.\d{7,}$/.test(text) ? undefined : decimal(text, 10n ** 9n)),
};

/** Tokens of one call. */
export const TOKENS: NumberKind = {
  allowed: 'a whole number of tokens from 0 to 100,000,000',
  read: (text) => (/\./.test(text) ? undefined : decimal(text, 100_000_000n)),
};

export const SHARE: NumberKind = {
  allowed: 'a share from 0% to 100%, written with its %, as in 20%',
  read(text) {
    const [, digits] = /^(\S+?)\s*%$/.exec(text) ?? [];
    const percent = digits === undefined ? undefined : decimal(digits, 100n);
    return percent && { num: percent.num, den: percent.den * 100n };
  },
};

export const SHARE_ABOVE_ZERO: NumberKind = {
  allowed: 'a share above 0%, up to 100%, as in 40%',
  read: (text) => above(SHARE.read(text)),
};

/** How often something is done again can exceed once. */
export const RATE: NumberKind = {
  allowed: 'a rate from 0% to 1000%, written with its %, as in 2%',
  read(text) {
    const [, digits] = /^(\S+?)\s*%$/.exec(text) ?? [];
    const percent = digits === undefined ? undefined : decimal(digits, 1_000n);
    return percent && { num: percent.num, den: percent.den * 100n };
  },
};

/** In US dollars; no other currency is known here. */
export const USD: NumberKind = {
  allowed: 'US dollars from 0 to 1,000,000,000 with at most 12 decimals, as in $0.008',
  read: (text) => decimal(usdDigits(text), 10n ** 9n),
};

export const USD_ABOVE_ZERO: NumberKind = {
  allowed: 'US dollars above 0, as in $2.60',
  read: (text) => above(USD.read(text)),
};

/** For a million tokens: six decimals are one pico-USD a token. */
export const USD_PER_MILLION: NumberKind = {
  allowed: 'US dollars for a million tokens, from 0 to 1,000,000 with at most 6 decimals, as in $2.50',
  read: (text) => (/\.\d{7,}$/.test(usdDigits(text)) ? undefined : decimal(usdDigits(text), 1_000_000n)),
};

function usdDigits(text: string): string {
  return text.replace(/^\$\s*/, '').replace(/\s*USD$/i, '');
}

function above(value: Fraction | undefined): Fraction | undefined {
  return value === undefined || value.num === 0n ? undefined : value;
}
