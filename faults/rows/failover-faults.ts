import type { Answerer } from '../../test/support/raw-upstream.ts';
import { answerBytes, event, OK_ANSWER, STREAM_HEAD, streamBytes, streamHead } from '../harness/http-bytes.ts';
import { recordText } from '../harness/record.ts';
import { breachesOfRules } from '../harness/rules.ts';
import { seenText } from '../harness/seen.ts';
import type { Row, SharedRow, Stage, Witness } from '../row.ts';
import { makeCall } from './call-row.ts';

interface FirstTarget {
  readonly row: number;
  readonly fault: string;
  /** What the first of two targets does; absent where its port is the fault. */
  readonly raw?: Answerer | Buffer;
  /** A route of the house whose first target is at fault and whose second is the simulator. */
  readonly route?: string;
  readonly withinMs?: number;
}

/** Until the first byte has gone to the client, another target may serve the call: it must, and nobody else's bytes may show. */
function failoverRow(facts: FirstTarget, streamed: boolean): SharedRow {
  return {
    house: 'wire',
    row: facts.row,
    fault: `two targets: ${facts.fault}`,
    streamed,
    run: (stage) => failOver(facts, streamed, stage),
  };
}

async function failOver(facts: FirstTarget, streamed: boolean, { house }: Stage): Promise<Witness> {
  const { raw, route = 'raw-then-sim', withinMs = 4_000 } = facts;
  await house.setFaults();
  house.raw.answer = (socket, request) => {
    if (typeof raw === 'function') void raw(socket, request);
    else if (raw !== undefined) socket.write(raw);
  };
  const { seen, record, answer } = await makeCall(house, { model: `route/${route}`, streamed });
  const problems = breachesOfRules(seen, record);
  const wanted = streamed ? '200 done' : '200 answer';
  if (seenText(seen) !== wanted) problems.push(`the client saw ${seenText(seen)}, not ${wanted}`);
  if (/poison/.test(seen.text)) problems.push('bytes of the first target came through');
  const outcomes = record?.attempts.map(({ outcome }) => outcome).join(', ');
  if (outcomes !== 'failed, ok') problems.push(`recorded are ${outcomes}`);
  if (record?.attempts[1]?.provider !== 'sim1') problems.push(`served by ${record?.attempts[1]?.provider}`);
  if (answer.headers.get('x-leeward-attempts') !== '2') problems.push('the answer does not say that two were tried');
  if (answer.tookMs > withinMs) problems.push(`it took ${answer.tookMs.toFixed(0)} ms, allowed are ${withinMs}`);
  return { saw: seenText(seen), recorded: recordText(record), problems, attempts: 2 };
}

const POISON = '{"error":{"message":"poison","type":"overloaded_error"}}';
const CLOSE = 'connection: close\r\n';
const json = (status: number, body: string, more = ''): Buffer => answerBytes(status, 'application/json', body, more);

const THROTTLED = json(429, POISON, 'retry-after: 7\r\n');

const UNPAID = json(402, POISON);

const targets: readonly FirstTarget[] = [
  { row: 1, fault: 'FIN before any byte', raw: (socket) => void socket.end() },
  { row: 2, fault: 'RST before any byte', raw: (socket) => void socket.resetAndDestroy() },
  {
    row: 5,
    fault: 'silence before the head, limit 0.5 s',
    raw: (socket) => void socket.on('error', () => socket.destroy()),
  },
  {
    row: 8,
    fault: 'the head at 1 byte/s, limit 0.5 s',
    raw: (socket) => {
      let at = 0;
      const drip = setInterval(() => socket.write(STREAM_HEAD.charAt(at++)), 100);
      socket.on('close', () => clearInterval(drip));
    },
  },
  { row: 15, fault: 'a JSON error with status 200', raw: json(200, POISON) },
  ...[408, 500, 502, 503, 504, 520, 521, 522, 523, 524, 529].map((status) => ({
    row: 20,
    fault: `status ${status}`,
    raw: json(status, POISON),
  })),
  { row: 10, fault: 'an answer that is not JSON', raw: json(200, 'poison') },
  { row: 26, fault: '1 MiB of headers', raw: Buffer.from(streamHead(`${CLOSE}x-filler: ${'x'.repeat(1 << 20)}\r\n`)) },
  { row: 21, fault: 'an HTML page', raw: answerBytes(200, 'text/html', '<html>poison</html>') },
  { row: 24, fault: 'gzip though identity was asked for', raw: json(200, OK_ANSWER, 'content-encoding: gzip\r\n') },
  {
    row: 25,
    fault: 'bytes that are not HTTP',
    raw: (socket) => void socket.end('SSH-2.0-poison\r\n\r\n'),
  },
  {
    row: 27,
    fault: 'a redirect',
    raw: Buffer.from(`HTTP/1.1 302 X\r\nlocation: http://169.254.169.254/poison\r\ncontent-length: 0\r\n${CLOSE}\r\n`),
  },
  { row: 29, fault: 'connection refused', route: 'refused-then-sim' },
  { row: 29, fault: 'SYN is never answered, connect limit 0.8 s', route: 'silent-then-sim' },
  { row: 29, fault: 'TLS: signed by a stranger', route: 'stranger-then-sim' },
  { row: 29, fault: 'TLS: expired', route: 'expired-then-sim' },
  { row: 29, fault: 'TLS: for another host', route: 'wrong-host-then-sim' },
  { row: 29, fault: 'TLS: 1.1', route: 'old-protocol-then-sim' },
  { row: 29, fault: 'TLS: a handshake that stalls, limit 0.8 s', route: 'stalled-then-sim' },
  { row: 28, fault: 'a host name that does not exist', route: 'unresolved-then-sim' },
];

const firstEvents: readonly SharedRow[] = [
  failoverRow(
    {
      row: 16,
      fault: 'the first event of a stream is an error',
      raw: streamBytes([event({ error: { message: 'poison', type: 'overloaded_error' } })], streamHead(CLOSE)),
    },
    true,
  ),
  failoverRow(
    { row: 14, fault: 'a first event of 2 MiB', raw: streamBytes([`data: ${'poison'.repeat(350_000)}`]) },
    true,
  ),
  failoverRow({ row: 23, fault: 'JSON though a stream was asked for', raw: json(200, OK_ANSWER) }, true),
  failoverRow({ row: 18, fault: '429', raw: THROTTLED, route: 'throttled-stream-then-sim' }, true),
  failoverRow({ row: 19, fault: '402', raw: UNPAID, route: 'unpaid-stream-then-sim' }, true),
  failoverRow({ row: 4, fault: 'a stream without a single event', raw: streamBytes([': poison\n\n']) }, true),
];

const wholeOnly: readonly SharedRow[] = [
  // Closed from then on: whoever comes next needs a target of its own.
  failoverRow({ row: 18, fault: '429', raw: THROTTLED, route: 'throttled-then-sim' }, false),
  failoverRow({ row: 19, fault: '402', raw: UNPAID, route: 'unpaid-then-sim' }, false),
  failoverRow({ row: 11, fault: 'half of the JSON', raw: json(200, OK_ANSWER.slice(0, 60)) }, false),
];

/** The same faults where another target is left. */
export const failoverFaults: readonly Row[] = [
  ...targets.flatMap((target) => [failoverRow(target, false), failoverRow(target, true)]),
  ...firstEvents,
  ...wholeOnly,
];
