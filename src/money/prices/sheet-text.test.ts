import { expect, test } from 'vitest';
import { pico } from '../../kernel/amounts.ts';
import type { Prices, Rate } from '../../protocol/price-sheet.ts';
import { costOf } from '../price-sheet.ts';
import { factorsOf, timesSheet } from './factor.ts';
import { sheetOfText, sheetText } from './sheet-text.ts';

const rate = (picoUsd: bigint, per = 1n, tiers: Rate['tiers'] = []): Rate => ({ picoUsd: pico(picoUsd), per, tiers });

const prices: Prices = {
  tokens: {
    input: rate(150_000n),
    cachedInput: rate(0n),
    output: rate(600_000n, 1n, [{ aboveInputTokens: 200_000, picoUsd: pico(900_000n) }]),
  },
  quantities: { 'images:1024x1024:high': rate(167_000_000_000n), 'transcription-seconds': rate(37_000_000n, 3n) },
  perRequest: rate(5_000_000_000n),
  terms: {
    'my tier.2': { times: { numerator: 1n, denominator: 2n } },
    priority: { tokens: { input: rate(300_000n) } },
  },
};

test('declared prices are read again from the text that names them', () => {
  const text = sheetText(prices);
  expect(sheetOfText(text)).toEqual({
    ...prices,
    version: text,
    terms: {
      'my tier.2': { times: { numerator: 1n, denominator: 2n }, tokens: {} },
      priority: { tokens: { input: rate(300_000n) } },
    },
  });
  expect(text).toMatch(/^declared input=150000 cachedInput=0 output=600000@200000:900000 /);
});

test.each([
  '',
  'genai-prices-0.1.8',
  'declared input',
  'declared input=1.5',
  'declared pears=3',
  'declared flex.pears=1',
])('a text that names no prices of ours is none: %s', (text) => expect(sheetOfText(text)).toBeUndefined());

test('a factor is exact, holds for everything but other factors, and stands in the version', () => {
  const sheet = timesSheet({ ...prices, version: 'v1' }, { numerator: 4n, denominator: 5n });
  expect(sheet.version).toBe('v1 times=4/5');
  expect(factorsOf(sheet.version)).toEqual({ base: 'v1', factors: [{ numerator: 4n, denominator: 5n }] });
  expect(factorsOf('v1 times=x')).toEqual({ base: 'v1 times=x', factors: [] });
  // (3 × 150,000 + 1 × 600,000 + 5,000,000,000) × 0.8 pico-USD.
  expect(costOf(sheet, { inputTokens: 3, outputTokens: 1 })).toBe(4_000_840n);
});
