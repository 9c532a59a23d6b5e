import { formatUsd } from '../observability/format.ts';
import type { MoneyJson } from './forecast-document.ts';

/** `99.97 %`, cut and not rounded: what has not reached 100 % must not look as if it had. */
export function shareText(share: number | null): string {
  if (share === null) return '–';
  // What a float lacks in its last digit is no part of the figure.
  return `${(Math.floor(share * 10_000 + 1e-6) / 100).toFixed(2)} %`;
}

/** `1.04`. */
export function ratioText(ratio: number | null): string {
  return ratio === null ? '–' : ratio.toFixed(2);
}

export function moneyText(money: MoneyJson | null): string {
  return money === null ? 'unknown' : formatUsd(BigInt(money.nano_usd));
}
