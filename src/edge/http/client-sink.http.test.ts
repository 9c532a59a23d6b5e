import { createServer, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { expect, test } from 'vitest';
import { ResponseSink } from './client-sink.ts';

const STREAM = ['content-type', 'text/event-stream'];

/** Sends raw requests on one connection, one after the other's answer, and gives all that came back. */
async function talk(
  answer: (sink: ResponseSink, res: ServerResponse) => void,
  requests: readonly string[],
  end: RegExp,
) {
  const server: Server = createServer((req, res) => {
    req.resume();
    answer(new ResponseSink(res), res);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const answers: string[] = [];
  await new Promise<void>((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let text = '';
    const next = () => socket.write(requests[answers.length] ?? '');
    socket.on('connect', next);
    socket.on('error', reject);
    socket.on('close', () => resolve());
    socket.on('data', (data) => {
      text += data.toString('latin1');
      if (!end.test(text)) return;
      answers.push(text);
      text = '';
      if (answers.length < requests.length) next();
      else socket.end();
    });
    socket.on('end', () => {
      if (text !== '') answers.push(text);
    });
  });
  await new Promise((resolve) => server.close(resolve));
  return answers;
}

const request = (version: string) => `POST / HTTP/${version}\r\nhost: x\r\ncontent-length: 0\r\n\r\n`;
const bodyOf = (answer: string | undefined) => answer?.slice(answer.indexOf('\r\n\r\n') + 4) ?? '';

/** Reads chunks strictly: anything but whole ones and the last one throws. */
function unchunked(body: string): string {
  let text = '';
  for (let at = 0; ; ) {
    const lineEnd = body.indexOf('\r\n', at);
    const size = body.slice(at, lineEnd);
    if (!/^[0-9a-f]+$/.test(size)) throw new Error(`no chunk: ${body.slice(at, at + 40)}`);
    const begin = lineEnd + 2;
    const end = begin + Number.parseInt(size, 16);
    if (body.slice(end, end + 2) !== '\r\n') throw new Error(`a chunk does not end: ${body.slice(end, end + 20)}`);
    text += body.slice(begin, end);
    at = end + 2;
    if (size !== '0') continue;
    if (at !== body.length) throw new Error(`after the last chunk: ${body.slice(at, at + 40)}`);
    return text;
  }
}

test('a stream is well-formed chunks of what was written, small, empty and large, and the connection goes on', async () => {
  const parts = ['data: é\n\n', '', 'data: '.padEnd(300_000, 'x'), 'y'.repeat(8_192), 'z'.repeat(8_193)];
  let answered = 0;
  const stream = (sink: ResponseSink) => {
    sink.head(200, STREAM);
    for (const part of parts) sink.write(Buffer.from(part));
    sink.end(answered++ === 0 ? Buffer.from('data: [DONE]\n\n') : undefined);
  };
  const [first, second] = await talk(stream, [request('1.1'), request('1.1')], /\r\n0\r\n\r\n$/);
  const written = Buffer.from(parts.join('')).toString('latin1');
  expect(first?.match(/transfer-encoding: chunked/gi)).toHaveLength(1);
  expect(unchunked(bodyOf(first)) === `${written}data: [DONE]\n\n`).toBe(true);
  expect(unchunked(bodyOf(second)) === written).toBe(true);
});

test('a stream that says nothing is the last chunk alone', async () => {
  const silent = (sink: ResponseSink) => {
    sink.head(200, STREAM);
    sink.end();
  };
  const [answer] = await talk(silent, [request('1.1')], /\r\n0\r\n\r\n$/);
  expect(bodyOf(answer)).toBe('0\r\n\r\n');
});

test('a client of HTTP/1.0 gets the bytes without chunks, to the end of its connection', async () => {
  const stream = (sink: ResponseSink) => {
    sink.head(200, STREAM);
    sink.write(Buffer.from('data: 1\n\n'));
    sink.end(Buffer.from('data: [DONE]\n\n'));
  };
  const [answer] = await talk(stream, [request('1.0')], /never/);
  expect(answer).not.toMatch(/transfer-encoding/i);
  expect(bodyOf(answer)).toBe('data: 1\n\ndata: [DONE]\n\n');
});

test('an answer of known length is its bytes, and a second head changes nothing', async () => {
  const whole = (sink: ResponseSink) => {
    sink.head(200, ['content-length', '5']);
    sink.head(500, ['content-length', '7']);
    sink.end(Buffer.from('h\xe9llo', 'latin1'));
  };
  const [answer] = await talk(whole, [request('1.1')], /llo$/);
  expect(answer).toMatch(/^HTTP\/1\.1 200 /);
  expect(bodyOf(answer)).toBe('h\xe9llo');
});

test('a client that does not read is waited for, and hears of nothing that is written once it is gone', async () => {
  const taken: boolean[] = [];
  const stream = (sink: ResponseSink, res: ServerResponse) => {
    sink.head(200, STREAM);
    for (let part = 0; part < 200; part++) taken.push(sink.write(Buffer.alloc(1_000, 0x61)));
    res.destroy();
    taken.push(sink.write(Buffer.from('late')));
    sink.end();
  };
  await talk(stream, [request('1.1')], /never/);
  expect([taken[0], taken[199], taken[200]]).toEqual([true, false, true]);
});
