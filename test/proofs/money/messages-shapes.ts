import type { UsageShape } from './usage-shapes.ts';

// At the prices of `RICH` (rich-prices.ts), nano-USD a token: input 100, cached
// 10, written to the cache 125, for an hour 200; output 400, thoughts 500. Above
// 200,000 tokens of input: input 200, cached 20, output 600. A search is
// 10,000,000. What was read from a cache or written to one comes on top.

type Counts = Readonly<Record<string, unknown>>;

/** The usage object of Anthropic's Messages. */
function tokens(input: unknown, output: unknown, more: Counts = {}): string {
  return JSON.stringify({ input_tokens: input, output_tokens: output, ...more });
}

const read = (count: unknown): Counts => ({ cache_read_input_tokens: count });
const written = (all: number | undefined, minutes: number, hour: number): Counts => ({
  ...(all === undefined ? {} : { cache_creation_input_tokens: all }),
  cache_creation: { ephemeral_5m_input_tokens: minutes, ephemeral_1h_input_tokens: hour },
});

const TOLD: readonly UsageShape[] = [
  { name: 'input and output', usage: tokens(11, 3), costs: 2_300n, by: '1100 + 1200' },
  { name: 'an explicit zero', usage: tokens(0, 0), costs: 0n, by: '0' },
  { name: 'read from the cache', usage: tokens(60, 10, read(40)), costs: 10_400n, by: '6000 + 400 + 4000' },
  { name: 'all of it from the cache', usage: tokens(0, 0, read(64)), costs: 640n, by: '64 × 10' },
  { name: 'written to the cache', usage: tokens(70, 10, written(30, 30, 0)), costs: 14_750n, by: '7000 + 3750 + 4000' },
  { name: 'written for an hour', usage: tokens(70, 10, written(30, 0, 30)), costs: 17_000n, by: '7000 + 6000 + 4000' },
  {
    name: 'written for both, and no sum',
    usage: tokens(70, 10, written(undefined, 10, 20)),
    costs: 16_250n,
    by: '7000 + 10 × 125 + 20 × 200 + 4000 = 7000 + 1250 + 4000 + 4000',
  },
  {
    name: 'read and written',
    usage: tokens(50, 10, { ...read(20), ...written(30, 30, 0) }),
    costs: 12_950n,
    by: '5000 + 200 + 3750 + 4000',
  },
  {
    name: 'thoughts inside',
    usage: tokens(10, 50, { output_tokens_details: { thinking_tokens: 30 } }),
    costs: 24_000n,
    by: '1000 + 15000 + 8000',
  },
  {
    name: 'two searches',
    usage: tokens(11, 3, { server_tool_use: { web_search_requests: 2, web_fetch_requests: 1 } }),
    costs: 20_002_300n,
    by: '2300 + 2 × 10000000',
  },
  {
    name: 'a long context, all but one cached',
    usage: tokens(1, 10, read(200_000)),
    costs: 4_006_200n,
    by: '200 + 200000 × 20 + 10 × 600 = 200 + 4000000 + 6000',
  },
  {
    name: 'as much context as is cheap',
    usage: tokens(1, 10, read(199_999)),
    costs: 2_004_090n,
    by: '100 + 1999990 + 4000',
  },
  { name: 'the priority tier', usage: tokens(100, 10, { service_tier: 'priority' }), costs: 28_000n, by: '2 × 14000' },
  { name: 'the ordinary tier', usage: tokens(100, 10, { service_tier: 'standard' }), costs: 14_000n, by: '14000' },
  { name: 'a batch', usage: tokens(100, 10, { service_tier: 'batch' }), costs: 7_000n, by: '14000 ÷ 2' },
  {
    name: 'bound to a country, which has no price',
    usage: tokens(100, 10, { service_tier: 'standard', inference_geo: 'us' }),
    costs: 'unpriced',
  },
];

const NO_COUNT: readonly UsageShape[] = [
  { name: 'an empty object', usage: '{}', costs: 'estimated' },
  { name: 'null', usage: 'null', costs: 'estimated' },
  { name: 'input alone', usage: '{"input_tokens":9}', costs: 'estimated' },
  { name: 'negative output', usage: tokens(5, -3), costs: 'estimated' },
  { name: 'fractions', usage: tokens(10.5, 2.5), costs: 'estimated' },
  { name: 'a quadrillion', usage: tokens(1e15, 1e15), costs: 'estimated' },
];

const PLACES: readonly UsageShape[] = [
  { name: 'with the beginning and the end', place: 'own', costs: 'billed' },
  { name: 'with every piece, growing', place: 'every', costs: 'billed' },
  { name: 'twice at the end', place: 'twice', usage: tokens(11, 3), costs: 2_300n, by: '2300, once' },
  { name: 'with the beginning alone', fault: { kind: 'cut', afterEvents: 7 }, costs: 'estimated' },
];

/** Of Anthropic's Messages. */
export const MESSAGES_SHAPES: readonly UsageShape[] = [...TOLD, ...NO_COUNT, ...PLACES];
