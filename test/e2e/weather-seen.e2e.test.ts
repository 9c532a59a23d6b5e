import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { systemClock } from '../../src/kernel/clock.ts';
import { type ServedSimulator, serveSimulator } from '../../src/sim/server.ts';
import { Simulator } from '../../src/sim/simulator.ts';
import { answerBytes, RawUpstream } from '../support/raw-upstream.ts';
import { leeward } from './command-line.ts';
import { ServedGateway } from './served-gateway.ts';

/** A provider that fails, and everything that says so: the admin API, the command line, metrics, and the answer to what would be. */

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const CHAT = '/v1/chat/completions';
const call = (extra: Record<string, unknown> = {}) => ({
  model: 'route/main',
  messages: [{ role: 'user', content: 'hello' }],
  max_tokens: 5,
  ...extra,
});

let simulator: Simulator;
let upstream: ServedSimulator;
let broken: RawUpstream;
let gateway: ServedGateway;
let lastCall: string | null;
let brokenServed = 0;

beforeAll(async () => {
  simulator = new Simulator({ seed: 1, clock: systemClock });
  upstream = await serveSimulator({ simulator, host: '127.0.0.1', port: 0, clock: systemClock });
  broken = await RawUpstream.start((socket) => {
    brokenServed++;
    socket.write(answerBytes(500, 'application/json', '{"error":{"message":"boom"}}'));
  });
  gateway = await ServedGateway.start({
    env: { UPSTREAM_KEY: 'sk-CANARYCREDENTIAL0123456789' },
    config: `
providers:
  bad: { preset: openai-compatible, base_url: "${broken.baseUrl}", api_key: "\${env:UPSTREAM_KEY}" }
  up: { preset: openai-compatible, base_url: "http://127.0.0.1:${upstream.port}/v1", api_key: "\${env:UPSTREAM_KEY}" }
routes:
  main:
    targets: [bad/m, up/sim-small]
    degrade: [{ text: "Please try again later." }]
`,
  });
  for (let count = 0; count < 6; count++) {
    const response = await gateway.post(CHAT, call());
    expect(response.status).toBe(200);
    lastCall = response.headers.get('x-leeward-request-id');
    await response.text();
  }
});

afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await upstream.close();
  await broken[Symbol.asyncDispose]();
});

const here = (line: readonly string[]) =>
  leeward(line, { env: { LEEWARD_DATA: gateway.dataDir, LEEWARD_API_KEY: gateway.key } });

describe('a target that fails', () => {
  test('is closed in GET /admin/targets, with why and for how long; the other is open', async () => {
    const response = await gateway.admin('GET', '/admin/targets');
    const { data } = (await response.json()) as { data: Record<string, unknown>[] };
    expect(data).toMatchObject([
      {
        id: 'bad/m#default',
        available: false,
        closure: { kind: 'breaker', asked: false, for_ms: expect.any(Number) },
        breaker: { state: 'open', openings: 1 },
        ended: { ok: 0, failed: 5 },
      },
      { id: 'up/sim-small#default', available: true, closure: null, ended: { ok: 6, failed: 0 }, in_flight: 0 },
    ]);
    const one = await gateway.admin('GET', '/admin/targets?provider=up&limit=1');
    expect(await one.json()).toMatchObject({ data: [{ provider: 'up' }], next_cursor: null });
    expect((await gateway.admin('GET', '/admin/targets?state=closed')).status).toBe(400);
  });

  test('is a line of leeward targets, a warning of leeward doctor, and a series of the metrics', async () => {
    const list = await here(['targets']);
    expect([list.code, list.err]).toEqual([0, '']);
    expect(list.out).toMatch(
      /^TARGET +STATE +FOR +IN FLIGHT .*\nbad\/m#default +closed +[\d.]+ m?s +0 of \d+ +.* 5 .*breaker/,
    );
    expect(list.out).toMatch(/\nup\/sim-small#default +open +0 of \d+ .* 6 *\n$/);
    const closed = await here(['targets', '--closed', '--json']);
    expect(JSON.parse(closed.out)).toMatchObject([{ id: 'bad/m#default', available: false }]);
    const doctor = await here(['doctor', '--offline']);
    expect(doctor.out).toMatch(/warn {2}target bad\/m#default +closed: breaker[^\n]*more\n/);
    const metrics = await gateway.metrics();
    expect(metrics).toContain('leeward_target_closed{provider="bad",model="m",kind="breaker"} 1');
    expect(metrics).toContain('leeward_breaker_openings_total{provider="bad",model="m",kind="failures"} 1');
    expect(metrics).toContain('leeward_retries_total{provider="bad",model="m",result="allowed"} 5');
    expect(metrics).toContain('leeward_target_in_flight{provider="up",model="sim-small"} 0');
  });

  test('is passed over, which leeward calls show says in full', async () => {
    const { out } = await here(['calls', 'show', lastCall ?? '']);
    expect(out).toMatch(/why: route\/main: fallback 2 of 2, passed over bad\/m#default \(breaker[^\n]*\)\n/);
    expect(out.match(/attempt \d/g)).toEqual(['attempt 1']);
  });
});

describe('what would happen', () => {
  test('to a call that is described: POST /admin/simulate', async () => {
    const response = await gateway.admin('POST', '/admin/simulate', {
      model: 'route/main',
      stream: true,
      max_tokens: 5,
    });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      would: 'attempt',
      route: 'main',
      stream: true,
      targets: [
        { target: 'bad/m#default', verdict: 'passed_over', closure: { kind: 'breaker' } },
        { target: 'up/sim-small#default', verdict: 'chosen', reason: expect.stringContaining('passed over bad/m') },
      ],
      degrade: [{ text: 'Please try again later.' }],
    });
    const wrong = await gateway.admin('POST', '/admin/simulate', { model: 'route/main', steam: true });
    expect([wrong.status, await wrong.text()]).toEqual([400, expect.stringContaining('steam')]);
  });

  test('to a call that is sent with x-leeward-dry-run: nothing is sent on, recorded, held or counted', async () => {
    const before = [simulator.counts().calls, brokenServed, await gateway.metric('leeward_exchanges_running')];
    const attempts = () => gateway.metric('leeward_attempts_total{provider="up",operation="chat",outcome="ok"}');
    const counted = await attempts();
    for (const stream of [false, true]) {
      const response = await gateway.post(CHAT, call({ stream }), { 'x-leeward-dry-run': 'true' });
      expect(response.status).toBe(200);
      expect(await response.json()).toMatchObject({ object: 'dry_run', would: 'attempt', stream });
      const id = response.headers.get('x-leeward-request-id');
      expect((await gateway.request(`/v1/calls/${id}`)).status).toBe(404);
    }
    expect([simulator.counts().calls, brokenServed, await gateway.metric('leeward_exchanges_running')]).toEqual(before);
    expect(await attempts()).toBe(counted);
    const refused = await gateway.post(CHAT, call({ model: 'nobody/x' }), { 'x-leeward-dry-run': 'true' });
    expect([refused.status, await refused.json()]).toEqual([
      200,
      expect.objectContaining({ would: 'refuse', error: expect.objectContaining({ code: 'no_route', status: 404 }) }),
    ]);
    const unclear = await gateway.post(CHAT, call(), { 'x-leeward-dry-run': 'yes' });
    expect([unclear.status, await unclear.text()]).toEqual([400, expect.stringContaining('x-leeward-dry-run')]);
  });
});
