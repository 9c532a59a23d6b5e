import { atLeast, atMost, told } from '../figure.ts';
import type { Scenario } from '../scenario.ts';
import { answeredShare, attemptsTo, FOREVER, MINUTE, outage, profile, SDK, setupOf, steady, TWO } from './common.ts';

export const brownOut: Scenario = {
  name: 'brown-out',
  says: 'the first of two targets fails 15 calls of 100 and is twice as slow: nobody notices, and nobody retries for it',
  async run(stage) {
    const durationMs = (stage.quick ? 3 : 10) * MINUTE;
    const report = await stage.simulate(
      setupOf(stage, {
        topology: TWO,
        durationMs,
        providers: [
          profile('one', {
            conditions: [
              outage(MINUTE, FOREVER, 'error', 0.15),
              { kind: 'latency', fromMs: MINUTE, untilMs: FOREVER, times: 2 },
            ],
          }),
          profile('two'),
        ],
        traffic: { ...steady(20), clients: SDK },
      }),
    );
    const { attempts, requests } = report.totals;
    return [
      atLeast('requests answered', answeredShare(report), 0.995, 'share'),
      atMost('attempts for each request', attempts / requests, 1.2, 'times'),
      told('attempts at the target that fails', attemptsTo(report, 'one') / attempts, 'share'),
    ];
  },
};
