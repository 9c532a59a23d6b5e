import { expect, test } from 'vitest';
import { pico } from '../kernel/amounts.ts';
import { priceOfUsage } from './token-price.ts';

const prices = { inputPicoUsd: pico(150_000n), cachedInputPicoUsd: pico(75_000n), outputPicoUsd: pico(600_000n) };

test('prices fresh, cached and output tokens apart and rounds up once', () => {
  expect(priceOfUsage({ inputTokens: 11, cachedInputTokens: 4, outputTokens: 3 }, prices)).toBe(3_150n);
  expect(priceOfUsage({ inputTokens: 1, outputTokens: 0 }, { ...prices, inputPicoUsd: pico(1n) })).toBe(1n);
});

test('cached tokens cost the fresh price where no cached price is known', () => {
  const { cachedInputPicoUsd: _, ...noCachedPrice } = prices;
  expect(priceOfUsage({ inputTokens: 2, cachedInputTokens: 2 }, noCachedPrice)).toBe(300n);
});

test('tokens written to a cache have their own price where it is known', () => {
  const usage = { inputTokens: 10, cachedInputTokens: 4, cacheWriteTokens: 5, outputTokens: 0 };
  expect(priceOfUsage(usage, { ...prices, cacheWritePicoUsd: pico(187_500n) })).toBe(1_388n);
  expect(priceOfUsage(usage, prices)).toBe(1_200n);
  // More than there was is no more than there was.
  const absurd = { ...usage, cacheWriteTokens: 99 };
  expect(priceOfUsage(absurd, { ...prices, cacheWritePicoUsd: pico(187_500n) })).toBe(1_425n);
});

test('an unknown price or an unknown count is an unknown cost, never a free one', () => {
  expect(priceOfUsage({ inputTokens: 5, outputTokens: 5 }, undefined)).toBeUndefined();
  expect(priceOfUsage(undefined, prices)).toBeUndefined();
  expect(priceOfUsage({ outputTokens: 5 }, prices)).toBeUndefined();
});

test('an explicit zero is a zero', () => {
  expect(priceOfUsage({ inputTokens: 0, outputTokens: 0 }, prices)).toBe(0n);
});
