const DECIMAL = /^(\d{1,30})(?:\.(\d{1,60}))?(?:[eE]([+-]?\d{1,3}))?$/;

/**
 * A decimal number, as text, times 10^`scale`, exactly: no float is involved.
 *
 * @returns `undefined` for text that is no number of ours (a sign, words,
 *   hundreds of digits) and for one with more decimals than `scale` can hold
 */
export function scaledDecimal(text: string, scale: number): bigint | undefined {
  const [, whole, fraction = '', exponent = '0'] = DECIMAL.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const shift = scale + Number(exponent) - fraction.length;
  const digits = BigInt(whole + fraction);
  if (shift >= 0) return shift > 60 ? undefined : digits * 10n ** BigInt(shift);
  const divisor = 10n ** BigInt(-shift);
  return digits % divisor === 0n ? digits / divisor : undefined;
}
