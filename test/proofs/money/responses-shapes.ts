import type { UsageShape } from './usage-shapes.ts';

// At the prices of `RICH` (rich-prices.ts), nano-USD a token: input 100, cached
// 10, written to the cache 125, sound 300 (cached 30), pictures 150; output 400,
// reasoning 500, sound 2000, pictures 3000. Above 200,000 tokens of input: input
// 200, cached 20, output 600.

interface Details {
  readonly ins?: Readonly<Record<string, unknown>>;
  readonly outs?: Readonly<Record<string, unknown>>;
  readonly more?: Readonly<Record<string, unknown>>;
}

/** The usage object of the Responses API. */
function tokens(input: unknown, output: unknown, { ins, outs, more }: Details = {}): string {
  const details = {
    ...(ins === undefined ? {} : { input_tokens_details: ins }),
    ...(outs === undefined ? {} : { output_tokens_details: outs }),
  };
  return JSON.stringify({ input_tokens: input, output_tokens: output, ...details, ...more });
}

const tier = (name: string): Details => ({ more: { service_tier: name } });

const TEXT: readonly UsageShape[] = [
  { name: 'input and output', usage: tokens(11, 3), costs: 2_300n, by: '1100 + 1200' },
  { name: 'an explicit zero', usage: tokens(0, 0), costs: 0n, by: '0' },
  {
    name: 'some cached',
    usage: tokens(100, 10, { ins: { cached_tokens: 40 } }),
    costs: 10_400n,
    by: '6000 + 400 + 4000',
  },
  { name: 'all cached', usage: tokens(64, 0, { ins: { cached_tokens: 64 } }), costs: 640n, by: '64 × 10' },
  {
    name: 'written to the cache',
    usage: tokens(100, 10, { ins: { cached_tokens: 0, cache_write_tokens: 30 } }),
    costs: 14_750n,
    by: '70 × 100 + 30 × 125 + 4000 = 7000 + 3750 + 4000',
  },
  {
    name: 'read from the cache and written to it',
    usage: tokens(100, 10, { ins: { cached_tokens: 20, cache_write_tokens: 30 } }),
    costs: 12_950n,
    by: '50 × 100 + 20 × 10 + 30 × 125 + 4000 = 5000 + 200 + 3750 + 4000',
  },
  {
    name: 'more read and written than there was',
    usage: tokens(100, 0, { ins: { cached_tokens: 80, cache_write_tokens: 50 } }),
    costs: 3_300n,
    by: '80 × 10 + 20 × 125 = 800 + 2500',
  },
  {
    name: 'reasoning inside',
    usage: tokens(10, 50, { outs: { reasoning_tokens: 30 }, more: { total_tokens: 60 } }),
    costs: 24_000n,
    by: '1000 + 30 × 500 + 20 × 400 = 1000 + 15000 + 8000',
  },
  {
    name: 'all of it reasoning',
    usage: tokens(10, 50, { outs: { reasoning_tokens: 50 } }),
    costs: 26_000n,
    by: '1000 + 25000',
  },
  {
    name: 'more reasoning than output',
    usage: tokens(10, 5, { outs: { reasoning_tokens: 9 }, more: { total_tokens: 15 } }),
    costs: 3_500n,
    by: '1000 + 5 × 500',
  },
  {
    name: 'reasoning apart, as the total says',
    usage: tokens(10, 20, { outs: { reasoning_tokens: 30 }, more: { total_tokens: 60 } }),
    costs: 24_000n,
    by: '1000 + 30 × 500 + 20 × 400',
  },
  {
    name: 'the names of Chat Completions',
    usage: '{"prompt_tokens":10,"completion_tokens":2}',
    costs: 1_800n,
    by: '1800',
  },
  {
    name: 'a total that is wrong',
    usage: tokens(10, 2, { more: { total_tokens: 999 } }),
    costs: 1_800n,
    by: '1000 + 800',
  },
  {
    name: 'details null',
    usage: tokens(10, 2, { more: { input_tokens_details: null, output_tokens_details: null } }),
    costs: 1_800n,
    by: '1000 + 800',
  },
];

const MEDIA: readonly UsageShape[] = [
  {
    name: 'sound in',
    usage: tokens(100, 10, { ins: { audio_tokens: 60 } }),
    costs: 26_000n,
    by: '40 × 100 + 60 × 300 + 4000 = 4000 + 18000 + 4000',
  },
  {
    name: 'sound in, some of it cached',
    usage: tokens(100, 0, {
      ins: { audio_tokens: 60, cached_tokens: 50, cached_tokens_details: { audio_tokens: 20, text_tokens: 30 } },
    }),
    costs: 13_900n,
    by: '10 × 100 + 30 × 10 + 40 × 300 + 20 × 30 = 1000 + 300 + 12000 + 600',
  },
  {
    name: 'pictures in',
    usage: tokens(500, 0, { ins: { image_tokens: 400, text_tokens: 100 } }),
    costs: 70_000n,
    by: '100 × 100 + 400 × 150 = 10000 + 60000',
  },
  {
    name: 'sound out',
    usage: tokens(10, 100, { outs: { audio_tokens: 80 } }),
    costs: 169_000n,
    by: '1000 + 80 × 2000 + 20 × 400 = 1000 + 160000 + 8000',
  },
  {
    name: 'pictures out',
    usage: tokens(10, 100, { outs: { image_tokens: 90 } }),
    costs: 275_000n,
    by: '1000 + 90 × 3000 + 10 × 400 = 1000 + 270000 + 4000',
  },
];

const TERMS: readonly UsageShape[] = [
  { name: 'as much context as is cheap', usage: tokens(200_000, 10), costs: 20_004_000n, by: '20000000 + 4000' },
  {
    name: 'a token more',
    usage: tokens(200_001, 10),
    costs: 40_006_200n,
    by: '200001 × 200 + 10 × 600 = 40000200 + 6000',
  },
  {
    name: 'a long context, mostly cached',
    usage: tokens(300_000, 100, { ins: { cached_tokens: 250_000 } }),
    costs: 15_060_000n,
    by: '50000 × 200 + 250000 × 20 + 100 × 600 = 10000000 + 5000000 + 60000',
  },
  { name: 'the flex tier', usage: tokens(100, 10, tier('flex')), costs: 7_000n, by: '(10000 + 4000) ÷ 2' },
  {
    name: 'the priority tier, cached and reasoned',
    usage: tokens(100, 20, {
      ins: { cached_tokens: 40 },
      outs: { reasoning_tokens: 10 },
      more: { service_tier: 'priority' },
    }),
    costs: 30_800n,
    by: '2 × (6000 + 400 + 5000 + 4000)',
  },
  {
    name: 'a long context on the flex tier',
    usage: tokens(200_001, 1, tier('flex')),
    costs: 20_000_400n,
    by: '(200001 × 200 + 600) ÷ 2 = (40000200 + 600) ÷ 2',
  },
  {
    name: 'the ordinary tier by its name',
    usage: tokens(100, 10, tier('default')),
    costs: 14_000n,
    by: '10000 + 4000',
  },
  { name: 'a tier that has no price', usage: tokens(100, 10, tier('scale')), costs: 'unpriced' },
];

const NO_COUNT: readonly UsageShape[] = [
  { name: 'an empty object', usage: '{}', costs: 'estimated' },
  { name: 'null', usage: 'null', costs: 'estimated' },
  { name: 'a list', usage: '[]', costs: 'estimated' },
  { name: 'input alone', usage: '{"input_tokens":9}', costs: 'estimated' },
  { name: 'the total alone', usage: '{"total_tokens":9}', costs: 'estimated' },
  { name: 'negative output', usage: tokens(5, -3), costs: 'estimated' },
  { name: 'fractions', usage: tokens(10.5, 2.5), costs: 'estimated' },
  { name: 'texts', usage: tokens('10', '2'), costs: 'estimated' },
  { name: 'a quadrillion', usage: tokens(1e15, 1e15), costs: 'estimated' },
  { name: 'nothing at all', fault: { kind: 'no-usage' }, costs: 'estimated' },
];

const PLACES: readonly UsageShape[] = [
  { name: 'in the last event', place: 'own', costs: 'billed' },
  { name: 'with every item, growing', place: 'every', costs: 'billed' },
  { name: 'before the end and with it', place: 'twice', usage: tokens(11, 3), costs: 2_300n, by: '2300, once' },
  { name: 'after the end', place: 'after-done', usage: tokens(11, 3), costs: 'estimated' },
  { name: 'never, of a stream that breaks', fault: { kind: 'cut', afterEvents: 7 }, costs: 'estimated' },
];

/** Of the Responses API. */
export const RESPONSES_SHAPES: readonly UsageShape[] = [...TEXT, ...MEDIA, ...TERMS, ...NO_COUNT, ...PLACES];
