import { usdPerMillion } from '../money-text.ts';
import type { Rate } from './price-answers.ts';

const USD_DIGITS = 12;

/** Pico-USD in digits as US dollars, exactly: `12000000000` is `$0.012`. */
export function picoText(picoUsd: string): string {
  const digits = picoUsd.padStart(USD_DIGITS + 1, '0');
  const fraction = digits.slice(-USD_DIGITS).replace(/0+$/, '').padEnd(2, '0');
  return `$${digits.slice(0, -USD_DIGITS)}.${fraction}`;
}

/** A price as people read it: tokens by the million, anything else for one, or for as many as it is exact for. */
export function priceText(unit: string, picoUsd: string, per: string): string {
  if (per !== '1') return `${picoText(picoUsd)} for ${per}`;
  return unit === 'token' ? `${usdPerMillion(picoUsd)}/M` : picoText(picoUsd);
}

/** A price with those that hold for larger inputs: `$1.25/M, above 200,000 $2.50/M`. */
export function rateText(unit: string, rate: Rate): string {
  const tiers = rate.tiers.map(
    (tier) => `, above ${tier.above_input_tokens.toLocaleString('en')} ${priceText(unit, tier.pico_usd, rate.per)}`,
  );
  return `${priceText(unit, rate.pico_usd, rate.per)}${tiers.join('')}`;
}

/** An exact amount, which may be a fraction, as dollars; `≈` where it does not come out even. */
export function amountText(amount: string): string {
  const [numerator = '0', denominator = '1'] = amount.split('/');
  const whole = BigInt(numerator) / BigInt(denominator);
  const even = BigInt(numerator) % BigInt(denominator) === 0n;
  return `${even ? '' : '≈ '}${picoText(whole.toString())}`;
}
