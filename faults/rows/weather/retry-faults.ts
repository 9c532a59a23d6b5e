import type { Row } from '../../row.ts';
import { type Answer, good, refusal, silent } from './answers.ts';
import { bothStreamed, weatherRow } from './weather-row.ts';

const ROW = 47;
const QUICK = { timeouts: { connect: '500ms', first_byte: '500ms', idle: '500ms' } };

const passing: readonly [what: string, answer: Answer][] = [
  ['503', refusal(503)],
  ['529', refusal(529)],
  ['FIN before any byte', (socket) => void socket.end()],
  ['RST before any byte', (socket) => void socket.resetAndDestroy()],
  ['silence, limit 0.5 s', silent],
  ['429 with Retry-After 0', refusal(429, {}, 'retry-after: 0')],
];

/** Only one target: whatever passes is tried again, after a wait. */
const again = passing.flatMap(([what, answer]) =>
  bothStreamed({
    row: ROW,
    fault: `one target: ${what}, then well`,
    place: { providers: { a: QUICK } },
    async run(scene) {
      scene.providers({ a: [answer, good] });
      const { seen, tried, why, header } = await scene.call();
      scene.is('status', seen.status, 200);
      scene.is('attempts', tried, 'a failed, a ok');
      scene.says('the reason', why, /after w\d+-a gave \w+ \(\d+\), tried again after \d+ ms/);
      scene.is('the reason in the header', header('x-leeward-route-reason'), why);
      scene.is('degraded', header('x-leeward-degraded'), undefined);
    },
  }),
);

const spent = [
  ...bothStreamed({
    row: ROW,
    fault: 'one target that always fails: three attempts, and the client is told not to add its own',
    place: { providers: { a: {} } },
    async run(scene) {
      scene.providers({ a: refusal(503) });
      const { seen, tried, header } = await scene.call();
      scene.is('status', seen.status, 503);
      scene.is('attempts', tried, 'a failed, a failed, a failed');
      scene.is('requests', scene.asked('a').length, 3);
      scene.is('x-should-retry', header('x-should-retry'), 'false');
    },
  }),
  ...bothStreamed({
    row: ROW,
    fault: 'the retry budget is spent: one attempt, and the client is told not to add its own',
    place: { providers: { a: {}, b: {} }, route: { policies: { retry_budget: { percent: 0, per_second_min: 0 } } } },
    async run(scene) {
      scene.providers({ a: refusal(503) });
      const { seen, tried, header } = await scene.call();
      scene.is('status', seen.status, 503);
      scene.is('attempts', tried, 'a failed');
      scene.is('x-should-retry', header('x-should-retry'), 'false');
    },
  }),
  ...bothStreamed({
    row: ROW,
    fault: "the client's own mistake is not tried again anywhere, and its SDK may do as it likes",
    place: { providers: { a: {}, b: {} } },
    async run(scene) {
      scene.providers({ a: refusal(400, { type: 'invalid_request_error' }) });
      const { seen, tried, header } = await scene.call();
      scene.is('status', seen.status, 400);
      scene.is('attempts', tried, 'a failed');
      scene.is('x-should-retry', header('x-should-retry'), undefined);
    },
  }),
  ...bothStreamed({
    row: ROW,
    fault: 'two targets: the first move is the next target, at once',
    place: { providers: { a: {}, b: {} }, route: { policies: { backoff: { base: '8s', max: '8s' } } } },
    async run(scene) {
      scene.providers({ a: refusal(503) });
      const { seen, tried, why, answer } = await scene.call();
      scene.is('status', seen.status, 200);
      scene.is('attempts', tried, 'a failed, b ok');
      scene.says('the reason', why, /fallback 2 of 2, after w\d+-a gave upstream_error \(503\)/);
      scene.holds(`it took ${answer.tookMs.toFixed(0)} ms`, answer.tookMs < 1_000);
    },
  }),
];

const outages = [
  ...bothStreamed({
    row: ROW,
    fault: 'both providers are out: at most three attempts, one ending',
    place: { providers: { a: {}, b: {} } },
    async run(scene) {
      scene.providers({ a: refusal(503), b: (socket) => void socket.resetAndDestroy() });
      const { seen, tried, header } = await scene.call();
      scene.is('status', seen.status, 502);
      scene.is('attempts', tried, 'a failed, b failed, b failed');
      scene.is('requests', [scene.asked('a').length, scene.asked('b').length], [1, 2]);
      scene.is('x-should-retry', header('x-should-retry'), 'false');
    },
  }),
  weatherRow(
    {
      row: ROW,
      fault: 'both providers are out for 40 calls: the load on them grows by a fifth, not threefold',
      place: {
        providers: { a: {}, b: {} },
        route: { policies: { breaker: 'off', retry_budget: { percent: 20, per_second_min: 0 } } },
      },
      async run(scene) {
        scene.providers({ a: refusal(503), b: refusal(503) });
        for (let call = 0; call < 40; call++) await scene.call();
        const requests = scene.asked('a').length + scene.asked('b').length;
        scene.holds(`40 calls made ${requests} requests`, requests >= 44 && requests <= 48);
      },
    },
    false,
  ),
  // After the first byte another model's text would be a second answer in the same breath.
  weatherRow(
    {
      row: 1,
      fault: 'two targets: the first breaks off after its first bytes, and the second is not asked',
      place: { providers: { a: {}, b: {} } },
      async run(scene) {
        scene.providers({ a: breaksOff });
        const { seen, tried } = await scene.call();
        scene.is('terminal', [seen.status, seen.terminal, seen.code], [200, 'error', 'stream_truncated']);
        scene.is('attempts', tried, 'a truncated');
        scene.is('requests to the second', scene.asked('b').length, 0);
      },
    },
    true,
  ),
];

function breaksOff(socket: Parameters<Extract<Answer, (...args: never[]) => unknown>>[0]): void {
  const delta = 'data: {"choices":[{"index":0,"delta":{"content":"hi"},"finish_reason":null}]}\n\n';
  const head = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n';
  socket.write(head + delta);
  setTimeout(() => socket.resetAndDestroy(), 100);
}

/** Tried again, and when no more. */
export const retryFaults: readonly Row[] = [...again, ...spent, ...outages];
