import type { House } from '../harness/house.ts';
import { answerBytes, OK_ANSWER } from '../harness/http-bytes.ts';
import { RawClient, type ReadAnswer, requestBytes } from '../harness/raw-client.ts';
import { recordOf, recordText } from '../harness/record.ts';
import { leaks } from '../harness/rules.ts';
import { seenIn, seenText } from '../harness/seen.ts';
import type { Row, SharedRow, Stage, Witness } from '../row.ts';
import { chatBody } from './call-row.ts';

const MIB = 1 << 20;

/** Requests that are refused before anything is asked of a provider. */
interface Refused {
  readonly row: number;
  readonly fault: string;
  readonly status: number;
  readonly growthMiBMax?: number;
  send(client: RawClient, house: House): void | Promise<void>;
}

function refusedRow(facts: Refused): SharedRow {
  const { row, fault, growthMiBMax } = facts;
  return {
    house: 'wire',
    row,
    fault,
    ...(growthMiBMax === undefined ? {} : { growthMiBMax }),
    run: (stage) => refused(facts, stage),
  };
}

async function refused(facts: Refused, { house }: Stage): Promise<Witness> {
  house.raw.answer = (socket) => void socket.end(answerBytes(200, 'application/json', OK_ANSWER));
  const client = await RawClient.open(house.port);
  try {
    await facts.send(client, house);
    const answer = await client.answer();
    const seen = seenIn(answer);
    const problems = [...leaks(seen.text)];
    if (seen.status !== facts.status) problems.push(`status is ${seen.status}, not ${facts.status}`);
    if (seen.terminal !== 'error') problems.push('no error that the client can read');
    if (!(await client.waitClosed(4_000))) problems.push('the connection stays open');
    if (house.raw.seen.length > 0) problems.push('the provider was asked');
    return { saw: `${seenText(seen)}, closed`, recorded: 'nothing', problems, attempts: 0 };
  } finally {
    client.close();
  }
}

/** A head by hand, and a request hidden behind it that must not be served. */
function smuggling(house: House, framing: string, body: string): string {
  const hidden = requestBytes({ key: house.key, body: chatBody({ model: 'raw/m', streamed: false }) }).toString();
  return `POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer ${house.key}\r\n${framing}\r\n\r\n${body}${hidden}`;
}

const framings: readonly [fault: string, framing: string, body: string][] = [
  ['two content-lengths', 'content-length: 2\r\ncontent-length: 5', '{}'],
  ['content-length and transfer-encoding', 'content-length: 2\r\ntransfer-encoding: chunked', '2\r\n{}\r\n0\r\n\r\n'],
  ['content-length that is no number', 'content-length: 2, 2x', '{}'],
  ['a folded header', 'x-folded: a\r\n b\r\ncontent-length: 2', '{}'],
  ['a space before the colon', 'content-length : 2', '{}'],
  ['chunks that end in a bare LF', 'transfer-encoding: chunked', '2\n{}\n0\n\n'],
  ['a bad chunk extension', 'transfer-encoding: chunked', '2;\nx\r\n{}\r\n0\r\n\r\n'],
  ['a transfer-encoding that is not known', 'transfer-encoding: xchunked', '{}'],
];

const wires: Row[] = framings.map(([fault, framing, body]) =>
  refusedRow({
    row: 36,
    fault,
    status: 400,
    send: (client, house) => client.send(smuggling(house, framing, body)),
  }),
);

const pipelining: SharedRow = {
  house: 'wire',
  row: 36,
  fault: 'two calls in one write',
  streamed: false,
  async run({ house }) {
    let asked = 0;
    house.raw.answer = (socket) => {
      asked++;
      socket.end(answerBytes(200, 'application/json', OK_ANSWER.replace('"hi"', `"answer ${asked}"`)));
    };
    const client = await RawClient.open(house.port);
    try {
      const bytes = requestBytes({ key: house.key, body: chatBody({ model: 'raw/m', streamed: false }) });
      client.send(Buffer.concat([bytes, bytes]));
      const answers: ReadAnswer[] = [await client.answer(), await client.answer()];
      const problems = answers.flatMap((answer, index) =>
        answer.status === 200 && answer.end === 'complete' && answer.body.includes(`answer ${index + 1}`)
          ? []
          : [`answer ${index + 1} is ${seenText(seenIn(answer))}`],
      );
      const id = answers[1]?.headers.get('x-leeward-request-id');
      const record = id === undefined ? undefined : await recordOf(house, id);
      return { saw: 'both, in order', recorded: recordText(record), problems, attempts: 2 };
    } finally {
      client.close();
    }
  },
};

/** Writes no faster than it is taken, and stops when an answer begins. */
async function pour(client: RawClient, part: Buffer, times: number): Promise<void> {
  for (let sent = 0; sent < times && client.soFar.status === 0 && !client.closed; sent++) {
    if (client.socket.write(part)) continue;
    await new Promise<void>((resolve) => {
      const go = () => {
        client.socket.off('drain', go);
        client.socket.off('data', go);
        client.socket.off('close', go);
        resolve();
      };
      client.socket.once('drain', go);
      client.socket.once('data', go);
      client.socket.once('close', go);
    });
  }
}

function bigHead(house: House, framing: string, type = 'application/json'): string {
  return `POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer ${house.key}\r\ncontent-type: ${type}\r\n${framing}\r\n\r\n`;
}

const PART = Buffer.alloc(MIB, 'x');
const CHUNKED_PART = Buffer.concat([Buffer.from(`${MIB.toString(16)}\r\n`), PART, Buffer.from('\r\n')]);

const sizes: Row[] = [
  ...(['application/json', 'multipart/form-data; boundary=b'] as const).map((type) =>
    refusedRow({
      row: 37,
      fault: `100 MiB of ${type.split(';')[0]}, announced`,
      status: 413,
      growthMiBMax: 50,
      async send(client, house) {
        client.send(bigHead(house, `content-length: ${100 * MIB}`, type));
        await pour(client, PART, 100);
      },
    }),
  ),
  refusedRow({
    row: 37,
    fault: '100 MiB in chunks, not announced',
    status: 413,
    growthMiBMax: 50,
    async send(client, house) {
      client.send(bigHead(house, 'transfer-encoding: chunked'));
      await pour(client, CHUNKED_PART, 100);
    },
  }),
  refusedRow({
    row: 38,
    fault: 'a header of 1,000,000 bytes',
    status: 431,
    send: (client, house) => client.send(bigHead(house, `x-filler: ${'x'.repeat(1_000_000)}\r\ncontent-length: 0`)),
  }),
  refusedRow({
    row: 38,
    fault: '100,000 headers',
    status: 431,
    send: (client, house) =>
      client.send(bigHead(house, Array.from({ length: 100_000 }, (_, n) => `x-${n}: y`).join('\r\n'))),
  }),
];

/** Clients whose bytes are wrong, or too many. */
export const clientFaults: readonly Row[] = [...wires, pipelining, ...sizes];
