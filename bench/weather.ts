/**
 * What it costs to know the weather: one attempt's passage through a calm
 * target, with every policy on.
 *
 *     node bench/weather.ts
 *
 * It ends with 1 when a passage costs a microsecond or more, or when memory
 * grows with the passages. The best of several rounds counts, because whatever
 * else runs here only ever adds.
 */
import { systemClock } from '../src/kernel/clock.ts';
import { systemRandom } from '../src/kernel/random.ts';
import { DEFAULT_GLOBAL_POLICIES, DEFAULT_TARGET_POLICIES } from '../src/protocol/policy.ts';
import { Weather } from '../src/routing/weather.ts';

const ROUNDS = 12;
const TIMES = 200_000;
const PASSAGE_NS_MAX = 1_000;
const GROWTH_BYTES_MAX = 1_000_000;

const PLACE = { provider: { name: 'openai' }, model: 'gpt-5-mini', credential: { name: 'main' } };
const HEADERS: Readonly<Record<string, string>> = {
  'x-ratelimit-limit-requests': '10000',
  'x-ratelimit-remaining-requests': '9999',
  'x-ratelimit-reset-requests': '6ms',
  'x-ratelimit-limit-tokens': '200000',
  'x-ratelimit-remaining-tokens': '199980',
  'x-ratelimit-reset-tokens': '6ms',
};
const header = (name: string) => HEADERS[name];
const OK = { kind: 'ok' } as const;

const weather = new Weather(systemClock, systemRandom(), DEFAULT_GLOBAL_POLICIES);
const target = weather.of(PLACE, DEFAULT_TARGET_POLICIES);

const parts = {
  'clock, for comparison': () => void systemClock.monotonicMs(),
  'of: finding the target': () => void weather.of(PLACE, DEFAULT_TARGET_POLICIES),
  'closure: may it be used': () => void target.closure(),
  'begin, firstToken, end': (index: number) => {
    const passage = target.begin();
    passage.firstToken(300 + (index % 100));
    passage.end(OK);
  },
  'begin, heard, end': () => {
    const passage = target.begin();
    passage.heard(header);
    passage.end(OK);
  },
};

function bestNs(work: (index: number) => void): number {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const beganMs = performance.now();
    for (let index = 0; index < TIMES; index++) work(index);
    best = Math.min(best, ((performance.now() - beganMs) * 1e6) / TIMES);
  }
  return best;
}

const costs = Object.entries(parts).map(([name, work]) => ({ name, ns: Math.round(bestNs(work)) }));
for (const { name, ns } of costs) console.log(`${name.padEnd(26)} ${String(ns).padStart(6)} ns`);

const collect = globalThis.gc;
collect?.();
const before = process.memoryUsage().heapUsed;
for (const work of Object.values(parts)) for (let index = 0; index < 5 * TIMES; index++) work(index);
collect?.();
const grownBytes = process.memoryUsage().heapUsed - before;
if (collect === undefined) console.log('memory: run it with node --expose-gc to see whether it grows');
else
  console.log(`${'memory after 5 million'.padEnd(26)} ${String(Math.round(grownBytes / 1_000)).padStart(6)} kB more`);

const tooDear = costs.filter(({ name, ns }) => name.startsWith('begin') && ns >= PASSAGE_NS_MAX);
if (tooDear.length > 0 || (collect !== undefined && grownBytes > GROWTH_BYTES_MAX)) process.exitCode = 1;
