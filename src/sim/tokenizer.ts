import { LruMap } from './lru-map.ts';

/** The smallest part of an answer that can be sent alone: whole characters, so at times more than one token. */
export interface Piece {
  readonly text: string;
  /** `text` as it stands inside a JSON string, without the quotes. */
  readonly json: string;
  readonly tokens: number;
}

interface Encoding {
  encode(text: string, options: { disallowedSpecial: Set<string> }): number[];
  decode(ids: number[]): string;
  readonly vocabularySize: number;
}

let encoding: Encoding | undefined;
let loading: Promise<void> | undefined;

/** Loads the tokenizer's vocabulary, once per process: some 100 ms and 70 MB, which is why nobody loads it unasked. */
export function warm(): Promise<void> {
  loading ??= import('gpt-tokenizer/encoding/o200k_base').then((loaded) => {
    encoding = loaded;
  });
  return loading;
}

export function isWarm(): boolean {
  return encoding !== undefined;
}

function loadedEncoding(): Encoding {
  if (encoding === undefined) throw new Error('the tokenizer is not loaded: await warm() before the first call');
  return encoding;
}

/** Without this, a text such as `<|endoftext|>` from a user would throw. */
const PLAIN_TEXT = { disallowedSpecial: new Set<string>() };

/** Byte-pair merging is superlinear within one unbroken run: a word of 100 KB takes 1.8 s, one of 2 KB 4 ms. */
const RUN_CHARS_MAX = 2_048;
const RUNS = /[\p{L}\p{M}]+|\s+|[^\s\p{L}\p{M}\p{N}]+/gu;

/** Token ids of a text in o200k_base. Runs above 2,048 characters are counted in parts. */
export function encode(text: string): number[] {
  const { encode } = loadedEncoding();
  if (text.length <= RUN_CHARS_MAX) return encode(text, PLAIN_TEXT);
  const ids: number[] = [];
  for (const part of withoutLongRuns(text)) for (const id of encode(part, PLAIN_TEXT)) ids.push(id);
  return ids;
}

function withoutLongRuns(text: string): string[] {
  const parts: string[] = [];
  let from = 0;
  for (const run of text.matchAll(RUNS)) {
    for (let left = run[0].length; left > RUN_CHARS_MAX; left -= RUN_CHARS_MAX) {
      const end = run.index + run[0].length - left + RUN_CHARS_MAX;
      parts.push(text.slice(from, end));
      from = end;
    }
  }
  parts.push(text.slice(from));
  return parts;
}

/** Ids at or above this number name no token. */
export function vocabularySize(): number {
  return loadedEncoding().vocabularySize;
}

/** A text as the pieces it is streamed in. Their token counts add up to the text's. */
export function piecesOf(text: string): Piece[] {
  const { decode } = loadedEncoding();
  const pieces: Piece[] = [];
  let tokens = 0;
  for (const id of encode(text)) {
    tokens++;
    // A token that ends within a character decodes to nothing; its bytes come out with the token that completes it.
    const decoded = decode([id]);
    if (decoded === '') continue;
    pieces.push(pieceOf(decoded, tokens));
    tokens = 0;
  }
  return pieces;
}

export function pieceOf(text: string, tokens: number): Piece {
  return { text, tokens, json: JSON.stringify(text).slice(1, -1) };
}

/** Counts tokens and remembers the counts of texts that come again, such as system prompts. */
export class TokenCounter {
  readonly #counts = new LruMap<number>(8_192, 8 << 20);
  readonly #words = new LruMap<readonly Piece[]>(4_096, 1 << 18);

  count(text: string): number {
    if (text === '') return 0;
    const known = this.#counts.get(text);
    if (known !== undefined) return known;
    const counted = encode(text).length;
    this.#counts.set(text, counted);
    return counted;
  }

  /** Pieces of a short text that is likely to come again. */
  pieces(text: string): readonly Piece[] {
    const known = this.#words.get(text);
    if (known !== undefined) return known;
    const pieces = piecesOf(text);
    this.#words.set(text, pieces);
    return pieces;
  }
}
