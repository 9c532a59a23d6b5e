import { RawClient, requestBytes } from '../../harness/raw-client.ts';
import { comesTrue } from '../../harness/waiting.ts';
import type { Row } from '../../row.ts';
import { chatBody } from '../call-row.ts';
import { good, late, refusal, silent } from './answers.ts';
import { bothStreamed, weatherRow } from './weather-row.ts';

const ROW = 51;
const HEDGED = { policies: { hedge: { after: '100ms', percent: 100 } } };
const PLACE = { providers: { a: {}, b: {} }, route: HEDGED };

const races: Row[] = [
  ...bothStreamed({
    row: ROW,
    fault: 'hedged: the first keeps silent and loses; it is hung up on, and billed',
    place: PLACE,
    async run(scene) {
      scene.providers({ a: silent });
      const { seen, tried, why, record } = await scene.call();
      scene.is('status', seen.status, 200);
      scene.is('attempts', tried, 'a cancelled, b ok');
      scene.says('the reason', why, /hedged: the first target keeps silent/);
      const gone = await comesTrue(() => scene.house.raw.sockets.size === 0, 500);
      scene.holds('the loser is not hung up on', gone);
      const [loser] = record?.attempts ?? [];
      scene.is('who counted the loser', loser?.usage_source, 'estimated');
      scene.holds(`the loser costs ${loser?.cost?.amount}`, Number(loser?.cost?.amount) > 0);
    },
  }),
  ...bothStreamed({
    row: ROW,
    fault: 'hedged: the first answers late and still wins',
    place: PLACE,
    async run(scene) {
      scene.providers({ a: late(300), b: silent });
      const { seen, tried, header } = await scene.call();
      scene.is('status', seen.status, 200);
      scene.is('attempts', tried, 'a ok, b cancelled');
      scene.says('the provider', header('x-leeward-provider'), /-a$/);
      scene.holds('the loser is not hung up on', await comesTrue(() => scene.house.raw.sockets.size === 0, 500));
    },
  }),
  ...bothStreamed({
    row: ROW,
    fault: 'hedged: the first fails while the second is asked, which answers',
    place: PLACE,
    async run(scene) {
      scene.providers({ a: late(200, (socket) => void socket.resetAndDestroy()), b: late(300) });
      const { seen, tried } = await scene.call();
      scene.is('status', seen.status, 200);
      scene.is('attempts', tried, 'a failed, b ok');
    },
  }),
  ...bothStreamed({
    row: ROW,
    fault: 'hedged: both fail, and the third answers',
    place: { providers: { a: {}, b: {}, c: {} }, route: HEDGED },
    async run(scene) {
      const breaks = late(250, (socket) => void socket.resetAndDestroy());
      scene.providers({ a: breaks, b: breaks });
      const { seen, tried } = await scene.call();
      scene.is('status', seen.status, 200);
      scene.is('attempts', tried, 'a failed, b failed, c ok');
    },
  }),
  ...bothStreamed({
    row: ROW,
    fault: 'hedged: who answers in time is not hedged, and who fails before is followed',
    place: PLACE,
    async run(scene) {
      scene.providers({ a: [good, refusal(503)] });
      scene.is('attempts', (await scene.call()).tried, 'a ok');
      const { tried, why } = await scene.call();
      scene.is('attempts of the second', tried, 'a failed, b ok');
      scene.says('the reason', why, /after w\d+-a gave upstream_error/);
      scene.is('requests', [scene.asked('a').length, scene.asked('b').length], [2, 1]);
    },
  }),
  ...bothStreamed({
    row: ROW,
    fault: 'hedged: at most the share of the calls that the route says',
    place: { providers: { a: {}, b: {} }, route: { policies: { hedge: { after: '50ms', percent: 10 } } } },
    async run(scene) {
      scene.providers({ a: late(120) });
      for (let call = 0; call < 20; call++) scene.is('status', (await scene.call()).seen.status, 200);
      const hedges = scene.asked('b').length;
      scene.holds(`20 calls were hedged ${hedges} times`, hedges >= 1 && hedges <= 3);
    },
  }),
];

const leaving = bothStreamed({
  row: ROW,
  fault: 'hedged: the client leaves, and both are hung up on',
  place: PLACE,
  async run(scene) {
    scene.providers({ a: silent, b: silent });
    const { house, streamed } = scene;
    const client = await RawClient.open(house.port);
    client.send(requestBytes({ key: house.key, body: chatBody({ model: scene.route, streamed }) }));
    scene.holds('it was not hedged', await comesTrue(() => scene.asked('b').length === 1, 2_000));
    client.close();
    scene.holds('both are not hung up on', await comesTrue(() => house.raw.sockets.size === 0, 1_000));
    scene.left(2);
  },
});

const off = weatherRow(
  {
    row: ROW,
    fault: 'hedging is off unless a route asks for it',
    place: { providers: { a: {}, b: {} } },
    async run(scene) {
      scene.providers({ a: late(700) });
      scene.is('attempts', (await scene.call()).tried, 'a ok');
      scene.is('requests to the second', scene.asked('b').length, 0);
    },
  },
  true,
);

/** A second attempt beside a silent first one. */
export const hedgeFaults: readonly Row[] = [...races, ...leaving, off];
