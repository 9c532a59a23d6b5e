import { hashText, normal, randomFor } from '../draws.ts';
import { LruMap } from '../lru-map.ts';

const WORDS_LOOKED_AT = 256;
const OWN_WEIGHT = 0.25;
const WORD = /[\p{L}\p{N}]+/gu;

/**
 * Unit vectors in which texts that share words lie near each other: the sum of
 * one random direction per word, and a smaller one for the text as a whole so
 * that no two texts coincide. The same seed and text give the same vector.
 */
export class VectorSpace {
  readonly #seed: number;
  readonly #dimensions: number;
  readonly #directions: LruMap<Float32Array>;

  constructor(seed: number, dimensions: number) {
    this.#seed = seed;
    this.#dimensions = dimensions;
    // About 6 MB at 1,536 dimensions.
    this.#directions = new LruMap(1_024, 1 << 16);
  }

  /** The vector of a text, cut to its first `dimensions` and scaled to length 1 again, as OpenAI does. */
  vector(text: string, dimensions: number): Float64Array {
    const sum = new Float64Array(dimensions);
    const words = (text.toLowerCase().match(WORD) ?? []).slice(0, WORDS_LOOKED_AT);
    for (const word of words) add(sum, this.#direction(word), 1);
    add(sum, this.#drawn('whole text', text), words.length === 0 ? 1 : OWN_WEIGHT * Math.sqrt(words.length));
    return scaled(sum);
  }

  #direction(word: string): Float32Array {
    const known = this.#directions.get(word);
    if (known !== undefined) return known;
    const drawn = this.#drawn('word', word);
    this.#directions.set(word, drawn);
    return drawn;
  }

  #drawn(kind: 'word' | 'whole text', text: string): Float32Array {
    const random = randomFor(hashText(text, this.#seed), kind);
    const direction = new Float32Array(this.#dimensions);
    for (let at = 0; at < direction.length; at++) direction[at] = normal(random);
    return direction;
  }
}

function add(sum: Float64Array, direction: Float32Array, weight: number): void {
  for (let at = 0; at < sum.length; at++) sum[at] = (sum[at] ?? 0) + (direction[at] ?? 0) * weight;
}

function scaled(sum: Float64Array): Float64Array {
  let squares = 0;
  for (const value of sum) squares += value * value;
  const length = Math.sqrt(squares) || 1;
  // Nine decimals, so that the JSON is as short as OpenAI's.
  return sum.map((value) => Math.round((value / length) * 1e9) / 1e9);
}
