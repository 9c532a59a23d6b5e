import type { Row } from '../../row.ts';
import { late, refusal, silent } from './answers.ts';
import { weatherRow } from './weather-row.ts';

const ROW = 49;

/** First tokens that come late: of streams, because how long a whole answer takes depends on its length. */
export const aimFaults: readonly Row[] = [
  weatherRow(
    {
      row: ROW,
      fault: 'two targets: first tokens above the bound close the first',
      place: {
        providers: { a: {}, b: {} },
        route: { policies: { breaker: { slow: { first_token_max: '100ms', calls: 3 } } } },
      },
      async run(scene) {
        scene.providers({ a: late(200) });
        for (let call = 0; call < 3; call++) scene.is('attempts', (await scene.call()).tried, 'a ok');
        const { tried, why } = await scene.call();
        scene.is('attempts of the fourth', tried, 'b ok');
        scene.says('the reason', why, /passed over w\d+-a\/m\S* \(slow: 3 slow first tokens in 3\)/);
      },
    },
    true,
  ),
  weatherRow(
    {
      row: ROW,
      fault: 'two targets: the first misses the aim of the route, 0.2 s, and is given up for the second',
      place: { providers: { a: {}, b: {} }, route: { policies: { first_token_target: '200ms' } } },
      async run(scene) {
        scene.providers({ a: silent });
        const { seen, tried, why, answer } = await scene.call();
        scene.is('status', seen.status, 200);
        scene.is('attempts', tried, 'a failed, b ok');
        scene.says('the reason', why, /after w\d+-a gave upstream_timeout/);
        scene.holds(`it took ${answer.tookMs.toFixed(0)} ms`, answer.tookMs < 1_500);
      },
    },
    true,
  ),
  weatherRow(
    {
      row: ROW,
      fault: 'one target misses the aim of the route, and the answer is waited for all the same',
      place: { providers: { a: {} }, route: { policies: { first_token_target: '200ms' } } },
      async run(scene) {
        scene.providers({ a: late(600) });
        const { seen, tried } = await scene.call();
        scene.is('status', seen.status, 200);
        scene.is('attempts', tried, 'a ok');
      },
    },
    true,
  ),
  weatherRow(
    {
      row: ROW,
      fault: 'the aim of a route is for streams: an answer that is not streamed takes its time',
      place: { providers: { a: {}, b: {} }, route: { policies: { first_token_target: '200ms' } } },
      async run(scene) {
        scene.providers({ a: late(600) });
        scene.is('attempts', (await scene.call()).tried, 'a ok');
      },
    },
    false,
  ),
  weatherRow(
    {
      row: ROW,
      fault: 'x-leeward-ttft-timeout-ms: 150 gives the first up, and says nothing of it to others',
      place: { providers: { a: {}, b: {} } },
      async run(scene) {
        scene.providers({ a: silent });
        for (let call = 0; call < 6; call++) {
          const { seen, tried } = await scene.call({ headers: ['x-leeward-ttft-timeout-ms: 150'] });
          scene.is('status', seen.status, 200);
          scene.is('attempts', tried, 'a failed, b ok');
        }
        scene.is('available', (await scene.target('a'))['available'], true);
      },
    },
    true,
  ),
  weatherRow(
    {
      row: ROW,
      fault: 'x-leeward-timeout-ms: 300 ends the call in the midst of its retries',
      place: { providers: { a: {} }, route: { policies: { backoff: { base: '8s', max: '8s' } } } },
      async run(scene) {
        scene.providers({ a: refusal(503) });
        const { answer, tried } = await scene.call({ headers: ['x-leeward-timeout-ms: 300'] });
        scene.says('attempts', tried, /^a failed(, a failed)*$/);
        scene.holds(`it took ${answer.tookMs.toFixed(0)} ms`, answer.tookMs < 1_000);
      },
    },
    true,
  ),
];
