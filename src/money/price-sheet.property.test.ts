import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pico } from '../kernel/amounts.ts';
import { TOKEN_CLASSES, type TokenClass } from '../protocol/price-sheet.ts';
import { tokenParts } from '../protocol/token-parts.ts';
import type { Usage } from '../protocol/usage.ts';
import { costOf, explainCost, type PriceSheet, type Rate, worstRates } from './price-sheet.ts';

const FIELDS = [
  'inputTokens',
  'cachedInputTokens',
  'cacheWriteTokens',
  'cacheWrite1hTokens',
  'inputAudioTokens',
  'cachedAudioTokens',
  'inputImageTokens',
  'cachedImageTokens',
  'inputVideoTokens',
  'cachedVideoTokens',
  'outputTokens',
  'reasoningTokens',
  'outputAudioTokens',
  'outputImageTokens',
  'outputVideoTokens',
  'citationTokens',
] as const satisfies readonly (keyof Usage)[];

const tokens = fc.integer({ min: 0, max: 300_000 });
const wholes = fc.record({ inputTokens: tokens, outputTokens: tokens });
const parts = fc.record(Object.fromEntries(FIELDS.map((field) => [field, tokens])), { requiredKeys: [] });
/** Whatever a provider may claim, parts that are larger than the whole included. */
const usages = fc.tuple(parts, wholes).map(([some, whole]): Usage => ({ ...some, ...whole }));

const amounts = fc.bigInt({ min: 0n, max: 100_000_000n }).map(pico);
const rates = fc
  .record({
    base: amounts,
    more: fc.bigInt({ min: 0n, max: 50_000_000n }),
    per: fc.constantFrom(1n, 3n, 3_600n),
    above: tokens,
    tiered: fc.boolean(),
  })
  .map(
    ({ base, more, per, above, tiered }): Rate => ({
      picoUsd: base,
      per,
      tiers: tiered ? [{ aboveInputTokens: above, picoUsd: pico(base + more) }] : [],
    }),
  );
const sheets = fc
  .tuple(
    rates,
    rates,
    fc.dictionary(fc.constantFrom<TokenClass>(...TOKEN_CLASSES), rates),
    fc.option(rates, { nil: undefined }),
  )
  .map(
    ([input, output, others, perRequest]): PriceSheet => ({
      version: 'any',
      tokens: { ...others, input, output },
      ...(perRequest === undefined ? {} : { perRequest: { ...perRequest, tiers: [] } }),
    }),
  );

/** One price for all fresh input; the cache is read for less. */
const discounting: fc.Arbitrary<PriceSheet> = fc
  .tuple(amounts, fc.bigInt({ min: 1n, max: 10n }), amounts)
  .map(([input, divisor, output]) => ({
    version: 'any',
    tokens: {
      input: { picoUsd: input, per: 1n, tiers: [] },
      cachedInput: { picoUsd: input, per: divisor, tiers: [] },
      output: { picoUsd: output, per: 1n, tiers: [] },
    },
  }));

test('every token is in one class, whatever the parts claim to be', () => {
  fc.assert(
    fc.property(usages, (usage) => {
      const counts = tokenParts(usage);
      expect(counts.every(([, count]) => count > 0)).toBe(true);
      expect(new Set(counts.map(([name]) => name)).size).toBe(counts.length);
      const total = counts.reduce((sum, [, count]) => sum + count, 0);
      expect(total).toBe((usage.inputTokens ?? 0) + (usage.outputTokens ?? 0));
    }),
    { numRuns: 2_000 },
  );
});

test('more input or more output never costs less', () => {
  fc.assert(
    fc.property(sheets, wholes, tokens, (sheet, usage, more) => {
      const cost = costOf(sheet, usage) ?? -1n;
      expect(costOf(sheet, { ...usage, inputTokens: usage.inputTokens + more })).toBeGreaterThanOrEqual(cost);
      expect(costOf(sheet, { ...usage, outputTokens: usage.outputTokens + more })).toBeGreaterThanOrEqual(cost);
    }),
  );
});

test('a class that is dearer than its whole costs more the more there is of it, and a cheaper one less', () => {
  const classes = [
    ['cachedInputTokens', 'cachedInput', 'input'],
    ['cacheWriteTokens', 'cacheWrite', 'input'],
    ['inputAudioTokens', 'inputAudio', 'input'],
    ['inputImageTokens', 'inputImage', 'input'],
    ['inputVideoTokens', 'inputVideo', 'input'],
    ['reasoningTokens', 'reasoning', 'output'],
    ['outputAudioTokens', 'outputAudio', 'output'],
    ['outputImageTokens', 'outputImage', 'output'],
    ['citationTokens', 'citation', 'output'],
  ] as const;
  fc.assert(
    fc.property(
      fc.constantFrom(...classes),
      amounts,
      amounts,
      wholes,
      tokens,
      tokens,
      ([field, own, whole], price, other, usage, some, more) => {
        const flat = (picoUsd: Rate['picoUsd']): Rate => ({ picoUsd, per: 1n, tiers: [] });
        const sheet: PriceSheet = {
          version: 'any',
          tokens: { input: flat(other), output: flat(other), [own]: flat(price) },
        };
        const less = costOf(sheet, { ...usage, [field]: some }) ?? -1n;
        const cost = costOf(sheet, { ...usage, [field]: some + more }) ?? -1n;
        if (price >= (sheet.tokens[whole]?.picoUsd ?? 0n)) expect(cost).toBeGreaterThanOrEqual(less);
        else expect(cost).toBeLessThanOrEqual(less);
      },
    ),
  );
});

test('what was cached costs no more than the same without the cache', () => {
  fc.assert(
    fc.property(discounting, wholes, tokens, (sheet, usage, cached) => {
      const fresh = costOf(sheet, usage) ?? -1n;
      expect(costOf(sheet, { ...usage, cachedInputTokens: cached })).toBeLessThanOrEqual(fresh);
    }),
  );
});

test('no usage within its bounds costs more than its worst rates say', () => {
  fc.assert(
    fc.property(sheets, usages, fc.integer({ min: 0, max: 1_000 }), (sheet, usage, slack) => {
      const worst = worstRates(sheet, { inputTokensMax: (usage.inputTokens ?? 0) + slack });
      if (worst === undefined) throw new Error('everything has a price here');
      const ceiling = worst.input + worst.perOutputToken * BigInt(usage.outputTokens ?? 0);
      expect((costOf(sheet, usage) ?? -1n) * 1_000n).toBeLessThan(ceiling + 1_000n);
    }),
    { numRuns: 1_000 },
  );
});

test('the explanation adds up to the cost', () => {
  fc.assert(
    fc.property(sheets, usages, (sheet, usage) => {
      const explained = explainCost(sheet, usage);
      expect('total' in explained && explained.total).toBe(costOf(sheet, usage));
    }),
  );
});
