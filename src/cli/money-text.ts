import { formatUsd } from '../observability/format.ts';

const NANO_DIGITS = 9;

/** An amount of an answer as people read it: `$0.0000312`, or `unknown` for null and everything that is no amount. */
export function usdShown(money: unknown): string {
  const nano = nanoUsdOf(money);
  return nano === undefined ? 'unknown' : formatUsd(nano);
}

/** The amount of an answer in nano-USD: from `{ nano_usd }` in digits, `{ amount }` in dollars, or either text alone. */
export function nanoUsdOf(money: unknown): bigint | undefined {
  if (typeof money !== 'object' || money === null) return dollars(money);
  if ('nano_usd' in money) return nanoDigits(money.nano_usd);
  return 'amount' in money ? dollars(money.amount) : undefined;
}

/** `-31200` as it is. */
export function nanoDigits(text: unknown): bigint | undefined {
  return typeof text === 'string' && /^-?\d{1,27}$/.test(text) ? BigInt(text) : undefined;
}

/** `0.0000312` dollars in billionths, exactly. */
function dollars(text: unknown): bigint | undefined {
  const found = /^(-?)(\d{1,18})(?:\.(\d{1,9}))?$/.exec(typeof text === 'string' ? text : '');
  const [, sign, whole, fraction = ''] = found ?? [];
  if (whole === undefined) return undefined;
  const size = BigInt(whole + fraction.padEnd(NANO_DIGITS, '0'));
  return sign === '-' ? -size : size;
}

/** Pico-USD per token, in digits, as US dollars per million tokens: `150000` is `0.15`. */
export function usdPerMillion(picoUsd: string | null | undefined): string {
  if (picoUsd == null || !/^\d{1,27}$/.test(picoUsd)) return '';
  const digits = picoUsd.padStart(7, '0');
  const fraction = digits.slice(-6).replace(/0+$/, '').padEnd(2, '0');
  return `$${digits.slice(0, -6)}.${fraction}`;
}
