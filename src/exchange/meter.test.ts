import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pico } from '../kernel/amounts.ts';
import type { PriceSheet } from '../money/price-sheet.ts';
import type { Usage } from '../protocol/usage.ts';
import { type Metered, type MeterQuestion, meterAttempt } from './meter.ts';

const rate = (picoUsd: bigint) => ({ picoUsd: pico(picoUsd), per: 1n, tiers: [] });
const SHEET: PriceSheet = {
  version: 'v',
  tokens: { input: rate(1_000n), cachedInput: rate(500n), output: rate(2_000n) },
};

interface Brief extends Partial<MeterQuestion> {
  readonly usage?: Usage | undefined;
  readonly output?: string;
}

/** Every text has as many tokens as it has characters; the prompt has 10 and 5 that are not text. */
function metered({ usage, output, ...question }: Brief): Metered | Promise<Metered> {
  return meterAttempt({
    facts: {
      ...(usage === undefined ? {} : { usage }),
      ...(output === undefined ? {} : { output: () => output }),
    },
    whole: true,
    billable: true,
    sheet: SHEET,
    hasOutput: true,
    measure: () => ({
      inputTokensMax: 100,
      otherTokensMax: 0,
      choices: 1,
      text: () => '',
      prompt: () => ({ texts: ['12345', '67890'], otherTokens: 5 }),
    }),
    tokens: {
      count: (texts) => Promise.resolve(texts.map((text) => text.length)),
      exactly: () => Promise.reject(new Error('a meter takes an estimate')),
    },
    ...question,
  });
}

test('a whole count of the provider’s is taken at once, and nothing is read or counted for it', () => {
  const answer = metered({
    usage: { inputTokens: 4, cachedInputTokens: 2, outputTokens: 3 },
    measure: () => {
      throw new Error('not asked');
    },
  });
  expect(answer).toEqual({
    usage: { inputTokens: 4, cachedInputTokens: 2, outputTokens: 3 },
    source: 'provider',
    cost: 9n,
  });
});

test('a zero that the provider says is a zero', () => {
  const usage = { inputTokens: 0, outputTokens: 0 };
  expect(metered({ usage, output: 'a text' })).toEqual({ usage, source: 'provider', cost: 0n });
});

test('what is not billed costs nothing, priced or not', () => {
  expect(metered({ billable: false, sheet: undefined, output: 'x' })).toEqual({ source: 'provider', cost: 0n });
});

test('without a price the use is known and the cost is not', () => {
  const usage = { inputTokens: 4, outputTokens: 3 };
  expect(metered({ usage, sheet: undefined })).toEqual({ usage, source: 'provider' });
});

describe('a count of our own', () => {
  test('stands for one that is missing, and a whole answer without one raises a doubt', async () => {
    expect(await metered({ output: 'four' })).toEqual({
      usage: { inputTokens: 15, outputTokens: 4 },
      source: 'estimated',
      cost: 23n,
      doubt: 'no usage',
    });
  });

  test('raises none where the answer was cut: its count was still to come', async () => {
    expect(await metered({ output: 'four', whole: false })).toEqual({
      usage: { inputTokens: 15, outputTokens: 4 },
      source: 'estimated',
      cost: 23n,
    });
    // Some tell the input at the beginning and the output at the end.
    const begun = await metered({ usage: { inputTokens: 7 }, output: 'four', whole: false });
    expect(begun).toEqual({ usage: { inputTokens: 7, outputTokens: 4 }, source: 'estimated', cost: 15n });
  });

  test.each<[Usage, Usage, RegExp]>([
    [{ outputTokens: 3 }, { inputTokens: 15, outputTokens: 3 }, /input/],
    [{ inputTokens: 7 }, { inputTokens: 7, outputTokens: 4 }, /output/],
    [{ inputTokens: 1e9, outputTokens: 3 }, { inputTokens: 15, outputTokens: 3 }, /absurd.*input.*1000000000/],
    [{ inputTokens: 7, outputTokens: 60_000_000 }, { inputTokens: 7, outputTokens: 4 }, /absurd.*output/],
  ])('fills in what of %j cannot be so, and says why', async (usage, wanted, doubt) => {
    const answer = await metered({ usage, output: 'four' });
    expect(answer).toMatchObject({ usage: wanted, source: 'estimated', doubt: expect.stringMatching(doubt) });
    if (usage.outputTokens === undefined) return;
    expect(await metered({ usage, output: 'four', whole: false })).toEqual(answer);
  });

  test('is not asked for output that the operation does not have', async () => {
    expect(metered({ hasOutput: false, usage: { inputTokens: 7 } })).toMatchObject({ source: 'provider' });
    expect(await metered({ hasOutput: false, output: 'four' })).toMatchObject({
      usage: { inputTokens: 15, outputTokens: 0 },
      source: 'estimated',
    });
  });
});

test('no usage, however odd, costs less than nothing, or more than its parts at their dearest', async () => {
  const count = fc.option(fc.oneof(fc.nat(1_000), fc.nat(2 ** 31), fc.constant(1e12), fc.constant(0)), {
    nil: undefined,
  });
  const usages = fc.record({
    inputTokens: count,
    cachedInputTokens: count,
    cacheWriteTokens: count,
    outputTokens: count,
    reasoningTokens: count,
    inputAudioTokens: count,
  });
  let estimates = 0;
  await fc.assert(
    fc.asyncProperty(fc.option(usages), fc.boolean(), async (given, whole) => {
      const known = Object.entries(given ?? {}).filter(([, value]) => value !== undefined);
      const usage = given === null ? undefined : (Object.fromEntries(known) as Usage);
      const answer = await metered({ usage, whole, output: 'four' });
      const { inputTokens = -1, outputTokens = -1 } = answer.usage ?? {};
      expect(inputTokens).toBeGreaterThanOrEqual(0);
      expect(outputTokens).toBeGreaterThanOrEqual(0);
      expect(answer.cost).toBeDefined();
      const cost = answer.cost ?? -1n;
      expect(cost >= 0n && cost <= BigInt(inputTokens) + 2n * BigInt(outputTokens)).toBe(true);
      if (answer.source === 'estimated') estimates++;
    }),
  );
  expect(estimates).toBeGreaterThan(10);
});
