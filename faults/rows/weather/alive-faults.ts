import { DELTA, DONE, FINISH } from '../../harness/http-bytes.ts';
import { RawClient, requestBytes } from '../../harness/raw-client.ts';
import { seenIn, seenText } from '../../harness/seen.ts';
import { comesTrue } from '../../harness/waiting.ts';
import type { OwnRow, Row } from '../../row.ts';
import { chatBody, makeCall } from '../call-row.ts';
import { late, pausing } from './answers.ts';
import { weatherRow } from './weather-row.ts';

const PINGS = 54;
const SHED = 55;

/** Every second of silence, as this house has it. */
const pinged = weatherRow(
  {
    row: PINGS,
    fault: 'the provider keeps silent for 2.5 s within an event: the client gets comments, and never inside an event',
    place: { providers: { a: {} } },
    async run(scene) {
      scene.providers({ a: pausing(2_500) });
      const { seen } = await scene.call();
      scene.is('terminal', [seen.status, seen.terminal], [200, 'done']);
      const pings = seen.text.split(': ping\n\n').length - 1;
      scene.holds(`${pings} comments came`, pings === 2);
      scene.is('the rest', seen.text.replaceAll(': ping\n\n', ''), DELTA + DELTA + FINISH + DONE);
      scene.says('where they stand', seen.text, /\n\n: ping\n\n: ping\n\ndata: /);
    },
  },
  true,
);

/** Two calls of low priority fit beside each other where three calls are too many. */
const shed: OwnRow = {
  house: 'own',
  row: SHED,
  fault: 'calls of low priority are refused first: 503 and Retry-After before they are read; critical ones are served',
  async run({ open }) {
    const house = await open({ config: () => ({ policies: { shed: { in_flight_max: 4 } } }) });
    house.raw.answer = late(2_000);
    const problems: string[] = [];
    const holding = await Promise.all([0, 1, 2].map(() => RawClient.open(house.port)));
    for (const client of holding) {
      client.send(requestBytes({ key: house.key, body: chatBody({ model: 'raw/m', streamed: false }) }));
    }
    if (!(await comesTrue(() => house.raw.seen.length === 3, 3_000))) problems.push('three calls are not under way');
    const low = await makeCall(house, { model: 'raw/m', streamed: false, headers: ['x-leeward-priority: low'] });
    if (low.seen.status !== 503 || low.seen.code !== 'overloaded') problems.push(`low got ${seenText(low.seen)}`);
    const waitS = Number(low.answer.headers.get('retry-after'));
    if (!(waitS >= 1 && waitS <= 5)) problems.push(`low is told to wait ${waitS} s`);
    const asked = house.raw.seen.length;
    if (asked !== 3) problems.push(`the provider was asked ${asked} times`);
    const critical = await makeCall(house, {
      model: 'raw/m',
      streamed: false,
      headers: ['x-leeward-priority: critical'],
    });
    if (critical.seen.status !== 200) problems.push(`critical got ${seenText(critical.seen)}`);
    const held = await Promise.all(holding.map(async (client) => seenIn(await client.answer())));
    for (const seen of held) if (seen.status !== 200) problems.push(`a call under way got ${seenText(seen)}`);
    for (const client of holding) client.close();
    return { saw: `low ${seenText(low.seen)}, critical ${seenText(critical.seen)}`, recorded: '-', problems };
  },
};

/** Clients that hear that their stream lives, and those that are told to come again. */
export const aliveFaults: readonly Row[] = [pinged, shed];
