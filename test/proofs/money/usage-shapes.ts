import type { UsagePlace } from '../../../src/sim/dialect.ts';
import type { FaultRuleInput } from '../../../src/sim/faults/rules.ts';

/** What a provider may say that it used, and what that costs. Amounts are worked out by hand, and rounded up once at the end. */
export interface UsageShape {
  readonly name: string;
  /** The text of the usage object; absent: the honest one. */
  readonly usage?: string;
  /** Absent: in its place, streamed and not. Otherwise of a stream alone. */
  readonly place?: UsagePlace;
  /** Something else than its usage that is wrong with the answer, in a stream alone. */
  readonly fault?: FaultRuleInput['fault'];
  /**
   * Nano-USD. `estimated`: the count is no count, and ours takes its place.
   * `billed`: what was really made. `unpriced`: it was counted, and has no price.
   */
  readonly costs: bigint | 'estimated' | 'billed' | 'unpriced';
  readonly by?: string;
}

// Below: input $0.0375, cached input $0.009375 and output $0.15 for a million
// tokens, which is 37.5, 9.375 and 150 nano-USD a token.

const tokens = (prompt: unknown, completion: unknown, more = '') =>
  `{"prompt_tokens":${prompt},"completion_tokens":${completion}${more}}`;
const cached = (count: unknown) => `,"prompt_tokens_details":{"cached_tokens":${count}}`;
const reasoning = (count: unknown) => `,"completion_tokens_details":{"reasoning_tokens":${count}}`;

const PLAIN: readonly UsageShape[] = [
  { name: 'input and output', usage: tokens(11, 3), costs: 863n, by: '412.5 + 450 = 862.5' },
  { name: 'an explicit zero', usage: tokens(0, 0), costs: 0n, by: '0' },
  { name: 'one token of input', usage: tokens(1, 0), costs: 38n, by: '37.5' },
  { name: 'one token of output', usage: tokens(0, 1), costs: 150n, by: '150' },
  { name: 'one of each', usage: tokens(1, 1), costs: 188n, by: '37.5 + 150 = 187.5' },
  { name: 'no rounding needed', usage: tokens(2, 0), costs: 75n, by: '75' },
  { name: 'three', usage: tokens(3, 0), costs: 113n, by: '112.5' },
  { name: 'seven of each', usage: tokens(7, 7), costs: 1_313n, by: '262.5 + 1050 = 1312.5' },
  { name: 'a whole context', usage: tokens(128_000, 16_384), costs: 7_257_600n, by: '4800000 + 2457600' },
  { name: 'a million', usage: tokens(1_000_000, 1_000_000), costs: 187_500_000n, by: '37500000 + 150000000' },
  { name: 'counts with an exponent', usage: tokens('1e1', '2E0'), costs: 675n, by: '375 + 300' },
  { name: 'a whole number with decimals', usage: tokens('10.0', 2), costs: 675n, by: '375 + 300' },
  { name: 'a zero with a sign', usage: tokens('-0', 2), costs: 300n, by: '0 + 300' },
  { name: 'a total that is right', usage: tokens(10, 2, ',"total_tokens":12'), costs: 675n, by: '375 + 300' },
  { name: 'a total that is wrong', usage: tokens(10, 2, ',"total_tokens":999'), costs: 675n, by: '375 + 300' },
  { name: 'a total that is none', usage: tokens(10, 2, ',"total_tokens":null'), costs: 675n, by: '375 + 300' },
  { name: 'fields that nobody knows', usage: tokens(10, 2, ',"queue_time":0.1,"x":{"y":[1]}'), costs: 675n, by: '675' },
  {
    name: 'a count twice, the last counts',
    usage: tokens(10, 2, ',"completion_tokens":4'),
    costs: 975n,
    by: '375 + 600',
  },
  { name: 'members in another order', usage: '{"completion_tokens":2,"prompt_tokens":10}', costs: 675n, by: '675' },
];

const CACHED: readonly UsageShape[] = [
  { name: 'some cached', usage: tokens(100, 10, cached(40)), costs: 4_125n, by: '2250 + 375 + 1500' },
  { name: 'all cached', usage: tokens(64, 0, cached(64)), costs: 600n, by: '64 × 9.375' },
  { name: 'one cached of two', usage: tokens(2, 0, cached(1)), costs: 47n, by: '37.5 + 9.375 = 46.875' },
  { name: 'one cached alone', usage: tokens(1, 0, cached(1)), costs: 10n, by: '9.375' },
  { name: 'none cached', usage: tokens(100, 10, cached(0)), costs: 5_250n, by: '3750 + 1500' },
  { name: 'cached unknown', usage: tokens(100, 10, cached(null)), costs: 5_250n, by: '3750 + 1500' },
  { name: 'cached negative', usage: tokens(100, 10, cached(-40)), costs: 5_250n, by: '3750 + 1500' },
  { name: 'cached a text', usage: tokens(100, 10, cached('"40"')), costs: 5_250n, by: '3750 + 1500' },
  { name: 'cached a fraction', usage: tokens(100, 10, cached(40.5)), costs: 5_250n, by: '3750 + 1500' },
  { name: 'cached beyond all bounds', usage: tokens(100, 10, cached('1e18')), costs: 5_250n, by: '3750 + 1500' },
  { name: 'details null', usage: tokens(100, 10, ',"prompt_tokens_details":null'), costs: 5_250n, by: '3750 + 1500' },
  { name: 'details a list', usage: tokens(100, 10, ',"prompt_tokens_details":[]'), costs: 5_250n, by: '3750 + 1500' },
  { name: 'details empty', usage: tokens(100, 10, ',"prompt_tokens_details":{}'), costs: 5_250n, by: '3750 + 1500' },
  {
    name: 'cached and written, which has no price of its own',
    usage: tokens(100, 0, ',"prompt_tokens_details":{"cached_tokens":20,"cache_write_tokens":30}'),
    costs: 3_188n,
    by: '20 × 9.375 + 80 × 37.5 = 187.5 + 3000 = 3187.5',
  },
  {
    name: 'sound, which has no price of its own',
    usage: tokens(100, 10, ',"prompt_tokens_details":{"audio_tokens":20}'),
    costs: 5_250n,
    by: '3750 + 1500',
  },
];

const REASONING: readonly UsageShape[] = [
  { name: 'reasoning inside', usage: tokens(10, 50, reasoning(30)), costs: 7_875n, by: '375 + 7500' },
  { name: 'all of it reasoning', usage: tokens(10, 50, reasoning(50)), costs: 7_875n, by: '375 + 7500' },
  {
    name: 'reasoning inside, as the total says',
    usage: tokens(10, 50, `,"total_tokens":60${reasoning(30)}`),
    costs: 7_875n,
    by: '375 + 7500',
  },
  {
    name: 'reasoning apart, as the total says',
    usage: tokens(10, 50, `,"total_tokens":90${reasoning(30)}`),
    costs: 12_375n,
    by: '375 + 80 × 150',
  },
  { name: 'no reasoning', usage: tokens(10, 50, reasoning(0)), costs: 7_875n, by: '375 + 7500' },
  { name: 'reasoning unknown', usage: tokens(10, 50, reasoning(null)), costs: 7_875n, by: '375 + 7500' },
  { name: 'reasoning negative', usage: tokens(10, 50, reasoning(-1)), costs: 7_875n, by: '375 + 7500' },
  {
    name: 'reasoning, cached, and both totals',
    usage: tokens(1_000, 500, `,"total_tokens":1500${cached(896)}${reasoning(300)}`),
    costs: 87_300n,
    by: '104 × 37.5 + 896 × 9.375 + 500 × 150 = 3900 + 8400 + 75000',
  },
];

const NO_COUNT: readonly UsageShape[] = [
  { name: 'an empty object', usage: '{}', costs: 'estimated' },
  { name: 'null', usage: 'null', costs: 'estimated' },
  { name: 'a list', usage: '[]', costs: 'estimated' },
  { name: 'a text', usage: '"much"', costs: 'estimated' },
  { name: 'a number', usage: '7', costs: 'estimated' },
  { name: 'true', usage: 'true', costs: 'estimated' },
  { name: 'input alone', usage: '{"prompt_tokens":9}', costs: 'estimated' },
  { name: 'output alone', usage: '{"completion_tokens":9}', costs: 'estimated' },
  { name: 'the total alone', usage: '{"total_tokens":9}', costs: 'estimated' },
  { name: 'both null', usage: tokens(null, null), costs: 'estimated' },
  { name: 'negative input', usage: tokens(-5, 3), costs: 'estimated' },
  { name: 'negative output', usage: tokens(5, -3), costs: 'estimated' },
  { name: 'both negative', usage: tokens(-5, -5), costs: 'estimated' },
  { name: 'fractions', usage: tokens(10.5, 2.5), costs: 'estimated' },
  { name: 'texts', usage: tokens('"10"', '"2"'), costs: 'estimated' },
  { name: 'truth for a count', usage: tokens(true, false), costs: 'estimated' },
  { name: 'lists for counts', usage: tokens('[10]', '[2]'), costs: 'estimated' },
  { name: 'a quadrillion', usage: tokens('1e15', '1e15'), costs: 'estimated' },
  { name: 'a quintillion', usage: tokens('1e18', '1e18'), costs: 'estimated' },
  { name: 'beyond any number', usage: tokens('1e999', 3), costs: 'estimated' },
  { name: 'more than any model takes', usage: tokens(2_000_000_000, 3), costs: 'estimated' },
  { name: 'more than any model gives', usage: tokens(3, 2_000_000_000), costs: 'estimated' },
];

const PLACES: readonly UsageShape[] = [
  { name: 'with the finish reason', place: 'finish', usage: tokens(11, 3), costs: 863n, by: '862.5' },
  { name: 'with every event, the same', place: 'every', usage: tokens(11, 3), costs: 863n, by: '862.5' },
  { name: 'with every event, growing', place: 'every', costs: 'billed' },
  { name: 'twice', place: 'twice', usage: tokens(11, 3), costs: 863n, by: '862.5, once' },
  { name: 'twice, honest', place: 'twice', costs: 'billed' },
  { name: 'after [DONE]', place: 'after-done', usage: tokens(11, 3), costs: 863n, by: '862.5' },
  { name: 'after [DONE], honest', place: 'after-done', costs: 'billed' },
  { name: 'with the finish reason, cached', place: 'finish', usage: tokens(64, 0, cached(64)), costs: 600n, by: '600' },
  { name: 'with the finish reason, no count', place: 'finish', usage: tokens(-1, -1), costs: 'estimated' },
  { name: 'twice, no count', place: 'twice', usage: tokens('"1"', '"1"'), costs: 'estimated' },
];

/** Of Chat Completions, at prices of which a few tokens do not add up to a whole nano-dollar. */
export const CHAT_SHAPES: readonly UsageShape[] = [...PLAIN, ...CACHED, ...REASONING, ...NO_COUNT, ...PLACES];
