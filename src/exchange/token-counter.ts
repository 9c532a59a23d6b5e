/** Counts tokens where nobody else did. Away from the event loop: a long text takes milliseconds. */
export interface TokenCounter {
  /** As many tokens as each text has, in their order. Never rejects: what cannot be counted is estimated by its length. */
  count(texts: readonly string[]): Promise<readonly number[]>;
  /** The same for who needs no estimate: `undefined` where it cannot be counted. Never rejects. */
  exactly(texts: readonly string[]): Promise<readonly number[] | undefined>;
}
