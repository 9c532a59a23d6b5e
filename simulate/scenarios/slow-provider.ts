import { atLeast, atMost, told } from '../figure.ts';
import type { Scenario } from '../scenario.ts';
import { answeredShare, FOREVER, MINUTE, profile, SECOND, setupOf, steady, TWO } from './common.ts';

const TURNS_SLOW = 3 * MINUTE;
/** So many first tokens are looked at before a verdict. */
const LOOKED_AT = 20;

export const slowProvider: Scenario = {
  name: 'slow-provider',
  says: 'the first of two targets takes thirty times as long to its first token: it is left within 20 calls',
  async run(stage) {
    const durationMs = TURNS_SLOW + (stage.quick ? 3 : 10) * MINUTE;
    let openedAtMs: number | undefined;
    const slow: { readonly arrivedMs: number; readonly spokeMs: number }[] = [];
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
        onCall({ target, arrivedMs, firstTokenMs = 0 }) {
          if (target !== 'one/large' || arrivedMs < TURNS_SLOW) return;
          slow.push({ arrivedMs, spokeMs: arrivedMs + firstTokenMs });
        },
      }),
    );
    const leftMs = openedAtMs ?? Number.POSITIVE_INFINITY;
    const seen = slow.filter(({ spokeMs }) => spokeMs < leftMs).length;
    const probes = slow.filter(({ arrivedMs }) => arrivedMs > leftMs).length;
    return [
      atMost('slow first tokens before it is left', seen, LOOKED_AT, 'count'),
      atMost('slow calls after that, which are probes', probes, 12, 'count'),
      atLeast('requests answered', answeredShare(report), 1, 'share'),
      told('until it is left', leftMs - TURNS_SLOW, 'ms'),
    ];
  },
};
