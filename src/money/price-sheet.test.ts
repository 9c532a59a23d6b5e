import { expect, test } from 'vitest';
import { pico } from '../kernel/amounts.ts';
import { costOf, explainCost, type PriceSheet, type Rate, worstRates } from './price-sheet.ts';

const rate = (picoUsd: bigint, per = 1n): Rate => ({ picoUsd: pico(picoUsd), per, tiers: [] });
const tokens = { input: rate(150_000n), cachedInput: rate(75_000n), output: rate(600_000n) };
const sheet: PriceSheet = { version: 'test', tokens };
const { cachedInput: _, ...noCachedPrice } = tokens;

test('prices fresh, cached and output tokens apart and rounds up once', () => {
  expect(costOf(sheet, { inputTokens: 11, cachedInputTokens: 4, outputTokens: 3 })).toBe(3_150n);
  const tiny = { version: 'test', tokens: { input: rate(1n), cachedInput: rate(1n), output: rate(1n) } };
  expect(costOf(tiny, { inputTokens: 2, cachedInputTokens: 1, outputTokens: 1 })).toBe(1n);
});

test('cached tokens cost the fresh price where no cached price is known', () => {
  expect(
    costOf({ version: 'test', tokens: noCachedPrice }, { inputTokens: 2, cachedInputTokens: 2, outputTokens: 0 }),
  ).toBe(300n);
});

test('tokens written to a cache have their own price where it is known, and more than there was is no more than there was', () => {
  const usage = { inputTokens: 10, cachedInputTokens: 4, cacheWriteTokens: 5, outputTokens: 0 };
  const writes: PriceSheet = { ...sheet, tokens: { ...tokens, cacheWrite: rate(187_500n) } };
  expect(costOf(writes, usage)).toBe(1_388n);
  expect(costOf(sheet, usage)).toBe(1_200n);
  expect(costOf(writes, { ...usage, cacheWriteTokens: 99 })).toBe(1_425n);
});

test('an unknown price or an unknown count is an unknown cost, never a free one', () => {
  expect(costOf(undefined, { inputTokens: 5, outputTokens: 5 })).toBeUndefined();
  expect(costOf(sheet, undefined)).toBeUndefined();
  expect(costOf(sheet, {})).toBeUndefined();
  expect(costOf(sheet, { outputTokens: 5 })).toBeUndefined();
  expect(costOf(sheet, { inputTokens: 5 })).toBeUndefined();
  expect(costOf(sheet, { inputTokens: 5, outputTokens: 5, quantities: { 'web-searches': 1 } })).toBeUndefined();
  expect(costOf(sheet, { inputTokens: 5, outputTokens: 5, serviceTier: 'priority' })).toBeUndefined();
  expect(explainCost(sheet, { inputTokens: 5, outputTokens: 5, serviceTier: 'priority' })).toEqual({
    unpriced: ['the service tier priority'],
  });
});

test('an explicit zero is a zero', () => {
  expect(costOf(sheet, { inputTokens: 0, outputTokens: 0 })).toBe(0n);
  expect(costOf(sheet, { inputTokens: 0, outputTokens: 0, quantities: { 'web-searches': 0 } })).toBe(0n);
});

test('a price for many units is exact to the last fraction until the one rounding', () => {
  const hourly: PriceSheet = {
    version: 'test',
    tokens: {},
    quantities: { 'transcription-seconds': rate(111_000_000_000n, 3_600n) },
  };
  // $0.111 an hour: 12.5 s are 385,416.67 nano-USD.
  expect(costOf(hourly, { quantities: { 'transcription-seconds': 12.5 } })).toBe(385_417n);
  expect(costOf(hourly, { quantities: { 'transcription-seconds': 3_600 } })).toBe(111_000_000n);
});

test('what a call can cost at most covers tiers, writes to the cache and fees', () => {
  const dear: PriceSheet = {
    version: 'test',
    tokens: {
      ...tokens,
      cacheWrite: rate(300_000n),
      output: { ...rate(600_000n), tiers: [{ aboveInputTokens: 1_000, picoUsd: pico(900_000n) }] },
    },
    perRequest: rate(5_000_000_000_000n, 1_000n),
    terms: { priority: { times: { numerator: 7n, denominator: 4n } } },
  };
  expect(worstRates(dear, { inputTokensMax: 1_000 })).toEqual({ input: 5_300_000_000n, perOutputToken: 600_000n });
  expect(worstRates(dear, { inputTokensMax: 1_001 })?.perOutputToken).toBe(900_000n);
  expect(worstRates(dear, { inputTokensMax: 10, serviceTier: 'priority' })).toEqual({
    input: 5_005_250_000n,
    perOutputToken: 1_050_000n,
  });
  expect(worstRates(dear, { inputTokensMax: 10, serviceTier: 'flex' })).toBeUndefined();
  expect(worstRates(dear, { inputTokensMax: 10, quantitiesMax: { 'web-searches': 1 } })).toBeUndefined();
  expect(worstRates({ version: 'test', tokens: {} }, { inputTokensMax: 10 })).toBeUndefined();
});
