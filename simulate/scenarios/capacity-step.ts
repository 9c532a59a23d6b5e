import { DEFAULT_CONCURRENCY, DEFAULT_TARGET_POLICIES } from '../../src/protocol/policy.ts';
import { atLeast, atMost, told } from '../figure.ts';
import type { Scenario } from '../scenario.ts';
import { ALONE, CHAT, FOREVER, profile, SECOND, setupOf, steady } from './common.ts';

const BEFORE = 100;
const AFTER = 30;
const STEP = 300 * SECOND;
/** The limit is reckoned anew each second. */
const WINDOWS = 30;
/** A call holds its place for about so long. */
const CALL_SECONDS = 4.1;
const TOLERANCE = 0.25;

export const capacityStep: Scenario = {
  name: 'capacity-step',
  says: 'a provider that bears 100 calls at once bears 30 from one instant on: the limit is there within 30 windows',
  async run(stage) {
    const durationMs = STEP + 120 * SECOND;
    const seen: { readonly atMs: number; readonly limit: number }[] = [];
    const report = await stage.simulate(
      setupOf(stage, {
        topology: {
          ...ALONE,
          target: { ...DEFAULT_TARGET_POLICIES, concurrency: { ...DEFAULT_CONCURRENCY, refuse: true } },
        },
        durationMs,
        providers: [
          profile('one', {
            firstToken: { p50Ms: 400, p95Ms: 560 },
            tokensPerSecond: 100,
            capacity: { concurrent: BEFORE, queue: 5_000, whenFull: 503 },
            conditions: [{ kind: 'capacity', fromMs: STEP, untilMs: FOREVER, concurrent: AFTER }],
          }),
        ],
        traffic: { ...steady(60), shapes: [{ ...CHAT, outputTokens: { p50: 360, p95: 480 } }] },
        watch: {
          everyMs: SECOND,
          look: (atMs, [target]) => seen.push({ atMs, limit: target?.concurrencyLimit ?? Number.NaN }),
        },
      }),
    );
    const low = AFTER * (1 - TOLERANCE);
    const high = AFTER * (1 + TOLERANCE);
    const arrived = seen.findIndex(({ atMs, limit }) => atMs > STEP && limit >= low && limit <= high);
    const after = seen.filter(({ atMs }) => atMs > STEP + WINDOWS * SECOND);
    const inside = after.filter(({ limit }) => limit >= low && limit <= high).length / after.length;
    const answered = report.slices
      .filter(({ fromMs }) => fromMs > STEP + WINDOWS * SECOND && fromMs < durationMs - SECOND)
      .reduce((sum, { ok }) => sum + ok, 0);
    const ideal = ((durationMs - STEP - (WINDOWS + 2) * SECOND) / SECOND) * (AFTER / CALL_SECONDS);
    return [
      atMost('windows until the limit is within 25 % of 30', arrivedAfter(seen[arrived]?.atMs), WINDOWS, 'count'),
      atLeast('of the time after that within 25 %', inside, 0.9, 'share'),
      told('limit in the end', seen.at(-1)?.limit ?? Number.NaN, 'count'),
      atLeast('goodput against what 30 at once can do', answered / ideal, 0.9, 'share'),
    ];
  },
};

function arrivedAfter(atMs: number | undefined): number {
  return atMs === undefined ? Number.POSITIVE_INFINITY : (atMs - STEP) / SECOND;
}
