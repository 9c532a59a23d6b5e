import { setTimeout as wait } from 'node:timers/promises';
import OpenAI from 'openai';
import { expect, test } from 'vitest';
import { TestGateway } from '../support/gateway.ts';
import {
  type Answerer,
  answerBytes,
  httpChunk,
  LAST_CHUNK,
  RawUpstream,
  STREAM_HEAD,
} from '../support/raw-upstream.ts';

/** What a streaming client sees of a provider that keeps silent, and what is counted when the gateway takes another way. */

const DELTA = 'data: {"choices":[{"index":0,"delta":{"content":"hi"},"finish_reason":null}]}\n\n';
const FINISH = 'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n';
const SILENCE_MS = 450;
const PING_MS = 100;
const body = (model: string, stream = true) => ({ model, stream, messages: [{ role: 'user', content: 'hello' }] });

/** Says half of an event, and the rest after a while. */
const haltingStream: Answerer = async (socket) => {
  socket.write(Buffer.concat([Buffer.from(STREAM_HEAD), httpChunk(DELTA), httpChunk(FINISH.slice(0, 20))]));
  await wait(SILENCE_MS);
  socket.write(Buffer.concat([httpChunk(FINISH.slice(20)), Buffer.from(LAST_CHUNK)]));
};
const stream: Answerer = (socket) =>
  void socket.write(
    Buffer.concat([Buffer.from(STREAM_HEAD), httpChunk(DELTA), httpChunk(FINISH), Buffer.from(LAST_CHUNK)]),
  );

async function served(
  answers: Readonly<Record<string, Answerer>>,
  options: Partial<Parameters<typeof TestGateway.start>[0]>,
) {
  const upstreams = await Promise.all(
    Object.entries(answers).map(async ([name, answer]) => [name, await RawUpstream.start(answer)] as const),
  );
  const gateway = await TestGateway.start({
    upstreams: Object.fromEntries(upstreams.map(([name, upstream]) => [name, upstream.baseUrl])),
    ...options,
  });
  return {
    gateway,
    async [Symbol.asyncDispose](): Promise<void> {
      await gateway[Symbol.asyncDispose]();
      for (const [, upstream] of upstreams) await upstream[Symbol.asyncDispose]();
    },
  };
}

const pingsIn = (text: string) => text.split(': ping\n\n').length - 1;

test('a stream that falls silent in the middle of an event is pinged, between whole events', async () => {
  await using house = await served({ up: haltingStream }, { pingMs: PING_MS });
  const text = await (await house.gateway.post('/v1/chat/completions', body('up/m'))).text();
  expect(pingsIn(text)).toBeGreaterThanOrEqual(2);
  expect(text.replaceAll(': ping\n\n', '')).toBe(DELTA + FINISH);
  expect(text.startsWith(`${DELTA}: ping\n\n`)).toBe(true);
  expect(text.endsWith(FINISH)).toBe(true);
});

test('the real client reads over pings', async () => {
  await using house = await served({ up: haltingStream }, { pingMs: PING_MS });
  const client = new OpenAI({ apiKey: house.gateway.key, baseURL: house.gateway.baseUrl });
  const said: string[] = [];
  const chunks = await client.chat.completions.create({
    model: 'up/m',
    stream: true,
    messages: [{ role: 'user', content: 'hi' }],
  });
  for await (const chunk of chunks) said.push(chunk.choices[0]?.delta.content ?? '-');
  expect(said).toEqual(['hi', '-']);
});

test('where it is off, silence stays silence', async () => {
  await using house = await served({ up: haltingStream }, {});
  expect(await (await house.gateway.post('/v1/chat/completions', body('up/m'))).text()).toBe(DELTA + FINISH);
});

test('before the first event nothing is sent: another target may still answer, with a status of its own', async () => {
  const failing: Answerer = async (socket) => {
    await wait(SILENCE_MS);
    socket.write(answerBytes(500, 'application/json', '{"error":{"message":"boom"}}'));
  };
  const route = {
    targets: [
      { target: 'first/a', weight: 1 },
      { target: 'other/b', weight: 1 },
    ],
  };
  await using house = await served({ first: failing, other: stream }, { pingMs: PING_MS, routes: { main: route } });
  const moved = await house.gateway.post('/v1/chat/completions', body('route/main'));
  expect([moved.status, moved.headers.get('x-leeward-attempts')]).toEqual([200, '2']);
  expect(await moved.text()).toBe(DELTA + FINISH);
  const alone = await house.gateway.post('/v1/chat/completions', body('first/a'));
  expect([alone.status, pingsIn(await alone.text())]).toEqual([500, 0]);
});

test('hedges, and answers that are less than was asked for, are counted by the way they took', async () => {
  const silent: Answerer = async (socket, request) => {
    await wait(SILENCE_MS);
    await stream(socket, request);
  };
  const failing: Answerer = (socket) =>
    void socket.write(answerBytes(500, 'application/json', '{"error":{"message":"boom"}}'));
  const hedged = {
    targets: [
      { target: 'silent/a', weight: 1 },
      { target: 'other/b', weight: 1 },
    ],
    policies: { hedge: { afterMs: 50, percent: 100 }, on: {}, degrade: [] },
  };
  const degrading = (step: object) => ({
    targets: [{ target: 'failing/a', weight: 1 }],
    policies: { on: {}, degrade: [step as { kind: 'text'; text: string }] },
  });
  await using house = await served(
    { silent, failing, other: stream },
    {
      routes: {
        hedged,
        text: degrading({ kind: 'text', text: 'Later.' }),
        smaller: degrading({ kind: 'target', target: 'other/b' }),
      },
    },
  );
  const { gateway } = house;
  const first = await gateway.post('/v1/chat/completions', body('route/hedged'));
  expect(first.headers.get('x-leeward-route-reason')).toContain('hedged');
  await first.text();
  for (const name of ['text', 'smaller']) {
    const response = await gateway.post('/v1/chat/completions', body(`route/${name}`));
    expect([response.status, response.headers.get('x-leeward-degraded')]).toEqual([200, expect.any(String)]);
    await response.text();
  }
  const metrics = await gateway.metrics.registry.metrics();
  expect(metrics.split('\n').filter((line) => line.startsWith('leeward_detours_total'))).toEqual([
    'leeward_detours_total{detour="hedge"} 1',
    'leeward_detours_total{detour="degrade_text"} 1',
    'leeward_detours_total{detour="degrade_target"} 1',
  ]);
});
