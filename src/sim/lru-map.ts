/**
 * A map from text that forgets what was used longest ago. Bounded twice: by
 * entries, and by the characters its keys hold together.
 */
export class LruMap<Value> {
  readonly #entries = new Map<string, Value>();
  readonly #entriesMax: number;
  readonly #charsMax: number;
  #chars = 0;

  constructor(entriesMax: number, charsMax: number) {
    this.#entriesMax = entriesMax;
    this.#charsMax = charsMax;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: string): Value | undefined {
    const value = this.#entries.get(key);
    if (value === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, value);
    return value;
  }

  /** A key that alone would fill a quarter of the map is not kept: it would push out all that repeats. */
  set(key: string, value: Value): void {
    if (key.length > this.#charsMax / 4) return;
    if (this.#entries.delete(key)) this.#chars -= key.length;
    this.#entries.set(key, value);
    this.#chars += key.length;
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#entriesMax && this.#chars <= this.#charsMax) return;
      this.#entries.delete(oldest);
      this.#chars -= oldest.length;
    }
  }

  clear(): void {
    this.#entries.clear();
    this.#chars = 0;
  }
}
