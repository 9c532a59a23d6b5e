import { expect, test } from 'vitest';
import { mergedAnthropicUsage, readAnthropicUsage } from './usage.ts';

test('what was read from a cache and written to one is input beside the fresh', () => {
  expect(
    readAnthropicUsage({
      input_tokens: 10,
      cache_read_input_tokens: 100,
      cache_creation_input_tokens: 30,
      cache_creation: { ephemeral_5m_input_tokens: 20, ephemeral_1h_input_tokens: 10 },
      output_tokens: 5,
      output_tokens_details: { thinking_tokens: 3 },
      server_tool_use: { web_search_requests: 2, web_fetch_requests: 9 },
      service_tier: 'standard',
      inference_geo: 'global',
    }),
  ).toEqual({
    inputTokens: 140,
    cachedInputTokens: 100,
    cacheWriteTokens: 30,
    cacheWrite1hTokens: 10,
    outputTokens: 5,
    reasoningTokens: 3,
    quantities: { 'web-searches': 2 },
  });
});

test('the deltas of a stream hold running totals, and the placeholder of its start is replaced', () => {
  const start = { input_tokens: 25, cache_read_input_tokens: 7, output_tokens: 1, service_tier: 'batch' };
  const first = mergedAnthropicUsage(start, { output_tokens: 12, input_tokens: null });
  const last = mergedAnthropicUsage(first, { output_tokens: 40, server_tool_use: { web_search_requests: 1 } });
  expect(readAnthropicUsage(last)).toEqual({
    inputTokens: 32,
    cachedInputTokens: 7,
    outputTokens: 40,
    quantities: { 'web-searches': 1 },
    serviceTier: 'batch',
    batch: true,
  });
});

test("an advisor's answer is told as a fee, because its tokens are not counted here and are billed", () => {
  const iterations = [{ type: 'message' }, { type: 'advisor_message', model: 'dearer', output_tokens: 22 }];
  expect(readAnthropicUsage({ input_tokens: 1, output_tokens: 1, iterations })?.quantities).toEqual({
    'tool-calls:advisor': 1,
  });
});

test.each([-1, 0.5, 1e13, '9', null])('a count of %s is unknown', (count) => {
  expect(readAnthropicUsage({ input_tokens: count, output_tokens: 2 })).toEqual({ outputTokens: 2 });
  expect(readAnthropicUsage({ input_tokens: count, output_tokens: count })).toBeUndefined();
});

test('faster inference has prices of its own, as a tier has', () => {
  expect(readAnthropicUsage({ input_tokens: 1, output_tokens: 2, service_tier: 'standard', speed: 'fast' })).toEqual({
    inputTokens: 1,
    outputTokens: 2,
    serviceTier: 'fast',
  });
});
