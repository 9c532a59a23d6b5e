import { gzipSync } from 'node:zlib';
import {
  answerBytes,
  chunk,
  DELTA,
  DONE,
  FINISH,
  LAST_CHUNK,
  OK_ANSWER,
  STREAM_HEAD,
  streamBytes,
  streamHead,
  USAGE,
} from '../harness/http-bytes.ts';
import type { Row } from '../row.ts';
import { bothWays, callRow, type Expectation, type FinishedCall } from './call-row.ts';
import { ANSWERED, FAILED, STREAMED, TIMED_OUT } from './expectations.ts';

const ERROR_JSON = '{"error":{"message":"Slow down.","type":"requests","param":null,"code":"rate_limit_exceeded"}}';
const WHOLE_STREAM = [DELTA, FINISH, USAGE, DONE];

/** The provider's own JSON error, with its own status. */
function relayed(status: number, recorded: string, code?: string): Expectation {
  const named = code === undefined ? {} : { code };
  return { status, terminal: 'error', outcome: 'failed', recorded, usage: false, ...named };
}

const bodies: Row[] = [
  ...(['matching', 'lying'] as const).map((contentLength) =>
    callRow({
      row: 11,
      fault: `half of the JSON, content-length ${contentLength}`,
      streamed: false,
      sim: { kind: 'truncated-json', contentLength },
      expect: FAILED,
    }),
  ),
  ...bothWays({ row: 15, fault: 'a JSON error with status 200', sim: { kind: 'json-error-in-200' } }, FAILED),
  ...[200, 404, 502, 503].flatMap((status) =>
    bothWays(
      { row: 21, fault: `an HTML page with status ${status}`, sim: { kind: 'html', status } },
      {
        ...FAILED,
        recorded: status === 404 || status >= 500 || status === 200 ? 'upstream_error' : 'invalid_request',
      },
    ),
  ),
  callRow({
    row: 21,
    fault: 'an HTML page with status 429',
    streamed: false,
    sim: { kind: 'html', status: 429 },
    expect: relayed(429, 'rate_limited', 'rate_limited'),
  }),
];

const types: Row[] = [
  ...['text/plain', 'application/octet-stream'].flatMap((contentType) =>
    bothWays(
      { row: 22, fault: `content-type ${contentType}`, sim: { kind: 'wrong-content-type', contentType } },
      ANSWERED,
      STREAMED,
    ),
  ),
  callRow({
    row: 22,
    fault: 'no content-type',
    streamed: true,
    raw: streamBytes(WHOLE_STREAM, 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n'),
    expect: STREAMED,
  }),
  callRow({
    row: 22,
    fault: 'no content-type on a page of HTML',
    streamed: true,
    raw: streamBytes(
      ['<html>hello</html>'],
      'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n',
    ),
    expect: FAILED,
  }),
  callRow({
    row: 23,
    fault: 'JSON though a stream was asked for',
    streamed: true,
    raw: answerBytes(200, 'application/json', OK_ANSWER),
    expect: FAILED,
  }),
  callRow({
    row: 23,
    fault: 'a stream though none was asked for',
    streamed: false,
    raw: streamBytes(WHOLE_STREAM),
    expect: FAILED,
  }),
  ...bothWays({ row: 24, fault: 'gzip though identity was asked for', sim: { kind: 'gzip' } }, FAILED),
  callRow({
    row: 24,
    fault: 'a gzip bomb, 1:1000',
    streamed: false,
    raw: answerBytes(200, 'application/json', gzipSync(Buffer.alloc(64 << 20, ' ')), 'content-encoding: gzip\r\n'),
    growthMiBMax: 32,
    expect: FAILED,
  }),
  ...['br', 'zstd', 'gzip, gzip'].map((encoding) =>
    callRow({
      row: 24,
      fault: `corrupt ${encoding}`,
      streamed: false,
      raw: answerBytes(200, 'application/json', 'not compressed', `content-encoding: ${encoding}\r\n`),
      expect: FAILED,
    }),
  ),
];

/** What the client is told about waiting; `undefined` when nothing that can be understood came. */
const retryAfters: readonly [text: string, header: string, wanted: string | undefined][] = [
  ['seconds', 'retry-after: 7', '7'],
  ['a date in the past', 'retry-after: Sat, 01 Jan 2022 00:00:00 GMT', '0'],
  ['milliseconds', 'retry-after-ms: 1500', '2'],
  ['0', 'retry-after: 0', '0'],
  ['-1', 'retry-after: -1', '0'],
  ['1e9 seconds', 'retry-after: 1000000000', '3600'],
  ['garbage', 'retry-after: soon, perhaps', undefined],
];

function tellsToWait(wanted: string | undefined) {
  return ({ answer }: FinishedCall) => {
    const told = answer.headers.get('retry-after');
    return told === wanted ? [] : [`retry-after is ${told}, not ${wanted}`];
  };
}

const statuses: Row[] = [
  ...retryAfters.flatMap(([text, header, wanted], index) =>
    [false, true].map((streamed) =>
      callRow({
        row: 18,
        fault: `429 with Retry-After as ${text}`,
        streamed,
        raw: answerBytes(429, 'application/json', ERROR_JSON, `${header}\r\n`),
        // Closed for as long as it asks: whoever comes next needs a target of its own.
        model: `raw/asks-${index}-${streamed ? 'streamed' : 'whole'}`,
        expect: relayed(429, 'rate_limited', 'rate_limit_exceeded'),
        also: tellsToWait(wanted),
      }),
    ),
  ),
  ...bothWays(
    {
      row: 19,
      fault: '429 without Retry-After',
      sim: { kind: 'status', code: 429 },
      also: async (call) => [...tellsToWait(undefined)(call), ...(await askedOnce(call))],
    },
    relayed(429, 'rate_limited'),
  ),
  callRow({
    row: 19,
    fault: '429 because the quota is spent',
    streamed: false,
    sim: {
      kind: 'status',
      code: 429,
      body: { error: { message: 'You exceeded your quota.', code: 'insufficient_quota' } },
    },
    expect: relayed(429, 'rate_limited', 'insufficient_quota'),
    also: askedOnce,
  }),
  callRow({
    row: 19,
    fault: '402',
    streamed: false,
    sim: { kind: 'status', code: 402 },
    model: 'sim1-unpaid/sim-small',
    expect: relayed(402, 'upstream_error'),
    also: askedOnce,
  }),
  ...[500, 502, 503, 504, 520, 521, 522, 523, 524, 529].map((code, index) =>
    callRow({
      row: 20,
      fault: `status ${code}`,
      streamed: index % 2 === 0,
      sim: { kind: 'status', code },
      expect: relayed(code, 'upstream_error'),
      also: askedOnce,
    }),
  ),
];

/** One target: what it refused must not be asked of it again at once. */
async function askedOnce({ house }: FinishedCall): Promise<string[]> {
  const { calls } = await house.simCounts();
  return calls === 1 ? [] : [`the provider was asked ${calls} times`];
}

const framings: readonly [text: string, bytes: Buffer | string, expect?: Expectation][] = [
  ['content-length too long', `${headOf(`content-length: ${OK_ANSWER.length + 40}`)}${OK_ANSWER}`],
  ['content-length too short', `${headOf(`content-length: ${OK_ANSWER.length - 40}`)}${OK_ANSWER}`],
  ['two content-lengths', `${headOf(`content-length: ${OK_ANSWER.length}\r\ncontent-length: 5`)}${OK_ANSWER}`],
  [
    'transfer-encoding and content-length',
    `${headOf(`content-length: ${OK_ANSWER.length}\r\ntransfer-encoding: chunked`)}${chunk(OK_ANSWER)}${LAST_CHUNK}`,
  ],
  ['a bad chunk size', `${headOf('transfer-encoding: chunked')}zz\r\n${OK_ANSWER}\r\n${LAST_CHUNK}`],
  [
    '204 with a body',
    `HTTP/1.1 204 X\r\ncontent-type: application/json\r\ncontent-length: ${OK_ANSWER.length}\r\n\r\n${OK_ANSWER}`,
  ],
  ['101 switching protocols', 'HTTP/1.1 101 Switching\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n'],
  ['bytes that are not HTTP', 'SSH-2.0-OpenSSH_9.2\r\n\r\n'],
  [
    '10,000 early hints, then an answer',
    `${'HTTP/1.1 103 X\r\nlink: <a>\r\n\r\n'.repeat(10_000)}${answerBytes(200, 'application/json', OK_ANSWER)}`,
    ANSWERED,
  ],
];

function headOf(framing: string): string {
  return `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n${framing}\r\n\r\n`;
}

const wires: Row[] = [
  ...framings.map(([text, bytes, expect]) =>
    callRow({
      row: 25,
      fault: text,
      streamed: false,
      raw: (socket) => {
        socket.write(bytes);
        // Whoever lied about a length has nothing more to say.
        setTimeout(() => socket.end(), 100);
      },
      expect: expect ?? FAILED,
    }),
  ),
  callRow({
    row: 25,
    fault: 'a bad chunk size in mid-stream',
    streamed: true,
    raw: (socket) => {
      socket.write(Buffer.concat([Buffer.from(STREAM_HEAD), chunk(DELTA)]));
      setTimeout(() => socket.write('zz\r\nnothing\r\n'), 30);
    },
    expect: { ...FAILED, status: 200, code: 'stream_truncated', outcome: 'truncated', recorded: 'stream_truncated' },
  }),
  callRow({
    row: 25,
    fault: 'early hints without end',
    streamed: false,
    model: 'raw-quick/m',
    raw: (socket) => {
      const more = setInterval(() => socket.write('HTTP/1.1 103 X\r\nlink: <a>\r\n\r\n'.repeat(50)), 5);
      socket.on('close', () => clearInterval(more));
    },
    expect: TIMED_OUT,
  }),
  ...bothWays(
    { row: 26, fault: '1 MiB of headers', raw: streamHead(`x-filler: ${'x'.repeat(1 << 20)}\r\n`), growthMiBMax: 32 },
    FAILED,
  ),
  callRow({
    row: 26,
    fault: '2,000 headers: none is handed on',
    streamed: true,
    raw: streamBytes(
      WHOLE_STREAM,
      streamHead(`connection: close\r\n${Array.from({ length: 2_000 }, (_, n) => `x-h${n}: y\r\n`).join('')}`),
    ),
    expect: STREAMED,
    also: ({ answer }) => (answer.headText.includes('x-h1') ? ["the provider's headers were handed on"] : []),
  }),
  ...['\r', '\n', '\r\n '].map((lineEnd) =>
    callRow({
      row: 26,
      fault: `${JSON.stringify(lineEnd)} inside a header value`,
      streamed: true,
      raw: (socket) => {
        const bytes = streamBytes(
          WHOLE_STREAM,
          streamHead(`x-request-id: a${lineEnd}injected: yes\r\nconnection: close\r\n`),
        );
        socket.write(bytes);
      },
      expect: FAILED,
      also: ({ answer }) => (/injected/.test(answer.headText) ? ['a header of the provider was injected'] : []),
    }),
  ),
  ...([301, 302, 303, 307, 308] as const).map((status, index) => redirectRow(status, index % 2 === 0)),
  callRow({
    row: 27,
    fault: '302 to the address of cloud metadata',
    streamed: false,
    sim: { kind: 'redirect', status: 302, location: 'http://169.254.169.254/latest/meta-data/' },
    expect: FAILED,
  }),
];

/** Redirects to the raw upstream, which must not hear of it: a credential never leaves its host. */
function redirectRow(status: 301 | 302 | 303 | 307 | 308, streamed: boolean): Row {
  return callRow({
    row: 27,
    fault: `${status} to another host`,
    streamed,
    sim: (house) => ({ kind: 'redirect', status, location: `${house.raw.baseUrl}/chat/completions` }),
    raw: answerBytes(200, 'application/json', OK_ANSWER),
    model: 'sim1/sim-small',
    expect: FAILED,
    also: ({ house }) => (house.raw.seen.length === 0 ? [] : ['the redirect was followed']),
  });
}

/** What HTTP can carry wrongly: bodies, types, statuses, framing, headers, redirects. */
export const httpFaults: readonly Row[] = [...bodies, ...types, ...statuses, ...wires];
