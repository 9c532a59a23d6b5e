import type { NanoUsd } from './amounts.ts';

const NANO_PER_USD = 1_000_000_000n;

/** An exact decimal in US dollars without trailing zeros, as in `0.0000312`; `unknown` for an unknown price. */
export function usdText(amount: NanoUsd | undefined): string {
  if (amount === undefined) return 'unknown';
  const sign = amount < 0n ? '-' : '';
  const size = amount < 0n ? -amount : amount;
  const fraction = (size % NANO_PER_USD).toString().padStart(9, '0').replace(/0+$/, '');
  const whole = (size / NANO_PER_USD).toString();
  return fraction === '' ? `${sign}${whole}` : `${sign}${whole}.${fraction}`;
}
