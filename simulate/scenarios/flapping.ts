import { atLeast, atMost } from '../figure.ts';
import type { Scenario } from '../scenario.ts';
import {
  answeredShare,
  FOREVER,
  HOUR,
  MINUTE,
  openings,
  outage,
  profile,
  SDK,
  setupOf,
  steady,
  TWO,
} from './common.ts';

export const flapping: Scenario = {
  name: 'flapping',
  says: 'an hour in which each target fails one call in ten: the breaker never opens',
  async run(stage) {
    const report = await stage.simulate(
      setupOf(stage, {
        topology: TWO,
        durationMs: stage.quick ? 20 * MINUTE : HOUR,
        providers: [
          profile('one', { conditions: [outage(0, FOREVER, 'error', 0.1)] }),
          profile('two', { conditions: [outage(0, FOREVER, 'reset', 0.1)] }),
        ],
        traffic: { ...steady(5), clients: SDK },
        sliceMs: MINUTE,
      }),
    );
    return [
      atMost('openings of a breaker', openings(report), 0, 'count'),
      atLeast('requests answered', answeredShare(report), 0.995, 'share'),
    ];
  },
};
