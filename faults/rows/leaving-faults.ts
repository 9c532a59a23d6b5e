import type { House, SimFault } from '../harness/house.ts';
import { chunk, DELTA, FINISH, STREAM_HEAD, USAGE } from '../harness/http-bytes.ts';
import { RawClient, requestBytes } from '../harness/raw-client.ts';
import { recordOf, recordText } from '../harness/record.ts';
import { comesTrue, pause } from '../harness/waiting.ts';
import type { Row, SharedRow, Stage, Witness } from '../row.ts';
import { chatBody } from './call-row.ts';

/** After the client has left, the provider must be let go within this. */
const CANCELLED_MS_MAX = 1_000;

interface Leaving {
  readonly fault: string;
  readonly streamed: boolean;
  readonly sim?: SimFault;
  /** Whether the usage had come before the client left. */
  readonly usage?: boolean;
  /** Events to wait for before leaving; 0 leaves while the provider has not answered. */
  readonly afterEvents: number;
  readonly how: 'FIN' | 'RST' | 'half-close';
}

const SLOW_HEAD: SimFault = { kind: 'slow-headers', delayMs: 20_000 };
const ENDLESS: SimFault = { kind: 'endless', of: 'tokens', intervalMs: 5 };

function leavingRow(facts: Leaving, row = 34): SharedRow {
  return {
    house: 'wire',
    row,
    fault: `the client leaves ${facts.fault}, ${facts.how}`,
    streamed: facts.streamed,
    run: (stage) => leave(facts, stage),
  };
}

async function leave(facts: Leaving, { house }: Stage): Promise<Witness> {
  await house.setFaults(...(facts.sim === undefined ? [] : [facts.sim]));
  house.raw.answer = (socket) =>
    void socket.write(Buffer.concat([Buffer.from(STREAM_HEAD), ...[DELTA, FINISH, USAGE].map(chunk)]));
  const mark = house.gateway.mark;
  const client = await RawClient.open(house.port);
  const model = facts.sim === undefined ? 'raw/m' : 'sim1/sim-small';
  client.send(requestBytes({ key: house.key, body: chatBody({ model, streamed: facts.streamed }) }));
  const problems: string[] = [];
  const begun = await comesTrue(async () => (await busyUpstream(house)) > 0, 3_000);
  if (!begun) problems.push('the call never reached the provider');
  const events = (text: string) => text.split('data: ').length - 1;
  if (facts.afterEvents > 0 && !(await client.seen(({ body }) => events(body.toString()) >= facts.afterEvents))) {
    problems.push('the stream never began');
  }
  // What the provider said last must have arrived: this row is about what the gateway then knows.
  if (facts.usage === true) await pause(100);
  const leftMs = performance.now();
  if (facts.how === 'RST') client.reset();
  else if (facts.how === 'FIN') client.close();
  else client.socket.end();
  const freed = await comesTrue(async () => (await busyUpstream(house)) === 0, CANCELLED_MS_MAX);
  const freedMs = performance.now() - leftMs;
  if (!freed) problems.push(`the provider was still busy ${CANCELLED_MS_MAX} ms after the client had left`);
  if (facts.how === 'half-close' && !(await client.waitClosed(1_000))) problems.push('the connection stays open');
  client.close();
  const record = await givenUp(house, mark);
  const last = record?.attempts[0];
  if (last?.outcome !== 'cancelled' || last.error !== 'client_closed')
    problems.push('not recorded as cancelled by the client');
  const counted = facts.usage === true ? 'provider' : 'estimated';
  if (last?.usage == null || last.usage_source !== counted)
    problems.push(`usage counted by ${last?.usage_source}, not ${counted}`);
  return {
    saw: `left; provider free after ${freedMs.toFixed(0)} ms`,
    recorded: recordText(record),
    problems,
    attempts: 1,
  };
}

/** Calls the provider is still serving, in its own books or as open connections. */
async function busyUpstream(house: House): Promise<number> {
  return (await house.simCounts()).active + house.raw.sockets.size;
}

/** A client that left was told no id: the gateway's log knows it. */
async function givenUp(house: House, mark: number) {
  let callId: string | undefined;
  await comesTrue(() => {
    const line = house.gateway.since(mark).find((text) => text.includes('an attempt was given up'));
    callId = line === undefined ? undefined : (JSON.parse(line) as { callId: string }).callId;
    return callId !== undefined;
  }, 2_000);
  return callId === undefined ? undefined : recordOf(house, callId);
}

const hows = ['FIN', 'RST'] as const;

/** Clients that leave before the end. */
export const leavingFaults: readonly Row[] = [
  ...hows.flatMap((how) => [
    leavingRow({ fault: 'before the head', streamed: false, sim: SLOW_HEAD, afterEvents: 0, how }),
    leavingRow({ fault: 'before the head', streamed: true, sim: SLOW_HEAD, afterEvents: 0, how }),
    leavingRow({ fault: 'in mid-stream', streamed: true, sim: ENDLESS, afterEvents: 5, how }),
    leavingRow({ fault: 'after the usage', streamed: true, usage: true, afterEvents: 2, how }),
  ]),
  // As most proxies have it: a client that closes its side no longer waits.
  leavingRow({ fault: 'by half', streamed: false, sim: SLOW_HEAD, afterEvents: 0, how: 'half-close' }, 36),
];
