import { expect, test } from 'vitest';
import { readGeminiUsage } from './usage.ts';

test('tools read on top of the prompt, thoughts come on top of the candidates, each modality is told', () => {
  const tokens = (modality: string, tokenCount: number) => ({ modality, tokenCount });
  expect(
    readGeminiUsage({
      promptTokenCount: 100,
      toolUsePromptTokenCount: 40,
      cachedContentTokenCount: 60,
      candidatesTokenCount: 20,
      thoughtsTokenCount: 30,
      totalTokenCount: 190,
      promptTokensDetails: [tokens('TEXT', 30), tokens('AUDIO', 50), tokens('DOCUMENT', 15), tokens('IMAGE', 5)],
      toolUsePromptTokensDetails: [tokens('IMAGE', 40)],
      cacheTokensDetails: [tokens('AUDIO', 50), tokens('TEXT', 10)],
      candidatesTokensDetails: [tokens('AUDIO', 12)],
      trafficType: 'ON_DEMAND_FLEX',
    }),
  ).toEqual({
    inputTokens: 140,
    cachedInputTokens: 60,
    outputTokens: 50,
    reasoningTokens: 30,
    inputAudioTokens: 50,
    inputImageTokens: 60,
    cachedAudioTokens: 50,
    outputAudioTokens: 12,
    serviceTier: 'flex',
  });
});

test('candidates that are not counted are none, or what the total has beside the rest', () => {
  expect(readGeminiUsage({ promptTokenCount: 7 })).toEqual({ inputTokens: 7, outputTokens: 0 });
  expect(readGeminiUsage({ promptTokenCount: 7, totalTokenCount: 19 })).toEqual({ inputTokens: 7, outputTokens: 12 });
  expect(readGeminiUsage({ promptTokenCount: 7, totalTokenCount: 3 })).toEqual({ inputTokens: 7 });
  expect(readGeminiUsage({ totalTokenCount: 3 })).toBeUndefined();
  expect(readGeminiUsage({ promptTokenCount: 7, candidatesTokenCount: 1, trafficType: 'ON_DEMAND' })).toEqual({
    inputTokens: 7,
    outputTokens: 1,
  });
});

test('candidates that are counted as nothing can be are unknown, unless the total tells', () => {
  for (const absurd of [-3, 2.5, '2', 1e15]) {
    expect(readGeminiUsage({ promptTokenCount: 7, candidatesTokenCount: absurd, thoughtsTokenCount: 4 })).toEqual({
      inputTokens: 7,
      reasoningTokens: 4,
    });
    const usage = readGeminiUsage({ promptTokenCount: 7, candidatesTokenCount: absurd, totalTokenCount: 9 });
    expect(usage).toEqual({ inputTokens: 7, outputTokens: 2 });
  }
});
