import { expect, test } from 'vitest';
import { neverThinks } from './unthinking-models.ts';

test.each([
  'gpt-3.5-turbo',
  'gpt-4',
  'gpt-4-0613',
  'gpt-4-turbo-2024-04-09',
  'gpt-4o',
  'openai/gpt-4o-mini',
  'gpt-4.1-nano',
  'chatgpt-4o-latest',
  'claude-3-5-haiku-latest',
  'claude-3-opus-20240229',
])('%s never thinks', (model) => expect(neverThinks(model)).toBe(true));

test.each(['gpt-5', 'gpt-4.5-preview', 'o3-mini', 'claude-3-7-sonnet-latest', 'claude-sonnet-4-5', 'my-gpt-4o', 'm'])(
  '%s may think',
  (model) => expect(neverThinks(model)).toBe(false),
);
