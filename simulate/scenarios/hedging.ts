import type { SimulationReport } from '../../src/forecast/simulation-report.ts';
import { DEFAULT_HEDGE } from '../../src/protocol/policy.ts';
import { atLeast, atMost, told } from '../figure.ts';
import type { Scenario } from '../scenario.ts';
import { MINUTE, profile, setupOf, steady, TWO } from './common.ts';

/** Most first tokens come within a second; three in a hundred take ten times as long. */
const LONG_TAIL = { p50Ms: 400, p95Ms: 1_000, tailShare: 0.03, tailTimes: 10 };

/** Where all is slow, nearly every call would like a second target. */
const HEDGED_AFTER = 500;

export const hedging: Scenario = {
  name: 'hedging',
  says: 'a long tail of first tokens: asking a second target for the slowest calls shortens it by two fifths',
  async run(stage) {
    const common = {
      durationMs: (stage.quick ? 10 : 30) * MINUTE,
      providers: [profile('one', { firstToken: LONG_TAIL }), profile('two', { firstToken: LONG_TAIL })],
      traffic: steady(10),
      sliceMs: MINUTE,
    };
    const plain = await stage.simulate(setupOf(stage, { ...common, topology: TWO }));
    const hedged = await stage.simulate(
      setupOf(stage, { ...common, topology: { ...TWO, route: { hedge: DEFAULT_HEDGE } } }),
    );
    const slowSpell = await stage.simulate(
      setupOf(stage, {
        ...common,
        providers: common.providers.map((provider) => ({
          ...provider,
          conditions: [{ kind: 'latency', fromMs: 2 * MINUTE, untilMs: common.durationMs, times: 4 }],
        })),
        topology: { ...TWO, route: { hedge: { ...DEFAULT_HEDGE, afterMs: HEDGED_AFTER } } },
      }),
    );
    const before = plain.totals.firstTokenMs?.p99 ?? 0;
    const after = hedged.totals.firstTokenMs?.p99 ?? Number.POSITIVE_INFINITY;
    return [
      told('p99 to the first token without', before, 'ms'),
      told('p99 to the first token with', after, 'ms'),
      atLeast('shorter by', 1 - after / before, 0.4, 'share'),
      atMost('more attempts', extra(hedged), 0.05, 'share'),
      atMost('more attempts where all is slow', extra(slowSpell), 0.0505, 'share'),
    ];
  },
};

/** Nothing fails here: what is more than one for each call is a hedge. */
function extra({ totals }: SimulationReport): number {
  return totals.attempts / totals.calls - 1;
}
