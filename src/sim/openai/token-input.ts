import { vocabularySize } from '../tokenizer.ts';

/** A text that the client tokenised itself: a list of ids that all name a token. */
export function isTokenList(value: unknown): value is number[] {
  if (!Array.isArray(value) || value.length === 0) return false;
  const size = vocabularySize();
  return value.every((id) => typeof id === 'number' && Number.isInteger(id) && id >= 0 && id < size);
}
