import { expect, test } from 'vitest';
import { readUsage } from './usage.ts';

test('reads the counts of each price class', () => {
  expect(
    readUsage({
      prompt_tokens: 100,
      completion_tokens: 40,
      total_tokens: 140,
      prompt_tokens_details: { cached_tokens: 60, cache_write_tokens: 30, audio_tokens: 5, image_tokens: 0 },
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

test('reads the naming of Responses, Realtime, images and transcriptions too', () => {
  expect(
    readUsage({
      input_tokens: 900,
      output_tokens: 50,
      input_token_details: {
        text_tokens: 100,
        audio_tokens: 800,
        cached_tokens: 300,
        cached_tokens_details: { audio_tokens: 200 },
      },
      output_token_details: { audio_tokens: 40 },
    }),
  ).toEqual({
    inputTokens: 900,
    cachedInputTokens: 300,
    outputTokens: 50,
    inputAudioTokens: 800,
    cachedAudioTokens: 200,
    outputAudioTokens: 40,
  });
  expect(readUsage({ type: 'duration', seconds: 12.5 })).toEqual({ quantities: { 'transcription-seconds': 12.5 } });
});

test.each([
  ['DeepSeek', { prompt_cache_hit_tokens: 64, prompt_cache_miss_tokens: 36 }],
  ['Moonshot', { cached_tokens: 64 }],
  ['Mistral', { num_cached_tokens: 64 }],
  ['older xAI', { cached_prompt_text_tokens: 64 }],
])('finds what was cached under the name that %s has for it', (_, names) => {
  expect(readUsage({ prompt_tokens: 100, completion_tokens: 1, ...names })?.cachedInputTokens).toBe(64);
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

test("Perplexity's citations and reasoning are output that its total leaves out, and its searches are counted", () => {
  const usage = {
    prompt_tokens: 7,
    completion_tokens: 35,
    total_tokens: 42,
    citation_tokens: 200,
    reasoning_tokens: 12,
  };
  expect(readUsage({ ...usage, num_search_queries: 5, cost: { total_cost: 0.0123 } })).toEqual({
    inputTokens: 7,
    outputTokens: 247,
    reasoningTokens: 12,
    citationTokens: 200,
    quantities: { 'web-searches': 5 },
    providerCostNanoUsd: '12300000',
  });
});

test('embeddings have no output; a chat whose output was not counted has an unknown one', () => {
  expect(readUsage({ prompt_tokens: 8, total_tokens: 8 })).toEqual({ inputTokens: 8, outputTokens: 0 });
  expect(readUsage({ total_tokens: 8 }, { object: 'list' })).toEqual({ inputTokens: 8, outputTokens: 0 });
  expect(readUsage({ total_tokens: 8 }, { object: 'chat.completion' })).toBeUndefined();
  expect(readUsage({ prompt_tokens: 8, total_tokens: 20 })).toEqual({ inputTokens: 8 });
});

test('the service tier lies beside the usage, and the ordinary one is none', () => {
  const usage = { prompt_tokens: 1, completion_tokens: 1 };
  expect(readUsage(usage, { service_tier: 'priority' })?.serviceTier).toBe('priority');
  for (const tier of ['default', 'auto', 'on_demand', null, 7]) {
    expect(readUsage(usage, { service_tier: tier })?.serviceTier).toBeUndefined();
  }
});

test.each([-1, 1.5, Number.NaN, 1e13, '7', null, true])('a count of %s is unknown', (count) => {
  expect(readUsage({ prompt_tokens: count, completion_tokens: 3 })).toEqual({ outputTokens: 3 });
  expect(readUsage({ prompt_tokens: 3, completion_tokens: count, total_tokens: 6 })).toEqual({ inputTokens: 3 });
  expect(readUsage({ prompt_tokens: count, completion_tokens: count })).toBeUndefined();
});
