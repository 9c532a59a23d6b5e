import { expect, test } from 'vitest';
import { finishWord } from './finish.ts';

test('a refusal that is told by its text alone ends as any other text', () => {
  expect(finishWord({ reason: 'refusal' })).toBe('stop');
});

test('a refusal for which the provider has a word ends as what a filter stopped', () => {
  expect(finishWord({ reason: 'refusal', said: 'refusal' })).toBe('content_filter');
});
