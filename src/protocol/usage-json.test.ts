import { expect, test } from 'vitest';
import { usageJson } from './usage-json.ts';

test('what a usage holds is shown, what is unknown is null, and 0 stays 0', () => {
  expect(usageJson(undefined)).toBeNull();
  expect(usageJson({ inputTokens: 0 })).toEqual({
    input_tokens: 0,
    cached_input_tokens: null,
    cache_write_tokens: null,
    output_tokens: null,
    reasoning_tokens: null,
    details: null,
  });
  const rare = { cacheWrite1hTokens: 5, quantities: { 'images:1024x1024': 2 }, serviceTier: 'flex' } as const;
  expect(usageJson({ outputTokens: 3, ...rare })).toMatchObject({
    output_tokens: 3,
    details: { cache_write_1h_tokens: 5, quantities: { 'images:1024x1024': 2 }, service_tier: 'flex' },
  });
});
