/** A token of running text is about four bytes, in any language that has been looked at. */
const BYTES_PER_TOKEN = 4;

/** Tokens by length: for records that only a crash makes use of, and for whoever cannot wait for a count. */
export function roughTokens(bytes: number): number {
  return Math.ceil(bytes / BYTES_PER_TOKEN);
}
