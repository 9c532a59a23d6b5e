/** Numbers in the order they came, kept without boxing them: a stream's load takes ten thousand a second. */
export class Samples {
  #values = new Float64Array(1 << 14);
  #count = 0;
  #sorted = false;

  add(value: number): void {
    if (this.#count === this.#values.length) {
      const larger = new Float64Array(this.#values.length * 2);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#count++] = value;
    this.#sorted = false;
  }

  get count(): number {
    return this.#count;
  }

  /** The value that `share` (0 to 1) of all do not exceed; `undefined` without any. */
  quantile(share: number): number | undefined {
    if (!this.#sorted) this.#values.subarray(0, this.#count).sort();
    this.#sorted = true;
    return this.#values[Math.min(this.#count - 1, Math.floor(share * this.#count))];
  }
}

/** @throws when there are none: a median of nothing would look like a result */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)];
  const lower = sorted[Math.ceil(middle) - 1];
  if (upper === undefined || lower === undefined) throw new Error('no values');
  return (lower + upper) / 2;
}
