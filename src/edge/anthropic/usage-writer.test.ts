import { expect, test } from 'vitest';
import { readAnthropicUsage } from '../../providers/anthropic/usage.ts';
import { deltaUsage, writeUsage } from './usage-writer.ts';

const WHOLE = {
  inputTokens: 100,
  cachedInputTokens: 60,
  cacheWriteTokens: 30,
  cacheWrite1hTokens: 10,
  outputTokens: 7,
  reasoningTokens: 5,
  quantities: { 'web-searches': 2 },
};

test('each class of what was used is told, the fresh input apart from what a cache had', () => {
  const written = writeUsage(WHOLE, 'priority', undefined);
  expect(written).toMatchObject({
    input_tokens: 10,
    cache_read_input_tokens: 60,
    cache_creation_input_tokens: 30,
    cache_creation: { ephemeral_5m_input_tokens: 20, ephemeral_1h_input_tokens: 10 },
    output_tokens: 7,
    output_tokens_details: { thinking_tokens: 5 },
    server_tool_use: { web_search_requests: 2, web_fetch_requests: 0 },
    service_tier: 'priority',
  });
  expect(readAnthropicUsage(written)).toEqual({ ...WHOLE, serviceTier: 'priority' });
});

test.each([
  ['default', 'standard'],
  ['flex', null],
  [undefined, null],
])('the tier %s is %s', (tier, written) => {
  expect(writeUsage({ inputTokens: 1 }, tier, undefined)['service_tier']).toBe(written);
});

test('every member is there when nothing is known, and more read than there was is no negative count', () => {
  expect(writeUsage(undefined, undefined, undefined)).toMatchObject({
    input_tokens: 0,
    output_tokens: 0,
    cache_creation: null,
  });
  expect(writeUsage({ inputTokens: 1, cachedInputTokens: 9 }, undefined, undefined)['input_tokens']).toBe(0);
});

test('the end of a stream tells all counts, and a tier only where it is known by then', () => {
  expect(Object.keys(deltaUsage(writeUsage(WHOLE, undefined, undefined)))).not.toContain('service_tier');
  expect(deltaUsage(writeUsage(WHOLE, 'batch', undefined))).toMatchObject({ service_tier: 'batch', output_tokens: 7 });
});
