import { comesTrue, pause } from '../../harness/waiting.ts';
import type { Row } from '../../row.ts';
import { good, late, refusal } from './answers.ts';
import { bothStreamed } from './weather-row.ts';

const BREAKERS = 48;
const ROOM = 50;

const opened: Row[] = [
  ...bothStreamed({
    row: BREAKERS,
    fault: 'two targets: five failures in a row close the first; once it is well, a probe finds out, and it is back',
    place: {
      providers: { a: {}, b: {} },
      route: { policies: { breaker: { open: '700ms', open_max: '700ms', return: '100ms' } } },
    },
    async run(scene) {
      scene.providers({ a: refusal(503) });
      for (let call = 0; call < 5; call++) scene.is('attempts', (await scene.call()).tried, 'a failed, b ok');
      const { tried, why } = await scene.call();
      scene.is('attempts of the sixth', tried, 'b ok');
      scene.says('the reason', why, /passed over w\d+-a\/m\S* \(breaker open after 5 failures in a row\)/);
      scene.is('requests to the first', scene.asked('a').length, 5);
      const { available, closure } = await scene.target('a');
      scene.is('available', available, false);
      scene.is('the kind of its closure', (closure as { kind: string } | null)?.kind, 'breaker');
      scene.providers({});
      const back = async () => (await scene.call()).tried === 'a ok';
      scene.holds('it did not come back within 3 s', await comesTrue(back, 3_000));
      for (let call = 0; call < 4; call++) await scene.call();
      await pause(150);
      scene.is('attempts in the end', (await scene.call()).tried, 'a ok');
      scene.is('available in the end', (await scene.target('a'))['available'], true);
    },
  }),
  ...bothStreamed({
    row: BREAKERS,
    fault: 'one target: whatever it does, it is tried all the same',
    place: { providers: { a: {} }, route: { policies: { backoff: 'off' } } },
    async run(scene) {
      scene.providers({ a: refusal(503) });
      for (let call = 0; call < 8; call++) await scene.call();
      scene.is('requests', scene.asked('a').length, 8);
      scene.providers({ a: good });
      const { tried, why } = await scene.call();
      scene.is('attempts', tried, 'a ok');
      scene.says('the reason', why, /all are closed, tried all the same: breaker open after 5 failures in a row/);
    },
  }),
  ...bothStreamed({
    row: BREAKERS,
    fault: 'two targets: both are closed, and one is tried all the same',
    place: { providers: { a: {}, b: {} }, route: { attempts_max: 2, policies: { retry_budget: 'off' } } },
    async run(scene) {
      scene.providers({ a: refusal(503), b: refusal(503) });
      for (let call = 0; call < 5; call++) await scene.call();
      scene.is(
        'closed',
        [(await scene.target('a'))['available'], (await scene.target('b'))['available']],
        [false, false],
      );
      scene.providers({});
      const { seen, why } = await scene.call();
      scene.is('status', seen.status, 200);
      scene.says('the reason', why, /tried all the same: .*passed over/);
    },
  }),
  ...bothStreamed({
    row: BREAKERS,
    fault: "two targets: the client's mistakes and what a content filter refuses close nothing",
    place: { providers: { a: {}, b: {} } },
    async run(scene) {
      scene.providers({ a: [refusal(400), refusal(422), refusal(413), refusal(400, { code: 'content_filter' })] });
      for (let call = 0; call < 8; call++) scene.is('attempts', (await scene.call()).tried, 'a failed');
      scene.is('available', (await scene.target('a'))['available'], true);
    },
  }),
  ...bothStreamed({
    row: 19,
    fault: 'two targets: a refused credential is passed over for a minute',
    place: { providers: { a: {}, b: {} } },
    async run(scene) {
      scene.providers({ a: refusal(401) });
      scene.is('attempts', (await scene.call()).tried, 'a failed, b ok');
      const { tried, why } = await scene.call();
      scene.is('attempts of the next', tried, 'b ok');
      scene.says('the reason', why, /passed over w\d+-a\/m\S* \(the provider refuses the credential\)/);
    },
  }),
  ...bothStreamed({
    row: BREAKERS,
    fault: 'two targets: by its own headers the first has no request left, and is spared a 429',
    place: { providers: { a: {}, b: {} } },
    async run(scene) {
      const spent =
        'x-ratelimit-limit-requests: 100\r\nx-ratelimit-remaining-requests: 0\r\nx-ratelimit-reset-requests: 60s\r\n';
      scene.providers({
        a: (socket, request) => {
          const write = socket.write.bind(socket);
          // The same answer with what the provider says of its limits.
          Object.assign(socket, {
            write: (bytes: Buffer) => write(bytes.toString('latin1').replace('\r\n', `\r\n${spent}`), 'latin1'),
          });
          void good(socket, request);
        },
      });
      scene.is('attempts', (await scene.call()).tried, 'a ok');
      const { tried, why } = await scene.call();
      scene.is('attempts of the next', tried, 'b ok');
      scene.says('the reason', why, /passed over w\d+-a\/m\S* \(less than 2 % of its requests left\)/);
    },
  }),
];

const ONE_AT_ONCE = { concurrency: { initial: 1, min: 1, max: 1, refuse: true } };

const full: Row[] = [
  ...bothStreamed({
    row: ROOM,
    fault: 'one target that bears one call at once: a second one is refused, and told when to come again',
    place: { providers: { a: {} }, route: { policies: ONE_AT_ONCE } },
    async run(scene) {
      scene.providers({ a: late(600) });
      const first = scene.call();
      await comesTrue(() => scene.asked('a').length === 1, 2_000);
      const { seen, header } = await scene.call({ untried: true });
      scene.is('status', [seen.status, seen.code], [503, 'overloaded']);
      scene.is('retry-after', header('retry-after'), '1');
      scene.is('requests', scene.asked('a').length, 1);
      scene.is('status of the first', (await first).seen.status, 200);
      scene.is('status of the next', (await scene.call()).seen.status, 200);
    },
  }),
  ...bothStreamed({
    row: ROOM,
    fault: 'two targets: the first bears one call at once, and a second call goes to the other',
    place: { providers: { a: {}, b: {} }, route: { policies: ONE_AT_ONCE } },
    async run(scene) {
      scene.providers({ a: late(600) });
      const first = scene.call();
      await comesTrue(() => scene.asked('a').length === 1, 2_000);
      const { tried, why } = await scene.call();
      scene.is('attempts', tried, 'b ok');
      scene.says('the reason', why, /passed over w\d+-a\/m\S* \(1 calls at once of 1 it bears\)/);
      scene.is('attempts of the first', (await first).tried, 'a ok');
    },
  }),
  ...bothStreamed({
    row: 33,
    fault: 'two targets: 60 calls hang at the first; a call to the other does not notice',
    place: { providers: { a: {}, b: {} }, aside: ['b'] },
    async run(scene) {
      scene.providers({ a: late(1_500) });
      const hanging = Array.from({ length: 60 }, () => scene.call());
      await comesTrue(() => scene.asked('a').length === 60, 3_000);
      const { seen, answer } = await scene.call({ model: scene.name('b', 'm') });
      scene.is('status', seen.status, 200);
      scene.holds(`it took ${answer.tookMs.toFixed(0)} ms`, answer.tookMs < 500);
      for (const call of await Promise.all(hanging)) scene.is('status of the others', call.seen.status, 200);
    },
  }),
];

/** Targets that are left alone for a while, or are full. */
export const closedFaults: readonly Row[] = [...opened, ...full];
