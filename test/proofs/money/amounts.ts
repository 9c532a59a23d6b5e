/** Nano-USD as US dollars in decimal digits, exactly: by hand, since what is proved must not write its own figures. */
export function usdWords(nano: bigint): string {
  const text = nano.toString().padStart(10, '0');
  return `${text.slice(0, -9)}.${text.slice(-9)}`;
}
