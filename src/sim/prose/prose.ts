import type { Random } from '../../kernel/random.ts';
import { pick, wholeBetween } from '../draws.ts';
import { type Piece, piecesOf } from '../tokenizer.ts';
import { COMMON_WORDS, OPENINGS, OPENINGS_WITH_ECHO, SENTENCES, type Slot, WORDS } from './lexicon.ts';

type Part = readonly Piece[] | Slot | 'echo';

interface Material {
  readonly words: Record<Slot, readonly (readonly Piece[])[]>;
  readonly openings: readonly Part[][];
  readonly openingsWithEcho: readonly Part[][];
  readonly sentences: readonly Part[][];
}

let compiled: Material | undefined;

/**
 * Tokenises the lexicon once. Each part begins with a space or a mark, which
 * is where the tokenizer starts a new token anyway: parts can be put together
 * in any order and the sum of their tokens stays the tokenizer's own count.
 */
function material(): Material {
  compiled ??= {
    words: {
      noun: WORDS.noun.map(spacedPieces),
      verb: WORDS.verb.map(spacedPieces),
      adjective: WORDS.adjective.map(spacedPieces),
      adverb: WORDS.adverb.map(spacedPieces),
    },
    openings: OPENINGS.map((text) => partsOf(text)),
    openingsWithEcho: OPENINGS_WITH_ECHO.map((text) => partsOf(text)),
    sentences: SENTENCES.map((text) => partsOf(` ${text}`)),
  };
  return compiled;
}

function spacedPieces(word: string): Piece[] {
  return piecesOf(` ${word}`);
}

function partsOf(template: string): Part[] {
  const parts: Part[] = [];
  for (const text of template.split(/( ?\{\w+\})/)) {
    const slot = /\{(\w+)\}/.exec(text)?.[1];
    if (slot === undefined) {
      if (text !== '') parts.push(piecesOf(text));
    } else {
      parts.push(slotNamed(slot));
    }
  }
  return parts;
}

function slotNamed(name: string): Slot | 'echo' {
  if (name === 'echo' || name === 'noun' || name === 'verb' || name === 'adjective' || name === 'adverb') return name;
  throw new Error(`the lexicon has no words for {${name}}`);
}

/** What an answer is written from. */
export interface ProseBrief {
  readonly random: Random;
  /** The user's own words, each with a leading space, to be repeated in the first sentence. */
  readonly echo: readonly Piece[];
  /** Sentences are added until there are at least this many tokens. */
  readonly tokensMin: number;
}

/** A readable answer in whole sentences. The same brief gives the same text. */
export function writeProse(brief: ProseBrief): Piece[] {
  const { openings, openingsWithEcho } = material();
  const pieces: Piece[] = [];
  const opening = pick(brief.random, brief.echo.length > 0 ? openingsWithEcho : openings);
  let tokens = writeParts(pieces, opening, brief.random, brief.echo);
  while (tokens < brief.tokensMin) tokens += writeSentence(pieces, brief.random);
  return pieces;
}

/** Sentences without end, for a provider that does not stop. */
export function* endlessProse(random: Random): Generator<Piece> {
  for (;;) {
    const pieces: Piece[] = [];
    writeSentence(pieces, random);
    yield* pieces;
  }
}

/** `count` words, for the strings inside generated JSON. */
export function plainWords(random: Random, count: number): string {
  const words: string[] = [];
  for (let index = 0; index < count; index++) {
    words.push(pick(random, index % 2 === 0 ? WORDS.adjective : WORDS.noun));
  }
  return words.join(' ');
}

function writeSentence(pieces: Piece[], random: Random): number {
  return writeParts(pieces, pick(random, material().sentences), random, []);
}

function writeParts(pieces: Piece[], parts: readonly Part[], random: Random, echo: readonly Piece[]): number {
  const { words } = material();
  let tokens = 0;
  for (const part of parts) {
    const chosen = typeof part !== 'string' ? part : part === 'echo' ? echo : pick(random, words[part]);
    for (const piece of chosen) {
      pieces.push(piece);
      tokens += piece.tokens;
    }
  }
  return tokens;
}

const ECHO_WORDS_MAX = 4;
const ECHO_LOOK_CHARS = 400;
const WORD = /[\p{L}\p{N}]+/gu;

/**
 * Up to four words of a text to repeat in the answer: the ones that say
 * something (four letters or more, and not too common) before those that do not,
 * in their order.
 */
export function echoWords(text: string): string[] {
  const words = text.slice(0, ECHO_LOOK_CHARS).match(WORD) ?? [];
  const fitting = words.filter((word) => word.length <= 24);
  const telling = fitting.filter((word) => word.length >= 4 && !COMMON_WORDS.has(word.toLowerCase()));
  return (telling.length > 0 ? telling : fitting).slice(0, ECHO_WORDS_MAX);
}

/** A target length within the model's usual range. */
export function usualLength(random: Random, range: { readonly min: number; readonly max: number }): number {
  return wholeBetween(random, range.min, range.max);
}
