const DURATION = /^(\d{1,9}(?:\.\d{1,3})?)\s*(ms|s|m|h|d)$/;
const SIZE = /^(\d{1,15})\s*(B|KiB|MiB|GiB|KB|MB|GB)?$/i;
const DECIMAL = /^(\d{1,9})(?:\.(\d{1,6}))?$/;

const DURATION_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const SIZE_BYTES: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
};

/** Dollars per million tokens carry at most six decimals, because 10^-6 USD per million is one pico-USD per token. */
const PICO_DECIMALS = 6;

/** `500ms`, `30s`, `1.5m`, `2h`, `1d` as whole milliseconds; `undefined` for anything else. */
export function durationMs(text: string): number | undefined {
  const [, amount, unit] = DURATION.exec(text.trim()) ?? [];
  const scale = unit === undefined ? undefined : DURATION_MS[unit];
  if (amount === undefined || scale === undefined) return undefined;
  const ms = Math.round(Number(amount) * scale);
  return Number.isSafeInteger(ms) ? ms : undefined;
}

/** `512`, `64KiB`, `20MiB`, `1GB` as bytes; `undefined` for anything else. */
export function sizeBytes(text: string): number | undefined {
  const [, amount, unit] = SIZE.exec(text.trim()) ?? [];
  if (amount === undefined) return undefined;
  const bytes = Number(amount) * (SIZE_BYTES[(unit ?? 'B').toLowerCase()] ?? Number.NaN);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/**
 * US dollars per million tokens, in decimal digits, as pico-USD per token. Exact:
 * no float is involved, and more decimals than a pico-USD can hold give `undefined`.
 */
export function picoUsdPerToken(usdPerMillion: string): bigint | undefined {
  const [, whole, fraction] = DECIMAL.exec(usdPerMillion.trim()) ?? [];
  if (whole === undefined) return undefined;
  return BigInt(whole + (fraction ?? '').padEnd(PICO_DECIMALS, '0'));
}

/** Milliseconds in the largest unit that holds them without a fraction, as `10m`. */
export function durationText(ms: number): string {
  for (const [unit, scale] of Object.entries(DURATION_MS).reverse()) {
    // Days are how nobody writes a timeout.
    if (unit !== 'd' && ms !== 0 && ms % scale === 0) return `${ms / scale}${unit}`;
  }
  return `${ms}ms`;
}

/** Pico-USD per token as US dollars per million tokens, exact: the inverse of {@link picoUsdPerToken}. */
export function usdPerMillionText(pico: bigint): string {
  const digits = pico.toString().padStart(PICO_DECIMALS + 1, '0');
  const fraction = digits.slice(-PICO_DECIMALS).replace(/0+$/, '');
  return fraction === '' ? digits.slice(0, -PICO_DECIMALS) : `${digits.slice(0, -PICO_DECIMALS)}.${fraction}`;
}
