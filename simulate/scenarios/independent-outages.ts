import type { Condition } from '../../src/forecast/setup.ts';
import { Draw } from '../draw.ts';
import { atLeast, atMost } from '../figure.ts';
import type { Scenario } from '../scenario.ts';
import { ALONE, answeredShare, CHAT, DAY, FOREVER, MINUTE, outage, profile, setupOf, steady, TWO } from './common.ts';

/** The normal quantile of 90 %. */
const Z90 = 1.2815515655446004;

/**
 * What two large providers said of themselves on their status pages over 418
 * days (2023-07 to 2024-09): the share of time that they were down, and how
 * long an incident lasted. The windows are drawn, the shares are exact.
 */
const HISTORY = {
  one: { downShare: 0.01393, p50: 47 * MINUTE, p90: 251 * MINUTE },
  two: { downShare: 0.01711, p50: 75 * MINUTE, p90: 301 * MINUTE },
} as const;

/** Calls that fail without any outage. */
const NOISE = 0.005;

export const independentOutages: Scenario = {
  name: 'independent-outages',
  says: 'two providers that are down 1.4 % and 1.7 % of the time, each by itself: together they hardly ever are',
  async run(stage) {
    const durationMs = 836 * DAY;
    const requests = stage.quick ? 12_000 : 40_000;
    const draw = new Draw(stage.seed);
    const one = profile('one', {
      conditions: [outage(0, FOREVER, 'error', NOISE), ...incidents(draw, 'one', durationMs)],
    });
    const two = profile('two', {
      conditions: [outage(0, FOREVER, 'error', NOISE), ...incidents(draw, 'two', durationMs)],
    });
    const traffic = {
      ...steady((requests * 1_000) / durationMs),
      shapes: [CHAT, { ...CHAT, stream: false }],
    };
    const common = { durationMs, sliceMs: DAY, traffic };
    const alone = await stage.simulate(setupOf(stage, { ...common, topology: ALONE, providers: [one] }));
    const both = await stage.simulate(setupOf(stage, { ...common, topology: TWO, providers: [one, two] }));
    return [
      atMost('answered by the better one alone', answeredShare(alone), 0.99, 'share'),
      atLeast('answered by both', answeredShare(both), 0.999, 'share'),
      atMost('attempts for each call', both.totals.attempts / both.totals.calls, 1.05, 'times'),
    ];
  },
};

/** Log-normal incidents with exponential calm between them, stretched to be the share of time that they are known to be. */
function incidents(draw: Draw, name: keyof typeof HISTORY, durationMs: number): Condition[] {
  const { downShare, p50, p90 } = HISTORY[name];
  const sigma = Math.log(p90 / p50) / Z90;
  const meanMs = p50 * Math.exp((sigma * sigma) / 2);
  const count = Math.round((durationMs * downShare) / meanMs);
  const lengths = Array.from({ length: count }, () => p50 * Math.exp(sigma * normal(draw)));
  const stretch = (durationMs * downShare) / lengths.reduce((sum, length) => sum + length, 0);
  const calms = Array.from({ length: count + 1 }, () => -Math.log(1 - draw.float(0, 1)));
  const calmStretch = (durationMs * (1 - downShare)) / calms.reduce((sum, calm) => sum + calm, 0);
  let atMs = 0;
  return lengths.map((length, index) => {
    const fromMs = atMs + (calms[index] ?? 0) * calmStretch;
    atMs = fromMs + length * stretch;
    return outage(fromMs, atMs, draw.chance(0.5) ? 'error' : 'refuse');
  });
}

function normal(draw: Draw): number {
  return Math.sqrt(-2 * Math.log(1 - draw.float(0, 1))) * Math.cos(2 * Math.PI * draw.float(0, 1));
}
