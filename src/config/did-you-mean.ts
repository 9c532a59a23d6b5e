import { nearest } from '../kernel/nearest.ts';

/** `, did you mean "x"?` or nothing, to end a message with. */
export function didYouMean(word: string, known: Iterable<string>): string {
  const guess = nearest(word, known);
  return guess === undefined ? '' : `, did you mean "${guess}"?`;
}
