import { setTimeout as wait } from 'node:timers/promises';
import OpenAI from 'openai';
import { expect, test } from 'vitest';
import { makeKey } from '../../src/access/key-format.ts';
import { LoadGuard } from '../../src/compose/load-guard.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { GatewayError } from '../../src/kernel/errors.ts';
import { seededRandom, systemRandom } from '../../src/kernel/random.ts';
import { DEFAULT_GLOBAL_POLICIES } from '../../src/protocol/policy.ts';
import type { Priority } from '../../src/protocol/priority.ts';
import { TestGateway, testKey, until } from '../support/gateway.ts';
import { answerBytes, RawUpstream } from '../support/raw-upstream.ts';
import { bodyOf, RawClient, requestText, statusOf } from './raw-client.ts';

const BODY =
  '{"id":"x","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":4,"completion_tokens":2,"total_tokens":6}}';
const CHAT = '/v1/chat/completions';
const call = { model: 'up/m', messages: [{ role: 'user', content: 'hi' }] };

async function house(admit: (priority: Priority) => void) {
  const upstream = await RawUpstream.start((socket) => void socket.write(answerBytes(200, 'application/json', BODY)));
  const gateway = await TestGateway.start({ upstreams: { up: upstream.baseUrl }, admit });
  return {
    gateway,
    async [Symbol.asyncDispose](): Promise<void> {
      await gateway[Symbol.asyncDispose]();
      await upstream[Symbol.asyncDispose]();
    },
  };
}

const overloaded = new GatewayError('overloaded', { message: 'Too much to do.', retryAfterMs: 2_345 });

test('an event loop that is really blocked: low calls are refused, critical and normal ones served, and soon all are', async () => {
  await using served = await house((priority) => guard.admit(priority));
  const { gateway } = served;
  const lines: string[] = [];
  const guard = new LoadGuard({
    clock: systemClock,
    random: seededRandom(1),
    log: { warn: (_, message) => void lines.push(message), info: (message) => void lines.push(message) },
    registry: gateway.metrics.registry,
    policy: () => DEFAULT_GLOBAL_POLICIES.shed,
    inFlight: () => gateway.plane.exchanges.running,
  });
  const status = async (priority?: Priority) => {
    const headers: Record<string, string> = priority === undefined ? {} : { 'x-leeward-priority': priority };
    const response = await gateway.post(CHAT, call, headers);
    await response.text();
    return response.status;
  };
  guard.start();
  try {
    const block = (async () => {
      const endMs = performance.now() + 1_100;
      while (performance.now() < endMs);
    })();
    await block;
    await wait(100);
    expect(await status('low')).toBe(503);
    expect([await status('critical'), await status('high'), await status()]).toEqual([200, 200, 200]);
    const metrics = await gateway.metrics.registry.metrics();
    expect(metrics).toContain('leeward_shed_total{priority="low",reason="event_loop"} 1');
    expect(metrics).toContain('leeward_shed_share{priority="low"} 1');
    expect(metrics).toContain('leeward_shed_share{priority="critical"} 0');
    await until(() => lines.length > 0, 'nothing was logged');
    expect(lines).toEqual(['the gateway has more to do than it can and refuses calls']);
    const calm = async () =>
      (await gateway.metrics.registry.metrics()).includes('leeward_shed_share{priority="low"} 0\n');
    await expect.poll(calm, { timeout: 15_000, interval: 200 }).toBe(true);
    expect(await status('low')).toBe(200);
  } finally {
    guard.close();
  }
}, 40_000);

test('a refused call has not been read, held, tried or counted as a call; it hears when to come again', async () => {
  await using served = await house(() => {
    throw overloaded;
  });
  const { gateway } = served;
  const announced = {
    host: `127.0.0.1:${gateway.port}`,
    authorization: `Bearer ${gateway.key}`,
    'content-type': 'application/json',
    'content-length': String(10 << 20),
    expect: '100-continue',
  };
  const answer = await RawClient.ask(gateway.port, requestText(`POST ${CHAT} HTTP/1.1`, announced));
  expect(answer).not.toContain('100 Continue');
  expect(statusOf(answer)).toBe(503);
  expect(answer).toMatch(/\r\nretry-after: 3\r\nretry-after-ms: 2345\r\n/i);
  expect(answer).not.toMatch(/x-should-retry/i);
  expect(JSON.parse(bodyOf(answer))).toMatchObject({ error: { code: 'overloaded', type: 'server_error' } });
  expect(gateway.starts).toEqual([]);
  expect(gateway.plane.bodies.inFlightBytes).toBe(0);
});

test('what costs nothing is answered all the same: models, and a stranger hears only that he is one', async () => {
  await using served = await house(() => {
    throw overloaded;
  });
  const { gateway } = served;
  const models = await fetch(`${gateway.baseUrl}/models`, { headers: { authorization: `Bearer ${gateway.key}` } });
  expect(models.status).toBe(200);
  await models.text();
  const stranger = await gateway.post(CHAT, call, { authorization: 'Bearer lw_no' });
  expect(stranger.status).toBe(401);
  await stranger.text();
});

test('a key may lower a call, and claim no more than its own rule and its parents’ let it', async () => {
  const heard: Priority[] = [];
  await using served = await house((priority) => void heard.push(priority));
  const { gateway } = served;
  const as = async (key: string, priority?: string) => {
    const headers: Record<string, string> = priority === undefined ? {} : { 'x-leeward-priority': priority };
    await (await gateway.post(CHAT, call, { authorization: `Bearer ${key}`, ...headers })).text();
  };
  await as(gateway.key);
  await as(gateway.key, 'critical');
  await as(gateway.key, 'low');
  const [batch, sub] = [makeKey(systemRandom()), makeKey(systemRandom())];
  gateway.keys.set(batch, { ...testKey('key_batch'), allowances: [{ priorityMax: 'low' }] });
  await as(batch);
  await as(batch, 'critical');
  gateway.keys.set(sub, {
    ...testKey('key_sub'),
    allowances: [{ priorityMax: 'critical' }, { priorityMax: 'high' }],
  });
  await as(sub, 'critical');
  await as(sub, 'normal');
  expect(heard).toEqual(['normal', 'critical', 'low', 'low', 'low', 'high', 'normal']);
});

test('the real client waits as long as it was told, and is served then', async () => {
  let refusals = 0;
  await using served = await house(() => {
    if (refusals++ === 0) throw new GatewayError('overloaded', { message: 'Too much to do.', retryAfterMs: 350 });
  });
  const { gateway } = served;
  const client = new OpenAI({ apiKey: gateway.key, baseURL: gateway.baseUrl });
  const startedMs = performance.now();
  const answer = await client.chat.completions.create({ model: 'up/m', messages: [{ role: 'user', content: 'hi' }] });
  expect(answer.choices[0]?.message.content).toBe('hi');
  expect(performance.now() - startedMs).toBeGreaterThan(345);
  expect(performance.now() - startedMs).toBeLessThan(3_000);
  expect(refusals).toBe(2);
});
