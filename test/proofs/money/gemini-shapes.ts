import type { UsageShape } from './usage-shapes.ts';

// At the prices of `RICH` (rich-prices.ts), nano-USD a token: input 100, cached
// 10, sound 300 (cached 30), pictures 150, moving pictures 120; output 400,
// thoughts 500, sound 2000, pictures 3000. Above 200,000 tokens of input: input
// 200, cached 20, output 600. Thoughts and what tools read come on top.

type Counts = Readonly<Record<string, unknown>>;
type Detail = readonly [modality: string, tokenCount: number];

/** Gemini's `usageMetadata`; a count of `undefined` is left out, as Google leaves out a 0. */
function tokens(prompt: unknown, candidates: unknown, more: Counts = {}): string {
  return JSON.stringify({ promptTokenCount: prompt, candidatesTokenCount: candidates, ...more });
}

function details(...list: readonly Detail[]): { modality: string; tokenCount: number }[] {
  return list.map(([modality, tokenCount]) => ({ modality, tokenCount }));
}

const cached = (count: unknown): Counts => ({ cachedContentTokenCount: count });
const thoughts = (count: unknown): Counts => ({ thoughtsTokenCount: count });
const tools = (count: unknown): Counts => ({ toolUsePromptTokenCount: count });

const TEXT: readonly UsageShape[] = [
  { name: 'prompt and candidates', usage: tokens(11, 3), costs: 2_300n, by: '1100 + 1200' },
  { name: 'thoughts on top', usage: tokens(10, 20, thoughts(30)), costs: 24_000n, by: '1000 + 8000 + 30 × 500' },
  {
    name: 'thoughts alone',
    usage: tokens(10, undefined, { ...thoughts(30), totalTokenCount: 40 }),
    costs: 16_000n,
    by: '1000 + 15000',
  },
  {
    name: 'candidates that only the total counts',
    usage: tokens(10, undefined, { totalTokenCount: 14 }),
    costs: 2_600n,
    by: '1000 + 4 × 400',
  },
  {
    name: 'candidates that only the total counts, beside thoughts and tools',
    usage: tokens(10, undefined, { ...thoughts(5), ...tools(20), totalTokenCount: 39 }),
    costs: 7_100n,
    by: '30 × 100 + 5 × 500 + 4 × 400 = 3000 + 2500 + 1600',
  },
  { name: 'the prompt alone', usage: tokens(10, undefined), costs: 1_000n, by: '1000: a 0 is left out' },
  { name: 'some cached', usage: tokens(100, 10, cached(40)), costs: 10_400n, by: '6000 + 400 + 4000' },
  { name: 'all cached', usage: tokens(64, undefined, cached(64)), costs: 640n, by: '64 × 10' },
  { name: 'more cached than there was', usage: tokens(10, 1, cached(17)), costs: 500n, by: '10 × 10 + 400' },
  { name: 'cached unknown', usage: tokens(100, 10, cached(null)), costs: 14_000n, by: '10000 + 4000' },
  { name: 'what tools read', usage: tokens(100, 10, tools(50)), costs: 19_000n, by: '150 × 100 + 4000' },
  {
    name: 'what tools read, beside what was cached',
    usage: tokens(100, 5, { ...cached(60), ...tools(40) }),
    costs: 10_600n,
    by: '80 × 100 + 60 × 10 + 5 × 400 = 8000 + 600 + 2000',
  },
  {
    name: 'the name of the live API',
    usage: '{"promptTokenCount":10,"responseTokenCount":2}',
    costs: 1_800n,
    by: '1800',
  },
  { name: 'a total that is wrong', usage: tokens(10, 2, { totalTokenCount: 999 }), costs: 1_800n, by: '1000 + 800' },
  { name: 'details that are no list', usage: tokens(10, 2, { promptTokensDetails: 7 }), costs: 1_800n, by: '1800' },
];

const MEDIA: readonly UsageShape[] = [
  {
    name: 'sound in',
    usage: tokens(100, 10, { promptTokensDetails: details(['TEXT', 40], ['AUDIO', 60]) }),
    costs: 26_000n,
    by: '40 × 100 + 60 × 300 + 4000 = 4000 + 18000 + 4000',
  },
  {
    name: 'sound in, some of it cached',
    usage: tokens(100, undefined, {
      ...cached(50),
      promptTokensDetails: details(['TEXT', 40], ['AUDIO', 60]),
      cacheTokensDetails: details(['TEXT', 30], ['AUDIO', 20]),
    }),
    costs: 13_900n,
    by: '10 × 100 + 30 × 10 + 40 × 300 + 20 × 30 = 1000 + 300 + 12000 + 600',
  },
  {
    name: 'pictures and documents in',
    usage: tokens(616, 10, { promptTokensDetails: details(['TEXT', 100], ['IMAGE', 258], ['DOCUMENT', 258]) }),
    costs: 91_400n,
    by: '100 × 100 + 516 × 150 + 4000 = 10000 + 77400 + 4000',
  },
  {
    name: 'a film with its sound',
    usage: tokens(3_000, undefined, { promptTokensDetails: details(['TEXT', 50], ['VIDEO', 2_630], ['AUDIO', 320]) }),
    costs: 416_600n,
    by: '50 × 100 + 2630 × 120 + 320 × 300 = 5000 + 315600 + 96000',
  },
  {
    name: 'pictures that tools read',
    usage: tokens(100, undefined, { ...tools(300), toolUsePromptTokensDetails: details(['TEXT', 42], ['IMAGE', 258]) }),
    costs: 52_900n,
    by: '142 × 100 + 258 × 150 = 14200 + 38700',
  },
  {
    name: 'a picture out',
    usage: tokens(10, 1_300, { candidatesTokensDetails: details(['IMAGE', 1_290], ['TEXT', 10]) }),
    costs: 3_875_000n,
    by: '1000 + 1290 × 3000 + 10 × 400 = 1000 + 3870000 + 4000',
  },
  {
    name: 'a picture out, thought of before',
    usage: tokens(10, 1_290, { ...thoughts(100), candidatesTokensDetails: details(['IMAGE', 1_290]) }),
    costs: 3_921_000n,
    by: '1000 + 3870000 + 100 × 500',
  },
  {
    name: 'sound out',
    usage: tokens(10, 100, { candidatesTokensDetails: details(['AUDIO', 100]) }),
    costs: 201_000n,
    by: '1000 + 100 × 2000',
  },
];

const TERMS: readonly UsageShape[] = [
  { name: 'as much context as is cheap', usage: tokens(200_000, 10), costs: 20_004_000n, by: '20000000 + 4000' },
  {
    name: 'a token more, which a tool read',
    usage: tokens(200_000, 10, tools(1)),
    costs: 40_006_200n,
    by: '200001 × 200 + 10 × 600 = 40000200 + 6000',
  },
  {
    name: 'a long context, mostly cached',
    usage: tokens(300_000, 100, cached(250_000)),
    costs: 15_060_000n,
    by: '50000 × 200 + 250000 × 20 + 100 × 600 = 10000000 + 5000000 + 60000',
  },
  {
    name: 'a long context, thought about at the usual price',
    usage: tokens(250_000, 10, thoughts(100)),
    costs: 50_056_000n,
    by: '250000 × 200 + 10 × 600 + 100 × 500 = 50000000 + 6000 + 50000',
  },
  { name: 'the flex tier', usage: tokens(100, 10, { serviceTier: 'flex' }), costs: 7_000n, by: '(10000 + 4000) ÷ 2' },
  {
    name: 'priority, said as traffic',
    usage: tokens(100, 10, { trafficType: 'ON_DEMAND_PRIORITY' }),
    costs: 28_000n,
    by: '2 × 14000',
  },
  {
    name: 'ordinary traffic',
    usage: tokens(100, 10, { trafficType: 'ON_DEMAND' }),
    costs: 14_000n,
    by: '10000 + 4000',
  },
  {
    name: 'the ordinary tier by its name',
    usage: tokens(100, 10, { serviceTier: 'standard' }),
    costs: 14_000n,
    by: '14000',
  },
  {
    name: 'traffic that is paid for in advance',
    usage: tokens(100, 10, { trafficType: 'PROVISIONED_THROUGHPUT' }),
    costs: 'unpriced',
  },
];

const NO_COUNT: readonly UsageShape[] = [
  { name: 'an empty object', usage: '{}', costs: 'estimated' },
  { name: 'null', usage: 'null', costs: 'estimated' },
  { name: 'a list', usage: '[]', costs: 'estimated' },
  { name: 'the total alone', usage: '{"totalTokenCount":9}', costs: 'estimated' },
  { name: 'thoughts alone, of nobody knows what', usage: '{"thoughtsTokenCount":9}', costs: 'estimated' },
  { name: 'a negative prompt', usage: tokens(-5, 3), costs: 'estimated' },
  { name: 'negative candidates', usage: tokens(5, -3), costs: 'estimated' },
  { name: 'fractions', usage: tokens(10.5, 2.5), costs: 'estimated' },
  { name: 'texts', usage: tokens('10', '2'), costs: 'estimated' },
  { name: 'a quadrillion', usage: tokens(1e15, 1e15), costs: 'estimated' },
  { name: 'candidates beyond all bounds', usage: tokens(5, 1e15), costs: 'estimated' },
  { name: 'nothing at all', fault: { kind: 'no-usage' }, costs: 'estimated' },
];

const PLACES: readonly UsageShape[] = [
  { name: 'with every piece, growing', place: 'own', costs: 'billed' },
  { name: 'with the last piece alone', place: 'finish', usage: tokens(11, 3), costs: 2_300n, by: '2300' },
  { name: 'with the last piece, and after it', place: 'twice', usage: tokens(11, 3), costs: 2_300n, by: '2300, once' },
  { name: 'after the last piece', place: 'after-done', usage: tokens(11, 3), costs: 2_300n, by: '2300' },
  { name: 'so far, of a stream that breaks', fault: { kind: 'cut', afterEvents: 7 }, costs: 'billed' },
];

/** Of Gemini. */
export const GEMINI_SHAPES: readonly UsageShape[] = [...TEXT, ...MEDIA, ...TERMS, ...NO_COUNT, ...PLACES];
