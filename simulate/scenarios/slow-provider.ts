import { atLeast, atMost, told } from '../figure.ts';
import type { Scenario } from '../scenario.ts';
import { answeredShare, FOREVER, MINUTE, profile, SECOND, setupOf, steady, TWO } from './common.ts';

const TURNS_SLOW = 3 * MINUTE;
/** So many first tokens are looked at before a verdict. */
const LOOKED_AT = 20;
/** Calls that were under way when the verdict came; as many as come within one slow first token. */
const UNDER_WAY = 0.5 * 15;

export const slowProvider: Scenario = {
  name: 'slow-provider',
  says: 'the first of two targets takes thirty times as long to its first token: it is left within 20 calls',
  async run(stage) {
    const durationMs = TURNS_SLOW + (stage.quick ? 3 : 10) * MINUTE;
    let openedAtMs: number | undefined;
    let slowCalls = 0;
    let slowAfter = 0;
    const report = await stage.simulate(
      setupOf(stage, {
        topology: TWO,
        durationMs,
        providers: [
          profile('one', { conditions: [{ kind: 'latency', fromMs: TURNS_SLOW, untilMs: FOREVER, times: 30 }] }),
          profile('two'),
        ],
        traffic: steady(0.5),
        watch: {
          everyMs: SECOND,
          look(atMs, weather) {
            if (weather.some(({ slow }) => (slow?.openings ?? 0) > 0)) openedAtMs ??= atMs;
          },
        },
        onCall({ target, arrivedMs, retry }) {
          if (target !== 'one/large' || arrivedMs < TURNS_SLOW || retry > 0) return;
          if (openedAtMs === undefined || arrivedMs < openedAtMs) slowCalls++;
          else slowAfter++;
        },
      }),
    );
    return [
      atMost('slow calls before it is left', slowCalls, LOOKED_AT + UNDER_WAY, 'count'),
      atMost('slow calls after that, probes', slowAfter, 8, 'count'),
      atLeast('requests answered', answeredShare(report), 1, 'share'),
      told('until it is left', (openedAtMs ?? durationMs) - TURNS_SLOW, 'ms'),
    ];
  },
};
