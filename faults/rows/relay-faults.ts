import type { House } from '../harness/house.ts';
import { descriptors } from '../harness/proc.ts';
import { RawClient, requestBytes } from '../harness/raw-client.ts';
import { recordOf, recordText } from '../harness/record.ts';
import { seenIn, seenText } from '../harness/seen.ts';
import { comesTrue } from '../harness/waiting.ts';
import type { Row, SharedRow, Stage, Witness } from '../row.ts';
import { bothWays, callRow, chatBody, makeCall } from './call-row.ts';
import { ANSWERED, FAILED, STREAMED, TRUNCATED } from './expectations.ts';

const slow: Row[] = [
  ...bothWays(
    { row: 8, fault: 'network: every piece 150 ms late', toxic: { latencyMs: 150 }, fields: { max_tokens: 8 } },
    ANSWERED,
    STREAMED,
  ),
  ...bothWays(
    { row: 9, fault: 'network: 4 kB/s', toxic: { bytesPerSecond: 4_000 }, fields: { max_tokens: 16 } },
    ANSWERED,
    STREAMED,
  ),
  ...bothWays(
    { row: 12, fault: 'network: byte by byte', toxic: { sliceBytes: 1 }, fields: { max_tokens: 8 } },
    ANSWERED,
    STREAMED,
  ),
  ...bothWays(
    // Whoever waits for the end of the connection instead of the end of the answer waits for nothing.
    { row: 12, fault: 'network: FIN 3 s late', toxic: { closeMs: 3_000 } },
    { ...ANSWERED, withinMs: 2_000 },
    { ...STREAMED, withinMs: 2_000 },
  ),
];

const cut: Row[] = [
  ...(['FIN', 'RST'] as const).flatMap((by) =>
    bothWays(
      { row: by === 'FIN' ? 1 : 2, fault: `network: ${by} inside the head`, toxic: { limit: { bytes: 40, by } } },
      FAILED,
    ),
  ),
  ...(['FIN', 'RST'] as const).map((by) =>
    callRow({
      row: by === 'FIN' ? 1 : 2,
      fault: `network: ${by} after 1,500 bytes`,
      streamed: true,
      toxic: { limit: { bytes: 1_500, by } },
      fields: { max_tokens: 200 },
      expect: TRUNCATED,
    }),
  ),
];

/** The cable is pulled in mid-stream: no byte comes, no connection closes. */
const halfOpenStream: SharedRow = {
  house: 'wire',
  row: 30,
  fault: 'half-open in mid-stream (no FIN, no RST), idle limit 0.5 s',
  streamed: true,
  async run({ house }: Stage): Promise<Witness> {
    await house.setFaults({ kind: 'endless', of: 'tokens', intervalMs: 20 });
    const client = await RawClient.open(house.port);
    client.send(requestBytes({ key: house.key, body: chatBody({ model: 'sim1-quick/sim-small', streamed: true }) }));
    await client.seen(({ body }) => body.toString().split('data: ').length > 4);
    house.relay.freeze();
    const startedMs = performance.now();
    const seen = seenIn(await client.answer());
    const tookMs = performance.now() - startedMs;
    client.close();
    const record = await recordOf(house, seen.callId ?? '');
    const problems: string[] = [];
    if (seenText(seen) !== '200 error stream_truncated') problems.push(`the client saw ${seenText(seen)}`);
    if (record?.attempts[0]?.outcome !== 'truncated') problems.push('not recorded as truncated');
    if (tookMs > 2_500) problems.push(`it took ${tookMs.toFixed(0)} ms`);
    const letGo = await comesTrue(() => upstreamConnections(house) === 0, 2_000);
    if (!letGo) problems.push('the gateway keeps the dead connection');
    // The relay kept what the gateway closed: only now may the simulator hear of it.
    house.relay.closeAll();
    return { saw: seenText(seen), recorded: recordText(record), problems, attempts: 1 };
  },
};

/** A pooled connection dies without a word while nobody uses it. */
const halfOpenPool: SharedRow = {
  house: 'wire',
  row: 30,
  fault: 'a pooled connection goes half-open, then calls, limit 0.5 s',
  streamed: false,
  async run({ house }: Stage): Promise<Witness> {
    await house.setFaults();
    const call = () => makeCall(house, { model: 'sim1-quick/sim-small', streamed: false, fields: { max_tokens: 4 } });
    const problems: string[] = [];
    const first = await call();
    if (first.seen.status !== 200) problems.push(`before it a call got ${first.seen.status}`);
    house.relay.freeze();
    const dead = await call();
    if (dead.seen.status !== 504 || dead.answer.tookMs > 2_500) {
      problems.push(
        `on the dead connection a call got ${seenText(dead.seen)} after ${dead.answer.tookMs.toFixed(0)} ms`,
      );
    }
    const next = await call();
    if (next.seen.status !== 200)
      problems.push(`the next call got ${seenText(next.seen)}: the dead connection is still pooled`);
    house.relay.closeAll();
    return {
      saw: [first, dead, next].map(({ seen }) => seenText(seen)).join(' | '),
      recorded: recordText(dead.record),
      problems,
      attempts: 3,
    };
  },
};

/** Connections from the gateway to the relay, in the kernel's table. */
function upstreamConnections(house: House): number {
  const { connections } = descriptors(house.gateway.pid, house.dataDir);
  return connections.filter(({ remotePort }) => remotePort === house.relay.port).length;
}

/** What a network between the gateway and its provider can do. */
export const relayFaults: readonly Row[] = [...slow, ...cut, halfOpenStream, halfOpenPool];
