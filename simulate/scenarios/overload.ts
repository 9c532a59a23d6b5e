import { DEFAULT_GLOBAL_POLICIES, DEFAULT_TARGET_POLICIES } from '../../src/protocol/policy.ts';
import { atLeast, atMost, told } from '../figure.ts';
import type { Scenario, Stage } from '../scenario.ts';
import { type Topology, targetWithout } from '../topology.ts';
import { ALONE, between, CHAT, MINUTE, profile, SDK, SECOND, setupOf, sumOf } from './common.ts';

const CONCURRENT = 60;
/** A call takes about 0.6 s of one of its places. */
const PEAK = 102;
const USUAL = 70;
const QUEUE = 60;
/** What it costs a provider to say no. */
const REFUSAL_MS = 30;
const TIMES = 3;
const BEGINS = 30 * SECOND;
const ENDS = 90 * SECOND;
const RECOVERY = 10 * SECOND;

export const overload: Scenario = {
  name: 'overload',
  says: 'three times what the only provider can do, for a minute: it goes on doing what it can, and is well again in 10 s',
  async run(stage) {
    const all = await run(stage, { target: DEFAULT_TARGET_POLICIES, global: DEFAULT_GLOBAL_POLICIES });
    // The breaker, which stops retries too, is away from here on: what is seen is the work of the budgets.
    const budgets = await run(stage, { target: targetWithout('breaker'), global: DEFAULT_GLOBAL_POLICIES });
    const control = await run(stage, { target: targetWithout('breaker', 'retryBudget'), global: {} });
    return [
      atLeast('answered during it, of the peak', all.during, 0.9, 'share'),
      atLeast('answered from 10 s after it, of what came', all.after, 0.95, 'share'),
      atLeast('retry budgets alone: answered during it', budgets.during, 0.9, 'share'),
      atLeast('retry budgets alone: answered after it', budgets.after, 0.95, 'share'),
      told('retry budgets alone: attempts for each request', budgets.attempts, 'times'),
      told('control, without any: attempts for each request', control.attempts, 'times'),
      atMost('control, without any: answered during it', control.during, 0.9, 'share'),
    ];
  },
};

async function run(stage: Stage, policies: Pick<Topology, 'target' | 'global'>) {
  const report = await stage.simulate(
    setupOf(stage, {
      topology: { ...ALONE, ...policies },
      durationMs: ENDS + MINUTE,
      providers: [
        profile('one', {
          firstToken: { p50Ms: 380, p95Ms: 500 },
          tokensPerSecond: 100,
          capacity: {
            concurrent: CONCURRENT,
            queue: QUEUE,
            whenFull: 503,
            refusalMs: REFUSAL_MS,
            finishesAbandoned: true,
          },
        }),
      ],
      traffic: {
        ratePerSecond: (atMs) => (atMs >= BEGINS && atMs < ENDS ? PEAK * TIMES : USUAL),
        ratePerSecondMax: PEAK * TIMES,
        clients: SDK,
        shapes: [{ ...CHAT, outputTokens: { p50: 20, p95: 30 } }],
      },
    }),
  );
  const during = between(report, BEGINS + 5 * SECOND, ENDS);
  const after = between(report, ENDS + RECOVERY, ENDS + RECOVERY + 10 * SECOND);
  return {
    during: sumOf(during, 'requestsAnswered') / ((during.length * SECOND * PEAK) / 1_000),
    after: sumOf(after, 'requestsAnswered') / sumOf(after, 'requests'),
    attempts: report.totals.attempts / report.totals.requests,
  };
}
