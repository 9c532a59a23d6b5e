import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { TestGateway } from '../../../test/support/gateway.ts';
import { httpChunk, LAST_CHUNK, RawUpstream, STREAM_HEAD } from '../../../test/support/raw-upstream.ts';
import { responsesProvider } from '../../../test/support/responses-provider.ts';
import { systemClock } from '../../kernel/clock.ts';
import { GatewayError } from '../../kernel/errors.ts';
import { IdMaker } from '../../kernel/ids.ts';
import { systemRandom } from '../../kernel/random.ts';
import { RouteTable } from '../http/routes.ts';
import { HttpServer } from '../http/server.ts';
import { openAiResponses } from './dialects.ts';
import { eventText } from './errors.ts';
import { SOCKET_LIMITS, type SocketLimits } from './socket-limits.ts';
import { responsesSocketRoute } from './socket-route.ts';

/** One connection against limits that a test can wait for. */

const ANSWER = { id: 'resp_1', object: 'response', created_at: 7, model: 'm', output: [] };
const PIECE = 'x'.repeat(64 * 1024);
const PIECES = 400;

let upstream: RawUpstream;
let gateway: TestGateway;
let server: HttpServer;
let port = 0;
let keyIsGood = true;
/** What the provider's socket has taken from its writer. */
let written = 0;

beforeEach(async () => {
  keyIsGood = true;
  written = 0;
  upstream = await RawUpstream.start(async (socket, { body }) => {
    const long = body.includes('"long"');
    socket.write(STREAM_HEAD);
    socket.write(httpChunk(eventText({ type: 'response.created', response: { ...ANSWER, status: 'in_progress' } })));
    for (let at = 0; long && at < PIECES && !socket.destroyed; at++) {
      const went = socket.write(httpChunk(eventText({ type: 'response.output_text.delta', delta: PIECE })));
      written++;
      if (!went) await new Promise((resolve) => socket.once('drain', resolve).once('close', resolve));
    }
    if (body.includes('"slow"')) await new Promise((resolve) => setTimeout(resolve, 400));
    socket.write(httpChunk(eventText({ type: 'response.completed', response: { ...ANSWER, status: 'completed' } })));
    socket.write(LAST_CHUNK);
  });
  gateway = await TestGateway.start({ upstreams: {}, providers: [responsesProvider('gpt', upstream.baseUrl)] });
});

afterEach(async () => {
  await server.close();
  expect(gateway.plane.bodies.inFlightBytes).toBe(0);
  expect(gateway.plane.exchanges.running).toBe(0);
  await gateway[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
});

async function serve(limits: Partial<SocketLimits> = {}): Promise<void> {
  const { bodies, exchanges } = gateway.plane;
  const parts = { bodies, exchanges, versions: () => ({ config: 'test', prices: 'test' }) };
  server = new HttpServer({
    clock: systemClock,
    ids: new IdMaker(systemClock, systemRandom()),
    routes: new RouteTable([responsesSocketRoute(parts, { ...SOCKET_LIMITS, ...limits })]),
    allowedHosts: undefined,
    authorise: () => {
      if (keyIsGood) return { organisation: 'org', project: 'project', keyId: 'key_test' };
      throw new GatewayError('unauthenticated', { message: 'The key is revoked.' });
    },
    onUnexpected: (error) => {
      throw error;
    },
    onRefused: () => undefined,
    voiceOf: () => openAiResponses,
  });
  port = await server.listen('127.0.0.1', 0);
}

type Event = Readonly<Record<string, unknown>> & { readonly type: string };

async function connected(options: object = {}) {
  const ws = new WebSocket(`ws://127.0.0.1:${port}/v1/responses`, options);
  const events: Event[] = [];
  const closed = new Promise<number>((resolve) => ws.on('close', resolve));
  let refused = 0;
  ws.on('message', (data) => events.push(JSON.parse(String(data)) as Event));
  ws.on('error', () => undefined);
  await new Promise<void>((resolve) => {
    ws.once('open', resolve);
    ws.on('unexpected-response', (request, response) => {
      refused = response.statusCode ?? 0;
      request.destroy();
      resolve();
    });
  });
  const until = async (type: string) => {
    const endMs = performance.now() + 10_000;
    for (;;) {
      const found = events.find((event) => event.type === type);
      if (found !== undefined) return found;
      if (performance.now() > endMs) throw new Error(`no ${type}: ${JSON.stringify(events).slice(0, 500)}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  const ask = (input: string) => ws.send(JSON.stringify({ type: 'response.create', model: 'gpt/m', input }));
  return { ws, events, closed, until, ask, refused: () => refused };
}

test('at the end of its life a connection says so, once the answer under way is whole', async () => {
  await serve({ lifetimeMs: 100 });
  const one = await connected();
  one.ask('slow');
  expect(await one.closed).toBe(1001);
  expect(one.events.map(({ type }) => type)).toEqual([
    'leeward.headers',
    'response.created',
    'response.completed',
    'error',
  ]);
  expect(one.events.at(-1)).toMatchObject({ status: 400, error: { code: 'websocket_connection_limit_reached' } });
});

test('an idle connection is closed, and one that answers no ping is cut', async () => {
  await serve({ idleMs: 100 });
  const idle = await connected();
  expect(await idle.closed).toBe(1001);
  await server.close();
  await serve({ pingMs: 60 });
  const dead = await connected({ autoPong: false });
  const alive = await connected();
  expect(await dead.closed).toBe(1006);
  expect(alive.ws.readyState).toBe(WebSocket.OPEN);
  alive.ws.close();
  await alive.closed;
});

test('no more connections stand than may, and each message asks for its key anew', async () => {
  await serve({ connectionsMax: 1 });
  const one = await connected();
  expect((await connected()).refused()).toBe(503);
  keyIsGood = false;
  one.ask('short');
  expect(await one.until('error')).toMatchObject({ status: 401, error: { code: 'unauthenticated' } });
  one.ws.close();
  await one.closed;
});

test('a page without a key opens none, whatever the gateway asks of others', async () => {
  await serve();
  expect((await connected({ origin: 'https://site.example' })).refused()).toBe(403);
  const keyed = await connected({ origin: 'https://site.example', headers: { authorization: 'Bearer sk-x' } });
  expect(keyed.refused()).toBe(0);
  keyed.ws.close();
  await keyed.closed;
});

test('a client that does not read holds its provider up, and gets all of it once it reads', {
  timeout: 30_000,
}, async () => {
  await serve();
  const slow = await connected();
  slow.ask('long');
  await slow.until('response.created');
  slow.ws.pause();
  await new Promise((resolve) => setTimeout(resolve, 800));
  const held = written;
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(written).toBe(held);
  expect(held).toBeLessThan(PIECES);
  slow.ws.resume();
  await slow.until('response.completed');
  expect(slow.events.filter(({ type }) => type === 'response.output_text.delta')).toHaveLength(PIECES);
  slow.ws.close();
  await slow.closed;
});
