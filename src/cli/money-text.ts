import { formatUsd } from '../observability/format.ts';

const NANO_DIGITS = 9;

/** `{ currency: 'USD', amount: '0.0000312' }` of an answer as people read it; `cost unknown` for null and everything else. */
export function usdShown(cost: unknown): string {
  const nano = nanoUsdOf(cost);
  return nano === undefined ? 'cost unknown' : formatUsd(nano);
}

/** The amount of an answer in nano-USD, from `{ amount: '0.0000312' }` or the decimal alone. */
export function nanoUsdOf(cost: unknown): bigint | undefined {
  const amount = typeof cost === 'object' && cost !== null && 'amount' in cost ? cost.amount : cost;
  const [, sign, whole, fraction] =
    /^(-?)(\d{1,18})(?:\.(\d{1,9}))?$/.exec(typeof amount === 'string' ? amount : '') ?? [];
  if (whole === undefined) return undefined;
  const size = BigInt(whole + (fraction ?? '').padEnd(NANO_DIGITS, '0'));
  return sign === '-' ? -size : size;
}
