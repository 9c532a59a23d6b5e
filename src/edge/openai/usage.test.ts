import { expect, test } from 'vitest';
import { readUsage } from './usage.ts';

test('reads the counts of each price class', () => {
  expect(
    readUsage({
      prompt_tokens: 100,
      completion_tokens: 40,
      total_tokens: 140,
      prompt_tokens_details: { cached_tokens: 60, cache_write_tokens: 30, audio_tokens: 5 },
      completion_tokens_details: { reasoning_tokens: 25, audio_tokens: 2, image_tokens: 3 },
    }),
  ).toEqual({
    inputTokens: 100,
    cachedInputTokens: 60,
    cacheWriteTokens: 30,
    outputTokens: 40,
    reasoningTokens: 25,
    inputAudioTokens: 5,
    outputAudioTokens: 2,
    outputImageTokens: 3,
  });
});

test('reasoning that a provider counts beside its output is output all the same', () => {
  const apart = {
    prompt_tokens: 10_120,
    completion_tokens: 1_499,
    total_tokens: 14_428,
    completion_tokens_details: { reasoning_tokens: 2_809 },
  };
  expect(readUsage(apart)).toMatchObject({ outputTokens: 4_308, reasoningTokens: 2_809 });
});

test.each([
  ['a total that includes it', { total_tokens: 30 }],
  ['no total', {}],
  ['a total that fits neither', { total_tokens: 31 }],
])('with %s the output is taken as it stands', (_, total) => {
  const usage = {
    prompt_tokens: 10,
    completion_tokens: 20,
    completion_tokens_details: { reasoning_tokens: 5 },
    ...total,
  };
  expect(readUsage(usage)?.outputTokens).toBe(20);
});
