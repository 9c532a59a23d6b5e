import { expect, test } from 'vitest';
import { TestGateway, until } from '../support/gateway.ts';
import {
  type Answerer,
  answerBytes,
  httpChunk,
  LAST_CHUNK,
  RawUpstream,
  STREAM_HEAD,
} from '../support/raw-upstream.ts';

const OK_BODY =
  '{"id":"x","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":4,"completion_tokens":2,"total_tokens":6}}';
const DELTA = 'data: {"choices":[{"index":0,"delta":{"content":"hi"},"finish_reason":null}]}\n\n';
const FINISH = 'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n';
const MESSAGES = [{ role: 'user', content: 'hello' }];

const answers =
  (bytes: Buffer | string): Answerer =>
  (socket) => {
    socket.write(bytes);
  };
const good = answers(answerBytes(200, 'application/json', OK_BODY));
const goodStream = answers(
  Buffer.concat([Buffer.from(STREAM_HEAD), httpChunk(DELTA), httpChunk(FINISH), Buffer.from(LAST_CHUNK)]),
);

/** Two upstreams behind one route: what `bad` does, `second` makes good, if it may. */
async function behindRoute(bad: Answerer, second: Answerer, stream = false) {
  const first = await RawUpstream.start(bad);
  const other = await RawUpstream.start(second);
  const gateway = await TestGateway.start({
    upstreams: { first: first.baseUrl, other: other.baseUrl },
    routes: {
      main: {
        targets: [
          { target: 'first/a', weight: 1 },
          { target: 'other/b', weight: 1 },
        ],
      },
    },
  });
  const response = await gateway.post('/v1/chat/completions', { model: 'route/main', messages: MESSAGES, stream });
  const text = await response.text();
  const { ends, starts } = gateway;
  await gateway[Symbol.asyncDispose]();
  await until(() => first.sockets.size === 0 && other.sockets.size === 0, 'an upstream socket is still open');
  await first[Symbol.asyncDispose]();
  await other[Symbol.asyncDispose]();
  return { response, text, ends, starts };
}

const weather: [string, Answerer][] = [
  ['status 500', answers(answerBytes(500, 'application/json', '{"error":{"message":"boom"}}'))],
  ['status 529', answers(answerBytes(529, 'application/json', '{"error":{"message":"overloaded"}}'))],
  [
    'status 429',
    answers(answerBytes(429, 'application/json', '{"error":{"message":"slow down"}}', 'retry-after: 2\r\n')),
  ],
  ['a refused credential', answers(answerBytes(401, 'application/json', '{"error":{"message":"bad key"}}'))],
  ['an HTML page', answers(answerBytes(503, 'text/html', '<html>Bad gateway</html>'))],
  ['an HTML page with status 200', answers(answerBytes(200, 'text/html', '<html>hello</html>'))],
  ['truncated JSON', answers(answerBytes(200, 'application/json', OK_BODY.slice(0, 60)))],
  ['an error inside a 200', answers(answerBytes(200, 'application/json', '{"error":{"message":"inside"}}'))],
  ['gzip though identity was asked', answers(answerBytes(200, 'application/json', 'x', 'content-encoding: gzip\r\n'))],
  ['a redirect', answers('HTTP/1.1 302 X\r\nlocation: http://169.254.169.254/\r\ncontent-length: 0\r\n\r\n')],
  ['a connection closed before any byte', (socket) => void socket.destroy()],
  ['a reset', (socket) => void socket.resetAndDestroy()],
  ['bytes that are not HTTP', answers('SSH-2.0-OpenSSH\r\n\r\n')],
];

test.each(weather)('%s moves the call to the next target before the first byte', async (_name, bad) => {
  for (const stream of [false, true]) {
    const { response, text, ends, starts } = await behindRoute(bad, stream ? goodStream : good, stream);
    expect(response.status).toBe(200);
    expect(text).toBe(stream ? DELTA + FINISH : OK_BODY);
    expect(response.headers.get('x-leeward-provider')).toBe('other');
    expect(response.headers.get('x-leeward-attempts')).toBe('2');
    expect(response.headers.get('x-leeward-route-reason')).toMatch(/fallback 2 of 2, after first gave/);
    expect(starts).toHaveLength(2);
    expect(ends.map((end) => end.outcome)).toEqual(['failed', 'ok']);
    expect(ends.map((end) => end.last)).toEqual([false, true]);
  }
});

test('an error event that opens a stream moves the call on; after content it ends the stream', async () => {
  const errorEvent = 'data: {"error":{"message":"overloaded"}}\n\n';
  const opens = answers(Buffer.concat([Buffer.from(STREAM_HEAD), httpChunk(errorEvent), Buffer.from(LAST_CHUNK)]));
  const moved = await behindRoute(opens, goodStream, true);
  expect(moved.text).toBe(DELTA + FINISH);
  const later: Answerer = (socket) => {
    socket.write(Buffer.concat([Buffer.from(STREAM_HEAD), httpChunk(DELTA)]));
    setTimeout(() => socket.write(Buffer.concat([httpChunk(errorEvent), Buffer.from(LAST_CHUNK)])), 30);
  };
  const ended = await behindRoute(later, goodStream, true);
  expect(ended.text).toBe(DELTA + errorEvent);
  expect(ended.ends.map((end) => end.outcome)).toEqual(['failed']);
});

test.each([
  ['a FIN', (socket) => void socket.end(Buffer.concat([Buffer.from(STREAM_HEAD), httpChunk(DELTA)]))],
  ['a clean end', answers(Buffer.concat([Buffer.from(STREAM_HEAD), httpChunk(DELTA), Buffer.from(LAST_CHUNK)]))],
  [
    'a reset',
    (socket) => {
      socket.write(Buffer.concat([Buffer.from(STREAM_HEAD), httpChunk(DELTA)]));
      setTimeout(() => socket.resetAndDestroy(), 30);
    },
  ],
] satisfies [string, Answerer][])(
  '%s in mid-stream ends in an error event, never in a made-up finish',
  async (_name, cut) => {
    const { response, text, ends } = await behindRoute(cut, goodStream, true);
    expect(response.status).toBe(200);
    expect(text.startsWith(DELTA)).toBe(true);
    expect(text).toContain('"code":"stream_truncated"');
    expect(text).not.toContain('[DONE]');
    expect(text).not.toContain('"finish_reason":"stop"');
    expect(ends).toMatchObject([{ outcome: 'truncated', errorCode: 'stream_truncated', clientStatus: 200 }]);
  },
);

test('a client error of the request goes nowhere else, byte for byte', async () => {
  const body = '{"error":{"message":"max_tokens is too large","type":"invalid_request_error"}}';
  const { response, text, ends } = await behindRoute(answers(answerBytes(400, 'application/json', body)), good);
  expect(response.status).toBe(400);
  expect(text).toBe(body);
  expect(ends).toHaveLength(1);
});

test('an error that quotes our credential is not handed on', async () => {
  const body = '{"error":{"message":"bad key sk-canary-upstream-0123456789"}}';
  await using upstream = await RawUpstream.start(answers(answerBytes(400, 'application/json', body)));
  await using gateway = await TestGateway.start({ upstreams: { up: upstream.baseUrl } });
  const response = await gateway.post('/v1/chat/completions', { model: 'up/a', messages: MESSAGES });
  expect(await response.text()).not.toContain('canary');
  expect(JSON.stringify(gateway.records)).not.toContain('canary');
});

test('silence before the head and silence inside a stream both end in time', async () => {
  await using upstream = await RawUpstream.start((socket, { body }) => {
    if (body.includes('"stream":true')) socket.write(Buffer.concat([Buffer.from(STREAM_HEAD), httpChunk(DELTA)]));
  });
  await using gateway = await TestGateway.start({
    upstreams: { up: upstream.baseUrl },
    timeouts: { firstByteMs: 60, idleMs: 80 },
  });
  const silent = await gateway.post('/v1/chat/completions', { model: 'up/a', messages: MESSAGES });
  expect(silent.status).toBe(504);
  const stalled = await gateway.post('/v1/chat/completions', { model: 'up/a', messages: MESSAGES, stream: true });
  expect(await stalled.text()).toContain('"code":"stream_truncated"');
  await until(() => upstream.sockets.size === 0, 'the silent upstream was not hung up on');
});

test('pings do not count as progress', async () => {
  await using upstream = await RawUpstream.start((socket) => {
    socket.write(Buffer.concat([Buffer.from(STREAM_HEAD), httpChunk(DELTA)]));
    const ping = setInterval(() => socket.write(httpChunk(': ping\n\n')), 10);
    socket.on('close', () => clearInterval(ping));
  });
  await using gateway = await TestGateway.start({ upstreams: { up: upstream.baseUrl }, timeouts: { idleMs: 100 } });
  const response = await gateway.post('/v1/chat/completions', { model: 'up/a', messages: MESSAGES, stream: true });
  expect(await response.text()).toContain('"error"');
});

test('a client that leaves cancels upstream within a second and is recorded once', async () => {
  await using upstream = await RawUpstream.start(
    (socket) => void socket.write(Buffer.concat([Buffer.from(STREAM_HEAD), httpChunk(DELTA)])),
  );
  await using gateway = await TestGateway.start({ upstreams: { up: upstream.baseUrl } });
  const abort = new AbortController();
  const response = await fetch(`${gateway.baseUrl}/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${gateway.key}` },
    body: JSON.stringify({ model: 'up/a', messages: MESSAGES, stream: true }),
    signal: abort.signal,
  });
  await response.body?.getReader().read();
  abort.abort();
  await until(() => upstream.sockets.size === 0, 'upstream was not cancelled', 1_000);
  expect(gateway.ends).toMatchObject([{ outcome: 'cancelled', errorCode: 'client_closed' }]);
});

test('the deadline a client announces ends its call', async () => {
  await using upstream = await RawUpstream.start(() => undefined);
  await using gateway = await TestGateway.start({ upstreams: { up: upstream.baseUrl } });
  const response = await gateway.post(
    '/v1/chat/completions',
    { model: 'up/a', messages: MESSAGES },
    { 'x-leeward-timeout-ms': '50' },
  );
  expect(response.status).toBe(504);
  expect(await response.json()).toMatchObject({ error: { code: 'upstream_timeout' } });
});

test('only what must change is changed in the request', async () => {
  await using upstream = await RawUpstream.start(goodStream);
  await using gateway = await TestGateway.start({ upstreams: { up: upstream.baseUrl } });
  const text =
    '{ "model" : "up/vendor/m" , "messages":[{"role":"user","content":"\\u00e9 \\"model\\": 1e400"}],"x_new":[1.0,1e2],"stream":true }';
  await (
    await gateway.post('/v1/chat/completions', text, {
      'x-client-request-id': 'mine',
      authorization: `Bearer ${gateway.key}`,
      cookie: 'a=b',
    })
  ).text();
  const [seen] = upstream.seen;
  expect(seen?.body).toBe(
    '{ "model" : "vendor/m" , "messages":[{"role":"user","content":"\\u00e9 \\"model\\": 1e400"}],"x_new":[1.0,1e2],"stream":true ,"stream_options":{"include_usage":true}}',
  );
  expect(seen?.head).toContain('accept-encoding: identity');
  expect(seen?.head).toContain('authorization: Bearer sk-canary-upstream-0123456789');
  expect(seen?.head).not.toMatch(/cookie|lw_/);
  expect(gateway.starts[0]).toMatchObject({ clientRequestId: 'mine', modelAsked: 'up/vendor/m', model: 'vendor/m' });
});
