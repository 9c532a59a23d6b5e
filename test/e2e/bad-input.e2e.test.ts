import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AdminApi } from '../../src/admin/admin-api.ts';
import { healthRoutes, metricsRoute } from '../../src/admin/operations.ts';
import { pageRoutes } from '../../src/admin/page-routes.ts';
import { schemaRoutes } from '../../src/compose/schema-route.ts';
import { TestGateway } from '../support/gateway.ts';
import { answerBytes, RawUpstream } from '../support/raw-upstream.ts';
import { bodyOf, RawClient, requestText, statusOf } from './raw-client.ts';
import { ServedGateway } from './served-gateway.ts';

const CHAT = '/v1/chat/completions';
const OK_BODY =
  '{"id":"x","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":4,"completion_tokens":2,"total_tokens":6}}';
const HELLO = '{"model":"up/m","messages":[{"role":"user","content":"hello"}]}';

let upstream: RawUpstream;
let gateway: ServedGateway;

beforeAll(async () => {
  upstream = await RawUpstream.start((socket) => void socket.write(answerBytes(200, 'application/json', OK_BODY)));
  gateway = await ServedGateway.start({
    config: `providers: { up: { preset: openai-compatible, base_url: "${upstream.baseUrl}" } }\n`,
  });
});

afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
  const failures = gateway.logs().filter((line) => line['level'] === 'error' || line['level'] === 'fatal');
  // Nothing a stranger sends is an event that nobody expected.
  expect(failures).toEqual([]);
});

interface ErrorJson {
  readonly error: { readonly message: string; readonly code: string; readonly param: string | null };
}

async function refused(response: Response): Promise<ErrorJson['error'] & { status: number }> {
  const { error } = (await response.json()) as ErrorJson;
  return { ...error, status: response.status };
}

/** Raw headers that make a request a good one but for what the test is about. */
function good(extra: Record<string, string> = {}): Record<string, string> {
  return { host: `127.0.0.1:${gateway.port}`, authorization: `Bearer ${gateway.key}`, ...extra };
}

async function stillServes(): Promise<void> {
  expect((await gateway.post(CHAT, HELLO)).status).toBe(200);
}

describe('bodies that are no JSON', () => {
  test.each([
    ['a comma too many', '{"model":"up/m","messages":[{"content":"CANARY-PROMPT"},]}', 'line 1, column 57'],
    [
      'a broken word',
      '{"model":"up/m",\n "messages":[{"content":"CANARY-PROMPT"}],\n "stream":tru}',
      'line 3, column 14',
    ],
    ['a text without its end', '{"model":"up/m","messages":[{"content":"CANARY-PROMPT', 'line 1, column 54'],
    ['quotes of the wrong kind', "{'model':'up/m','messages':'CANARY-PROMPT'}", 'line 1, column 2'],
    ['a second value', `${HELLO}CANARY-PROMPT`, 'line 1, column 64'],
    ['a byte 0 in a text', '{"model":"up/m","messages":[{"content":"CANARY-PROMPT\u0000"}]}', 'line 1, column 54'],
    ['NaN', '{"model":"up/m","messages":[{"content":"CANARY-PROMPT"}],"x":NaN}', 'line 1, column 62'],
  ])('%s: the message says where, and quotes nothing', async (_name, body, where) => {
    const error = await refused(await gateway.post(CHAT, body));
    expect(error).toMatchObject({ status: 400, code: 'invalid_request' });
    expect(error.message).toContain(where);
    expect(error.message).not.toContain('CANARY');
  });

  test('nothing at all, and bytes that are no UTF-8, are said to be so', async () => {
    expect((await refused(await gateway.post(CHAT, ''))).message).toContain('empty');
    const body = Buffer.concat([
      Buffer.from('{"model":"up/m","messages":["'),
      Buffer.from([0xc3, 0x28]),
      Buffer.from('"]}'),
    ]);
    const response = await gateway.request(CHAT, { method: 'POST', body });
    expect(await refused(response)).toMatchObject({ status: 400, message: expect.stringContaining('UTF-8') });
  });
});

describe('fields of the wrong kind', () => {
  test.each([
    ['[]', null],
    ['null', null],
    ['"text"', null],
    ['1', null],
    ['{}', 'model'],
    ['{"model":5,"messages":[]}', 'model'],
    ['{"model":"","messages":[]}', 'model'],
    ['{"model":null,"messages":[]}', 'model'],
    ['{"__proto__":{"model":"up/m","messages":[]}}', 'model'],
    ['{"model":"up/m"}', 'messages'],
    ['{"model":"up/m","messages":"hello"}', 'messages'],
    ['{"model":"up/m","messages":{}}', 'messages'],
    ['{"model":"up/m","messages":[],"stream":"yes"}', 'stream'],
    ['{"model":"up/m","messages":[],"stream":1}', 'stream'],
  ])('%s is a 400 that names %s', async (body, param) => {
    expect(await refused(await gateway.post(CHAT, body))).toMatchObject({
      status: 400,
      code: 'invalid_request',
      param,
    });
  });

  test('each endpoint asks for its own field', async () => {
    expect(await refused(await gateway.post('/v1/completions', '{"model":"up/m"}'))).toMatchObject({ param: 'prompt' });
    expect(await refused(await gateway.post('/v1/embeddings', '{"model":"up/m"}'))).toMatchObject({ param: 'input' });
  });

  test('a key that stands twice is refused at the top, where the gateway obeys it, and left alone inside', async () => {
    const twice = await refused(await gateway.post(CHAT, '{"model":"up/a","messages":[],"model":"up/b"}'));
    expect(twice).toMatchObject({ status: 400, param: 'model' });
    const escaped = await refused(await gateway.post(CHAT, '{"model":"up/a","messages":[],"mod\\u0065l":"up/b"}'));
    expect(escaped).toMatchObject({ status: 400, param: 'model' });
    const inside = '{"model":"m","messages":[{"role":"user","role":"user","content":"hello"}]}';
    await gateway.post(CHAT, inside.replace('"m"', '"up/m"'));
    expect(upstream.seen.at(-1)?.body).toBe(inside);
  });

  test('headers that are asked for wrongly are refused by name', async () => {
    for (const [name, value] of [
      ['x-leeward-timeout-ms', '-5'],
      ['x-leeward-timeout-ms', '1e9'],
      ['x-leeward-max-retries', 'many'],
      ['x-leeward-metadata', '{"a":{"b":1}}'],
      ['x-leeward-metadata', '{"__proto__":{"b":1}}'],
      ['x-leeward-metadata', 'not json'],
      ['x-leeward-task', 'x'.repeat(300)],
    ] as const) {
      expect(await refused(await gateway.post(CHAT, HELLO, { [name]: value }))).toMatchObject({
        status: 400,
        param: name,
      });
    }
  });
});

describe('values that are odd but allowed travel as they came', () => {
  test.each([
    [
      '__proto__ and constructor',
      '"__proto__":{"polluted":true,"stream":true},"constructor":{"prototype":{"polluted":true}}',
    ],
    [
      'numbers beyond a double',
      '"temperature":1e999,"max_tokens":1e999,"big":123456789012345678901234567890,"minus":-0',
    ],
    ['half a surrogate pair', '"user":"\\ud800","stop":"\\udfff"'],
    ['an escaped NUL', '"user":"a\\u0000b"'],
    ['an option of the wrong kind that is the provider’s business', '"stream_options":7,"temperature":"hot"'],
  ])('%s', async (_name, fields) => {
    const rest = `"messages":[{"role":"user","content":"\\ud800 \\u0000 é"}],${fields}}`;
    const response = await gateway.post(CHAT, `{"model":"up/m",${rest}`);
    expect(response.status).toBe(200);
    expect(upstream.seen.at(-1)?.body).toBe(`{"model":"m",${rest}`);
    expect(await response.text()).toBe(OK_BODY);
    await gateway.call(response.headers.get('x-leeward-request-id'));
  });

  test('a polluted prototype would show in the next request: it does not', async () => {
    await gateway.post(CHAT, HELLO.replace('{', '{"__proto__":{"stream":true,"user":"polluted"},'));
    const response = await gateway.post(CHAT, HELLO, { 'x-leeward-metadata': '{"__proto__":"flat"}' });
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await gateway.call(response.headers.get('x-leeward-request-id'))).toMatchObject({
      stream: false,
      end_user: null,
    });
  });

  test.each(['\\ud800', '\\u0000', '\\r\\nx-injected: 1', 'ü', '../../admin', 'a b'])(
    'the model name %s reaches the provider as it is and injects nothing',
    async (model) => {
      const response = await gateway.post(CHAT, HELLO.replace('up/m', `up/${model}`));
      expect(response.status).toBe(200);
      expect(response.headers.has('x-injected')).toBe(false);
      expect(JSON.parse(upstream.seen.at(-1)?.body ?? '')).toHaveProperty('model', JSON.parse(`"${model}"`));
      expect(upstream.seen.at(-1)?.head).toMatch(/^POST \/v1\/chat\/completions /);
    },
  );
});

describe('sizes', () => {
  test('a body announced as too large is refused before it is read', async () => {
    await using client = await RawClient.open(gateway.port);
    const length = 1 << 30;
    client.socket.write(requestText(`POST ${CHAT} HTTP/1.1`, good({ 'content-length': String(length) })));
    const accepted = await pushUntilAnswered(client, Buffer.alloc(1 << 16, 0x20));
    expect(statusOf(client.received)).toBe(413);
    expect(JSON.parse(bodyOf(client.received))).toMatchObject({ error: { code: 'payload_too_large' } });
    expect(client.received).toMatch(/connection: close/i);
    expect(accepted).toBeLessThan(8 << 20);
    await client.untilClosed();
  });

  test('a body of unknown length is refused as soon as it has become too large', async () => {
    await using client = await RawClient.open(gateway.port);
    client.socket.write(requestText(`POST ${CHAT} HTTP/1.1`, good({ 'transfer-encoding': 'chunked' })));
    const chunk = Buffer.concat([Buffer.from('10000\r\n'), Buffer.alloc(1 << 16, 0x20), Buffer.from('\r\n')]);
    const accepted = await pushUntilAnswered(client, chunk);
    expect(statusOf(client.received)).toBe(413);
    expect(accepted).toBeGreaterThan(20 << 20);
    expect(accepted).toBeLessThan(32 << 20);
    await client.untilClosed();
  });

  test('an SDK that sends 21 MiB gets to read the 413', async () => {
    const response = await gateway.post(CHAT, HELLO.replace('hello', 'x'.repeat(21 << 20)));
    expect(await refused(response)).toMatchObject({ status: 413, code: 'payload_too_large' });
    await stillServes();
  });

  test('a million bytes of headers are a 431, and the process lives', async () => {
    const head = requestText(`GET /v1/models HTTP/1.1`, good({ 'x-long': 'x'.repeat(1_000_000) }));
    expect(statusOf(await RawClient.ask(gateway.port, head))).toBe(431);
    const many = Object.fromEntries(Array.from({ length: 50_000 }, (_, index) => [`x-${index}`, 'x'.repeat(10)]));
    expect(statusOf(await RawClient.ask(gateway.port, requestText('GET /v1/models HTTP/1.1', good(many))))).toBe(431);
    await stillServes();
  });

  test('a million levels are refused in bounded time', async () => {
    const startedMs = performance.now();
    const deep = `{"model":"up/m","messages":[${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}]}`;
    const error = await refused(await gateway.post(CHAT, deep));
    expect(error).toMatchObject({ status: 400, message: expect.stringContaining('nested deeper') });
    const open = await refused(await gateway.post(CHAT, `{"model":${'{"a":'.repeat(1_000_000)}`));
    expect(open.status).toBe(400);
    expect(performance.now() - startedMs).toBeLessThan(3_000);
  });

  test('a million keys are refused in bounded time; what is merely large is forwarded', async () => {
    const keys = (count: number) => Array.from({ length: count }, (_, index) => `"k${index}":0`).join(',');
    const startedMs = performance.now();
    const error = await refused(await gateway.post(CHAT, HELLO.replace('{', `{${keys(1_000_000)},`)));
    expect(error).toMatchObject({ status: 400, message: expect.stringContaining('keys') });
    const large = keys(50_000);
    const response = await gateway.post(CHAT, HELLO.replace('{', `{${large},`));
    expect(response.status).toBe(200);
    expect(upstream.seen.at(-1)?.body.length).toBe(large.length + HELLO.length + 1 - 'up/'.length);
    expect(performance.now() - startedMs).toBeLessThan(4_000);
  });
});

/** Writes until an answer begins; the bytes the other side's kernel has taken. */
async function pushUntilAnswered(client: RawClient, chunk: Buffer): Promise<number> {
  const { socket } = client;
  const endMs = performance.now() + 5_000;
  const answered = new Promise((done) => socket.once('data', done));
  while (client.received === '' && !socket.destroyed && performance.now() < endMs) {
    if (!socket.write(chunk)) {
      await Promise.race([new Promise((done) => socket.once('drain', done)), answered, client.closed]);
    }
    await new Promise((done) => setImmediate(done));
  }
  return socket.bytesWritten - socket.writableLength;
}

/** In the words of those who call a path. */
function strangersError(path: string): object {
  if (path.startsWith('/v1/messages')) return { error: { type: 'authentication_error' } };
  const google = { error: { code: 401, status: 'UNAUTHENTICATED' } };
  if (path.endsWith(':streamGenerateContent')) return [google];
  return path.startsWith('/v1beta/') || path.includes(':') ? google : { error: { code: 'unauthenticated' } };
}

describe('who may', () => {
  test('a key is taken from any of the three headers, and from nowhere else', async () => {
    for (const header of ['x-api-key', 'x-goog-api-key']) {
      const response = await fetch(`${gateway.url}/v1/models`, { headers: { [header]: gateway.key } });
      expect(response.status, header).toBe(200);
    }
    for (const authorization of [`bearer ${gateway.key}`, `BEARER   ${gateway.key}`]) {
      expect((await fetch(`${gateway.url}/v1/models`, { headers: { authorization } })).status).toBe(200);
    }
    for (const authorization of [`Basic ${gateway.key}`, gateway.key, 'Bearer', 'Bearer lw_', '']) {
      const response = await fetch(`${gateway.url}/v1/models`, { headers: { authorization } });
      expect(response.status, authorization).toBe(401);
      expect(response.headers.get('www-authenticate')).toBe('Bearer');
    }
    expect((await fetch(`${gateway.url}/v1/models?key=${gateway.key}&api_key=${gateway.key}`)).status).toBe(401);
    expect((await fetch(`${gateway.url}/v1/models`, { headers: { cookie: `key=${gateway.key}` } })).status).toBe(401);
    const twoKeys = { authorization: 'Bearer lw_wrong', 'x-api-key': gateway.key };
    expect((await fetch(`${gateway.url}/v1/models`, { headers: twoKeys })).status).toBe(401);
  });

  test('a revoked key, and with it its sub-key, is refused from the next request on', async () => {
    const parent = await gateway.newKey({ name: 'parent' });
    const child = await gateway.newKey({ name: 'child', parent: parent.id });
    const models = (key: string) => fetch(`${gateway.url}/v1/models`, { headers: { 'x-api-key': key } });
    expect((await models(parent.key)).status).toBe(200);
    expect((await models(child.key)).status).toBe(200);
    expect((await gateway.admin('POST', `/admin/keys/${parent.id}/revoke`)).status).toBe(200);
    expect(await refused(await models(parent.key))).toMatchObject({
      status: 401,
      message: expect.stringContaining('revoked'),
    });
    expect((await models(child.key)).status).toBe(401);
    await stillServes();
  });

  test('an expired key is refused from that instant on, and the message says since when', async () => {
    const expiresAt = new Date(Date.now() + 400).toISOString();
    const { key } = await gateway.newKey({ name: 'short', expires_at: expiresAt });
    const models = () => fetch(`${gateway.url}/v1/models`, { headers: { 'x-api-key': key } });
    expect((await models()).status).toBe(200);
    await new Promise((done) => setTimeout(done, 420));
    expect(await refused(await models())).toMatchObject({ status: 401, message: expect.stringContaining(expiresAt) });
  });

  test('without a key every route of the table is closed, but for health, the schemas and the page’s own paths', async () => {
    await using plane = await TestGateway.start({ upstreams: {} });
    const unused = () => {
      throw new Error('only the paths are looked at');
    };
    const routes = [
      ...plane.plane.routes.routes,
      ...healthRoutes(unused),
      metricsRoute(unused),
      ...new AdminApi(unused).routes(),
      ...pageRoutes(unused),
      ...schemaRoutes(),
    ];
    expect(routes.length).toBeGreaterThan(10);
    const open: string[] = [];
    for (const { method, path } of routes) {
      const target = path.replace(/\{.*?\}/, 'call_x');
      const send = (headers: Record<string, string>) =>
        fetch(gateway.url + target, { method, headers, redirect: 'manual' });
      const response = await send({});
      if (response.status !== 401) open.push(`${response.status} ${method === 'HEAD' ? 'HEAD ' : ''}${path}`);
      const text = await response.text();
      if (text.startsWith('{') && response.status === 401) {
        expect(JSON.parse(text)).toMatchObject(strangersError(path));
      }
      if (path.startsWith('/admin')) expect((await send({ 'x-api-key': gateway.key })).status, path).toBe(401);
      if (path.startsWith('/v1')) {
        expect((await send({ authorization: `Bearer ${gateway.adminToken}` })).status, path).toBe(401);
      }
    }
    // Script, style and schemas hold nothing of this gateway; `/` and `/page/live` ask for a session, HEAD is told that somebody is there.
    expect(open.sort()).toEqual([
      '200 /healthz',
      '200 /page.css',
      '200 /page.js',
      '200 /readyz',
      '200 /schemas/config.v1.json',
      '200 /schemas/traffic.v1.json',
      '200 /schemas/weather.v1.json',
      '200 HEAD /',
    ]);
    expect((await gateway.request('/metrics')).status).toBe(403);
  });

  test('what does not exist is a 404 for a caller and a 401 for a stranger', async () => {
    for (const path of ['/v1/nothing', '/v2/chat/completions', '/admin', '/v1/calls/', '/v1/calls/a/b']) {
      expect((await fetch(gateway.url + path)).status, path).toBe(401);
      expect(await refused(await gateway.request(path))).toMatchObject({ status: 404, code: 'not_found' });
    }
    // Who may not look at what is there does not learn either what is not.
    expect((await gateway.request('/admin/key')).status).toBe(401);
    expect((await gateway.admin('GET', '/admin/key')).status).toBe(404);
    const wrongMethod = await refused(await gateway.request(CHAT));
    expect(wrongMethod.message).toContain('another method');
  });
});

describe('names and paths', () => {
  test.each([
    ['evil.example', 403],
    ['127.0.0.1.evil.example', 403],
    ['localhost.evil.example:80', 403],
    ['evil.example:127.0.0.1', 403],
    ['', 403],
    ['localhost', 200],
    ['LOCALHOST:1', 200],
    ['[::1]:5339', 200],
  ])('the Host %j is a %i', async (host, status) => {
    const answer = await RawClient.ask(gateway.port, requestText('GET /v1/models HTTP/1.1', good({ host })));
    expect(statusOf(answer)).toBe(status);
  });

  test.each(['healthz', 'readyz', '', 'page.js'])('a foreign Host is refused on /%s too', async (path) => {
    const head = requestText(`GET /${path} HTTP/1.1`, { host: 'evil.example' });
    expect(statusOf(await RawClient.ask(gateway.port, head))).toBe(403);
  });

  test.each([
    '//v1/models',
    '/v1//models',
    '/v1/models/',
    '/V1/models',
    '/v1/../admin/keys',
    '/v1/%2e%2e/admin/keys',
    '/v1/..%2fadmin/keys',
    '/%76%31/models',
    '/admin%2fkeys',
    '/admin/keys;x=1',
    '/admin/keys#',
    '/admin/keys/%2e%2e/revoke',
    '/v1/calls/..%2f..%2fadmin',
    '/v1/calls/a%00b',
    '\\v1\\models',
    '*',
    'http://127.0.0.1/v1/models',
    'http://evil.example/admin/keys',
    'file:///etc/passwd',
  ])('the path %s is nobody’s', async (path) => {
    for (const [headers, wanted] of [
      [{ host: 'localhost' }, [400, 401]],
      // A key for calls is a stranger below /admin/, where what does not exist is guarded like what does.
      [good(), path.startsWith('/admin/') ? [400, 401] : [400, 404]],
    ] as const) {
      const answer = await RawClient.ask(gateway.port, requestText(`GET ${path} HTTP/1.1`, headers));
      expect(wanted).toContain(statusOf(answer));
    }
  });

  test('a query does not change which route it is', async () => {
    expect((await gateway.request('/v1/models?x=/admin/keys&y=%00')).status).toBe(200);
  });
});

describe('HTTP itself', () => {
  const chunked = (body: string) => `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;

  test.each([
    ['a bare CR in a header', { 'x-leeward-task': 'a\rx-injected: 1' }, ''],
    ['a bare LF in a header', { 'x-leeward-task': 'a\nx injected: 1' }, ''],
    ['a NUL in a header', { 'x-leeward-task': 'a\0b' }, ''],
    ['a folded header', { 'x-leeward-task': 'a\r\n b' }, ''],
    ['a space before the colon', { 'x-leeward-task ': 'a' }, ''],
    ['both lengths', { 'content-length': '5', 'transfer-encoding': 'chunked' }, chunked(HELLO)],
    ['two lengths', { 'content-length': '5', 'Content-Length': '6' }, HELLO],
    ['a length that is no number', { 'content-length': '+5' }, HELLO],
    ['a negative length', { 'content-length': '-5' }, HELLO],
    ['chunked that is not last', { 'transfer-encoding': 'chunked, identity' }, chunked(HELLO)],
    ['a chunk size that is none', { 'transfer-encoding': 'chunked' }, `zz\r\n${HELLO}\r\n0\r\n\r\n`],
  ] as [string, Record<string, string>, string][])(
    '%s is a 400 and nothing behind it is read as a request',
    async (_name, headers, body) => {
      const seen = upstream.seen.length;
      const smuggled = requestText('GET /v1/models HTTP/1.1', good());
      const text =
        requestText(`POST ${CHAT} HTTP/1.1`, good({ connection: 'keep-alive', ...headers })) + body + smuggled;
      const answer = await RawClient.ask(gateway.port, text);
      expect(statusOf(answer)).toBe(400);
      expect(answer.match(/^HTTP\/1\.1 /gm)).toHaveLength(1);
      expect(answer).not.toContain('x-injected');
      expect(upstream.seen.length).toBe(seen);
    },
  );

  test.each([
    ['a TLS hello', Buffer.from('16030100a5010000a10303', 'hex')],
    ['another protocol', 'SSH-2.0-OpenSSH_9.6\r\n\r\n'],
    ['HTTP/2 in the clear', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['an unknown method', 'BREW /pot HTTP/1.1\r\nhost: localhost\r\n\r\n'],
    ['no Host', 'GET /v1/models HTTP/1.1\r\n\r\n'],
  ])('%s is a 400, and the connection is closed', async (_name, bytes) => {
    expect(statusOf(await RawClient.ask(gateway.port, bytes))).toBe(400);
  });

  test('a client that sends nonsense and stays is hung up on', async () => {
    await using client = await RawClient.open(gateway.port);
    client.socket.write('nonsense\r\n\r\n');
    await client.until(/^HTTP\/1\.1 400/);
    // The client's own end stays open; only the gateway can end it.
    const endMs = performance.now() + 4_000;
    while (!client.socket.destroyed && performance.now() < endMs) {
      client.socket.write('more\r\n');
      await new Promise((done) => setTimeout(done, 50));
    }
    expect(client.socket.destroyed).toBe(true);
  });

  test('a chunked body is as good as one with a length', async () => {
    const text = requestText(`POST ${CHAT} HTTP/1.1`, good({ 'transfer-encoding': 'chunked' })) + chunked(HELLO);
    expect(statusOf(await RawClient.ask(gateway.port, text))).toBe(200);
  });

  test('pipelined requests are answered in their order, each with its own right', async () => {
    const keepAlive = { connection: 'keep-alive', 'content-length': String(HELLO.length) };
    const text =
      requestText(`POST ${CHAT} HTTP/1.1`, good(keepAlive)) +
      HELLO +
      requestText('GET /v1/models HTTP/1.1', { host: 'localhost', connection: 'keep-alive' }) +
      requestText('GET /healthz HTTP/1.1', { host: 'localhost' });
    const answer = await RawClient.ask(gateway.port, text);
    expect([...answer.matchAll(/HTTP\/1\.1 (\d+)/g)].map((match) => match[1])).toEqual(['200', '401', '200']);
  });

  test('Expect: 100-continue is answered before the body, with the refusal where there is one', async () => {
    const expecting = (extra: Record<string, string>) =>
      requestText(`POST ${CHAT} HTTP/1.1`, good({ expect: '100-continue', ...extra }));
    await using client = await RawClient.open(gateway.port);
    client.socket.write(expecting({ 'content-length': String(HELLO.length) }));
    await client.until(/^HTTP\/1\.1 100 Continue\r\n\r\n/);
    client.socket.write(HELLO);
    await client.untilClosed();
    expect(client.received).toMatch(/\r\n\r\nHTTP\/1\.1 200 OK\r\n/);

    const tooLarge = await RawClient.ask(gateway.port, expecting({ 'content-length': String(1 << 30) }));
    expect(statusOf(tooLarge)).toBe(413);
    const stranger = await RawClient.ask(
      gateway.port,
      expecting({ authorization: 'Bearer no', 'content-length': '9' }),
    );
    expect(statusOf(stranger)).toBe(401);
  });

  test('HEAD is GET without a body', async () => {
    for (const path of ['/healthz', '/v1/models']) {
      const answer = await RawClient.ask(gateway.port, requestText(`HEAD ${path} HTTP/1.1`, good()));
      expect(statusOf(answer)).toBe(200);
      expect(answer).toMatch(/content-length: [1-9]/);
      expect(bodyOf(answer)).toBe('');
    }
    const stranger = await RawClient.ask(gateway.port, requestText('HEAD /v1/models HTTP/1.1', { host: 'localhost' }));
    expect(statusOf(stranger)).toBe(401);
    expect(bodyOf(stranger)).toBe('');
  });

  test('OPTIONS opens nothing: there is no CORS, so no web page can use a key it has found', async () => {
    const preflight = { origin: 'https://evil.example', 'access-control-request-method': 'POST' };
    const response = await fetch(gateway.url + CHAT, { method: 'OPTIONS', headers: preflight });
    expect(response.status).toBe(401);
    const posted = await gateway.post(CHAT, HELLO, { origin: 'https://evil.example' });
    for (const { headers } of [response, posted]) {
      expect([...headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
    }
  });

  test('HTTP/1.0 is answered without chunks, and needs no Host', async () => {
    const body = HELLO.replace('up/m', 'sim/sim-small').replace('{', '{"stream":true,');
    const streamed = requestText(`POST ${CHAT} HTTP/1.0`, good(), body);
    const answer = await RawClient.ask(gateway.port, streamed);
    expect(statusOf(answer)).toBe(200);
    expect(answer).not.toMatch(/transfer-encoding/i);
    expect(bodyOf(answer)).toMatch(/^data: \{[\s\S]*data: \[DONE\]\n\n$/);
    expect(statusOf(await RawClient.ask(gateway.port, 'GET /healthz HTTP/1.0\r\n\r\n'))).toBe(200);
  });

  test.each([
    ['small', 5_000],
    ['large enough for a file', 3 << 20],
  ])('a client that leaves in the middle of a %s upload leaves nothing behind', async (_name, length) => {
    const refusedBefore = await gateway.metric('leeward_refused_total{code="client_closed"}');
    const client = await RawClient.open(gateway.port);
    client.socket.write(requestText(`POST ${CHAT} HTTP/1.1`, good({ 'content-length': String(length) })));
    client.socket.write('{"model":');
    await new Promise((done) => setTimeout(done, 50));
    await client[Symbol.asyncDispose]();
    await expect.poll(() => gateway.metric('leeward_refused_total{code="client_closed"}')).toBe(refusedBefore + 1);
    expect(await gateway.metric('leeward_body_bytes_in_flight')).toBe(0);
    expect(await gateway.metric('leeward_refused_total{code="internal"}')).toBe(0);
  });
});
