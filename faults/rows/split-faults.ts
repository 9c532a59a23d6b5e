import type { House } from '../harness/house.ts';
import { chunk, DELTA, DONE, event, KEPT_STREAM_HEAD, LAST_CHUNK, USAGE } from '../harness/http-bytes.ts';
import { RawClient, requestBytes } from '../harness/raw-client.ts';
import { recordOf, recordText } from '../harness/record.ts';
import type { Row, SharedRow, Stage, Witness } from '../row.ts';
import { chatBody } from './call-row.ts';

/** Everything the format allows, in one stream: a mark, comments, ids, retries, two-line data, characters of 2 to 4 bytes. */
function stream(lineEnd: string): Buffer {
  const [first = '', second = ''] = splitJson({ choices: [{ index: 0, delta: { content: 'Wetter: 🌦️ größer' } }] });
  const text = [
    ': hello\n\n',
    'retry: 3000\nid: 1\n',
    DELTA,
    `id: 2\nevent: message\ndata: ${first}\ndata: ${second}\n\n`,
    ': ping\n\n\n',
    event({ choices: [{ index: 0, delta: { content: '€ ☂ 日本' }, finish_reason: null }] }),
    event({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }),
    USAGE,
    DONE,
  ].join('');
  return Buffer.from(`\uFEFF${text.replaceAll('\n', lineEnd)}`);
}

/** A JSON text cut between two tokens, where a line end may stand. */
function splitJson(value: unknown): [string, string] {
  const text = JSON.stringify(value);
  const at = text.indexOf(',"delta"') + 1;
  return [text.slice(0, at), text.slice(at)];
}

function splitRow(name: string, lineEnd: string): SharedRow {
  return {
    house: 'wire',
    row: 12,
    fault: `cut at every byte, lines end in ${name}`,
    streamed: true,
    run: (stage) => everyCut(stream(lineEnd), stage),
  };
}

/** One call per position, on one connection at both ends; the client must get the same bytes each time. */
async function everyCut(payload: Buffer, { house }: Stage): Promise<Witness> {
  const problems: string[] = [];
  let calls = 0;
  let sample: string | undefined;
  const client = await RawClient.open(house.port);
  try {
    for (let at = 1; at < payload.length; at++) {
      calls++;
      const got = await callWith(house, client, [payload.subarray(0, at), payload.subarray(at)]);
      if (!got.body.equals(payload)) problems.push(`cut at byte ${at}: the client got other bytes`);
      sample = got.callId;
      if (problems.length >= 5) break;
    }
    calls++;
    const single = await callWith(
      house,
      client,
      [...payload].map((byte) => Buffer.from([byte])),
    );
    if (!single.body.equals(payload)) problems.push('byte by byte: the client got other bytes');
  } finally {
    client.close();
    closePooled(house);
  }
  const record = sample === undefined ? undefined : await recordOf(house, sample);
  if (record?.attempts[0]?.usage?.output_tokens !== 2) problems.push('the usage was not read');
  return {
    saw: `${calls} equal streams of ${payload.length} bytes`,
    recorded: recordText(record),
    problems,
    attempts: calls,
  };
}

/** The upstream sends each part as a chunk of its own, which is how the gateway will see it. */
async function callWith(house: House, client: RawClient, parts: readonly Buffer[]) {
  const bytes = Buffer.concat([Buffer.from(KEPT_STREAM_HEAD), ...parts.map(chunk), Buffer.from(LAST_CHUNK)]);
  house.raw.answer = (socket) => void socket.write(bytes);
  const fields = { stream_options: { include_usage: true } };
  client.send(requestBytes({ key: house.key, body: chatBody({ model: 'raw/m', streamed: true, fields }) }));
  const { body, headers } = await client.answer();
  return { body, callId: headers.get('x-leeward-request-id') };
}

/** What is left is an idle connection in the gateway's pool: either side may close it. */
export function closePooled(house: House): void {
  for (const socket of house.raw.sockets) socket.destroy();
}

const INVALID_UTF8 = Buffer.concat([
  Buffer.from('data: {"choices":[{"index":0,"delta":{"content":"'),
  Buffer.from([0xff, 0xfe, 0xc3, 0x28, 0xe2, 0x82]),
  Buffer.from(`"}}]}\n\n${event({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] })}${USAGE}${DONE}`),
]);

const invalidUtf8: SharedRow = {
  house: 'wire',
  row: 13,
  fault: 'bytes that are not UTF-8, cut at every byte',
  streamed: true,
  run: (stage) => everyCut(INVALID_UTF8, stage),
};

/** Streams that come in other pieces than they were written in. */
export const splitFaults: readonly Row[] = [
  splitRow('LF', '\n'),
  splitRow('CRLF', '\r\n'),
  splitRow('CR', '\r'),
  invalidUtf8,
];
