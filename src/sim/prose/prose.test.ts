import { beforeAll, expect, test } from 'vitest';
import { randomFor } from '../draws.ts';
import { encode, piecesOf, TokenCounter, warm } from '../tokenizer.ts';
import { WORDS } from './lexicon.ts';
import { echoWords, writeProse } from './prose.ts';

beforeAll(warm);

function written(seed: number, ask: string) {
  const counter = new TokenCounter();
  const echo = echoWords(ask).flatMap((word) => counter.pieces(` ${word}`));
  return writeProse({ random: randomFor(seed, 'text'), echo, tokensMin: 50 });
}

test('every beginning of an answer has as many tokens as the tokenizer counts in it', () => {
  for (let seed = 0; seed < 40; seed++) {
    const pieces = written(seed, 'Explain naïve Bayes, 東京 and the year 2026 to Wladislaw!');
    let text = '';
    let tokens = 0;
    for (const piece of pieces) {
      text += piece.text;
      tokens += piece.tokens;
      expect(encode(text).length, text).toBe(tokens);
    }
  }
});

test('an answer is whole sentences, long enough, and repeats what was asked', () => {
  const pieces = written(3, 'What makes a lighthouse visible in fog?');
  const text = pieces.map((piece) => piece.text).join('');
  expect(text).toMatch(/^[A-Z].*lighthouse visible.*\.$/);
  expect(text).not.toMatch(/ {2}|\{|\ba [aeiou]/);
  expect(encode(text).length).toBeGreaterThanOrEqual(50);
});

test('the same brief gives the same text, another seed another one', () => {
  const text = (seed: number) =>
    written(seed, 'tides')
      .map((piece) => piece.text)
      .join('');
  expect(text(5)).toBe(text(5));
  expect(new Set([1, 2, 3, 4, 5, 6].map(text)).size).toBe(6);
});

test('the lexicon is made of single tokens, so that answers stream word by word', () => {
  for (const word of [...WORDS.noun, ...WORDS.verb, ...WORDS.adjective]) {
    expect(piecesOf(` ${word}`), word).toHaveLength(1);
  }
});

test('echoed words are the telling ones, in order, and never more than four', () => {
  expect(echoWords('Please tell me what the weather in Lisbon will be tomorrow morning at nine')).toEqual([
    'weather',
    'Lisbon',
    'tomorrow',
    'morning',
  ]);
  expect(echoWords('hi')).toEqual(['hi']);
  expect(echoWords('')).toEqual([]);
});
