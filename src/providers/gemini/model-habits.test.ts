import { expect, test } from 'vitest';
import { modelHabits } from './model-habits.ts';

test.each([
  ['gemini-3-pro-preview', 'level', true],
  ['google/gemini-3.1-flash-lite', 'level', true],
  ['gemini-flash-latest', 'level', true],
  ['gemini-2.5-flash', 'budget', false],
  ['models/gemini-2.5-pro', 'budget', false],
  ['gemini-2.5-flash-image', 'none', false],
  ['gemini-2.5-flash-preview-tts', 'none', false],
  ['gemini-3-pro-image-preview', 'level', true],
  ['gemini-2.0-flash-001', 'none', false],
  ['gemma-3-27b-it', 'none', false],
])('%s is asked for thoughts by its %s, and wants its signatures back: %s', (model, thinking, checksSignatures) => {
  expect(modelHabits(model)).toMatchObject({ thinking, checksSignatures });
});

test('what a model refuses is known by its name alone, and kept from nobody else', () => {
  const taken = ({ penalties, logprobs, manyCandidates }: ReturnType<typeof modelHabits>) => [
    penalties,
    logprobs,
    manyCandidates,
  ];
  expect(taken(modelHabits('gemini-3-flash'))).toEqual([false, false, false]);
  expect(taken(modelHabits('gemini-2.5-flash'))).toEqual([false, false, true]);
  expect(taken(modelHabits('gemini-2.0-flash'))).toEqual([true, true, true]);
  expect(taken(modelHabits('somebody-elses'))).toEqual([true, true, true]);
});

test('the smaller the model, the less it can be made to think', () => {
  const budget = (model: string) => Object.values(modelHabits(model).budget);
  expect(budget('gemini-2.5-pro')).toEqual([128, 32_768, false]);
  expect(budget('gemini-2.5-flash')).toEqual([1, 24_576, true]);
  expect(budget('gemini-2.5-flash-lite')).toEqual([512, 24_576, true]);
});
