import { beforeAll, expect, test } from 'vitest';
import { encode, piecesOf, TokenCounter, warm } from './tokenizer.ts';

beforeAll(warm);

test('pieces join to the text and their tokens add up to its count, whatever characters tokens cut', () => {
  for (const text of ['Hello world', ' 👩‍👩‍👧🏽 𝕏 日本語', 'a\n\n  b\t\r\nc', '{"a":[1,2.5,"é"]}', '']) {
    const pieces = piecesOf(text);
    expect(pieces.map((piece) => piece.text).join('')).toBe(text);
    expect(pieces.reduce((sum, piece) => sum + piece.tokens, 0)).toBe(encode(text).length);
    expect(JSON.parse(`"${pieces.map((piece) => piece.json).join('')}"`)).toBe(text);
  }
});

test('special tokens in a user text are plain text', () => {
  expect(new TokenCounter().count('say <|endoftext|> now')).toBeGreaterThan(5);
});

test('one word of 200,000 characters is counted quickly', () => {
  const word = Array.from({ length: 200_000 }, (_, at) => String.fromCharCode(97 + ((at * at) % 23))).join('');
  const startMs = performance.now();
  expect(encode(word).length).toBeGreaterThan(10_000);
  // Unsplit it takes tens of seconds.
  expect(performance.now() - startMs).toBeLessThan(5_000);
  expect(
    piecesOf(word)
      .map((piece) => piece.text)
      .join(''),
  ).toBe(word);
});
