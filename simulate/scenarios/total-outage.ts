import { atMost, told } from '../figure.ts';
import type { Scenario } from '../scenario.ts';
import { between, FOREVER, outage, profile, SDK, SECOND, setupOf, steady, sumOf, TWO } from './common.ts';

const RATE = 1_000;
const BEGINS = 10 * SECOND;
const AMPLIFICATION_MAX = 1.25;

export const totalOutage: Scenario = {
  name: 'total-outage',
  says: 'every target fails at 1,000 requests a second: upstream hears each hardly more than once',
  async run(stage) {
    const durationMs = (stage.quick ? 24 : 50) * SECOND;
    const report = await stage.simulate(
      setupOf(stage, {
        topology: TWO,
        durationMs,
        providers: [
          profile('one', { conditions: [outage(BEGINS, FOREVER, 'error')] }),
          profile('two', { conditions: [outage(BEGINS, FOREVER, 'refuse')] }),
        ],
        traffic: { ...steady(RATE), clients: SDK },
        expect: { amplificationMax: AMPLIFICATION_MAX },
      }),
    );
    const late = between(report, durationMs / 2, durationMs);
    const first = between(report, BEGINS, BEGINS + 5 * SECOND);
    const times = sumOf(late, 'attempts') / sumOf(late, 'requests');
    return [
      atMost('attempts for each request, second half', times, AMPLIFICATION_MAX, 'times'),
      told('calls for each request, second half', sumOf(late, 'calls') / sumOf(late, 'requests'), 'times'),
      told('attempts for each request, first 5 s', sumOf(first, 'attempts') / sumOf(first, 'requests'), 'times'),
    ];
  },
};
