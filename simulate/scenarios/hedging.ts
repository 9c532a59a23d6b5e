import { DEFAULT_HEDGE } from '../../src/protocol/policy.ts';
import { atLeast, atMost, told } from '../figure.ts';
import type { Scenario } from '../scenario.ts';
import { MINUTE, profile, setupOf, steady, TWO } from './common.ts';

/** Most first tokens come within a second; three in a hundred take ten times as long. */
const LONG_TAIL = { p50Ms: 400, p95Ms: 1_000, tailShare: 0.03, tailTimes: 10 };

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
    const before = plain.totals.firstTokenMs?.p99 ?? 0;
    const after = hedged.totals.firstTokenMs?.p99 ?? Number.POSITIVE_INFINITY;
    const extra = hedged.totals.attempts / hedged.totals.calls - plain.totals.attempts / plain.totals.calls;
    return [
      told('p99 to the first token without', before, 'ms'),
      told('p99 to the first token with', after, 'ms'),
      atLeast('shorter by', 1 - after / before, 0.4, 'share'),
      atMost('more attempts', extra, 0.05, 'share'),
    ];
  },
};
