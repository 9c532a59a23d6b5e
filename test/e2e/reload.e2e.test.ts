import { createHash } from 'node:crypto';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { makeKey } from '../../src/access/key-format.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { systemRandom } from '../../src/kernel/random.ts';
import { SIM_MODELS } from '../../src/sim/models.ts';
import { type ServedSimulator, serveSimulator } from '../../src/sim/server.ts';
import { Simulator } from '../../src/sim/simulator.ts';
import { until } from '../support/gateway.ts';
import { Program, ServedGateway } from './served-gateway.ts';

vi.setConfig({ testTimeout: 30_000 });

const CHAT = '/v1/chat/completions';
const ASK = { model: 'live', messages: [{ role: 'user', content: 'Say hello' }] };

let simulator: Simulator;
let upstream: ServedSimulator;
let gateway: ServedGateway;
let path: string;

beforeAll(async () => {
  const latency = { firstToken: { kind: 'constant', ms: 5 }, perToken: { kind: 'constant', ms: 20 } } as const;
  const [small] = SIM_MODELS;
  if (small === undefined) throw new Error('the catalogue is empty');
  simulator = new Simulator({ seed: 1, clock: systemClock, models: [small, { ...small, id: 'steady', latency }] });
  upstream = await serveSimulator({ simulator, host: '127.0.0.1', port: 0, clock: systemClock });
  gateway = await ServedGateway.start({
    config: configOf('sim/sim-small'),
    env: { UPSTREAM_KEY: 'sk-upstream-0123456789' },
  });
  path = join(gateway.dataDir, 'leeward.yaml');
});

afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  expect(simulator.counts().active).toBe(0);
  await upstream.close();
});

function configOf(live: string, more = '', upOptions = ''): string {
  return `
providers:
  up: { preset: openai-compatible, base_url: "http://127.0.0.1:${upstream.port}/v1", api_key: "\${env:UPSTREAM_KEY}"${upOptions} }
aliases: { live: ${live} }
${more}`;
}

const versionInForce = async () => /leeward_config_info\{version="(\w+)"\} 1/.exec(await gateway.metrics())?.[1] ?? '';
const reloads = (result: string) => gateway.metric(`leeward_config_reloads_total{result="${result}"}`);

/** Waits until one more reload has come to this result. */
async function reloaded(result: 'applied' | 'failed' | 'unchanged', change: () => void): Promise<void> {
  const before = await reloads(result);
  change();
  const endMs = performance.now() + 8_000;
  while ((await reloads(result)) === before) {
    if (performance.now() > endMs) throw new Error(`no reload was ${result}: ${gateway.program.stderr.slice(-2_000)}`);
    await new Promise((done) => setTimeout(done, 20));
  }
}

const rewrite = (text: string) => writeFileSync(path, text);

/** As editors and configuration tools do it: all at once, by another name. */
function replaceFile(text: string): void {
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
}

async function answeredBy(
  headers: Record<string, string> = {},
): Promise<{ provider: string | null; model: string | null }> {
  const response = await gateway.post(CHAT, ASK, headers);
  expect(response.status).toBe(200);
  await response.text();
  const { provider, model } = await gateway.call(response.headers.get('x-leeward-request-id'));
  return { provider, model };
}

test('a file that is written anew, or replaced by another, is in force for the next call', async () => {
  const first = await versionInForce();
  await reloaded('applied', () => rewrite(configOf('sim/sim-large')));
  expect(await answeredBy()).toMatchObject({ provider: 'sim', model: 'sim-large' });
  expect(await versionInForce()).not.toBe(first);
  await reloaded('applied', () => replaceFile(configOf('up/sim-small')));
  expect(await answeredBy()).toMatchObject({ provider: 'up', model: 'sim-small' });
});

test('a file with mistakes changes nothing, and everybody can see what is wrong where', async () => {
  await reloaded('applied', () => replaceFile(configOf('sim/sim-small', '# before')));
  const before = await versionInForce();
  await reloaded('failed', () => replaceFile(configOf('nowhere/x')));
  expect(await versionInForce()).toBe(before);
  expect(await gateway.metric('leeward_config_last_reload_successful')).toBe(0);
  const line = gateway.logs().findLast(({ problems }) => problems !== undefined);
  expect(line?.['problems']).toContain(`${path}:4:18  error  "nowhere/x" names an unknown provider`);
  expect(line?.['problems']).toMatch(/\n +\| +\^{9,}\n/);
  expect(await answeredBy()).toMatchObject({ model: 'sim-small' });
  await reloaded('unchanged', () => replaceFile(configOf('sim/sim-small', '# before')));
  expect(await gateway.metric('leeward_config_last_reload_successful')).toBe(1);
});

test('a file that disappears changes nothing', async () => {
  const before = await versionInForce();
  await reloaded('failed', () => renameSync(path, `${path}.away`));
  expect(await versionInForce()).toBe(before);
  await reloaded('unchanged', () => renameSync(`${path}.away`, path));
});

test('a hang-up asks for a reload', async () => {
  await reloaded('unchanged', () => gateway.signal('SIGHUP'));
});

test('a file that a reference names is watched too', async () => {
  const secret = join(gateway.dataDir, 'upstream.key');
  writeFileSync(secret, 'sk-first-0123456789\n');
  const text = configOf('up/sim-small').replace('env:UPSTREAM_KEY', 'file:upstream.key');
  await reloaded('applied', () => replaceFile(text));
  await reloaded('applied', () => writeFileSync(secret, 'sk-second-0123456789\n'));
  expect(await answeredBy()).toMatchObject({ provider: 'up' });
});

test('a setting that is built into the server waits for a restart, and the rest comes into force', async () => {
  await reloaded('applied', () => replaceFile(configOf('sim/sim-large', 'server: { body_bytes_max: 1MiB }')));
  expect(await answeredBy()).toMatchObject({ model: 'sim-large' });
  const line = gateway.logs().findLast(({ settings }) => settings !== undefined);
  expect(line).toMatchObject({ settings: ['server.body_bytes_max'], msg: 'these settings need a restart' });
});

describe('a provider', () => {
  test('that is replaced finishes the stream it has begun, on the sockets it began it on', async () => {
    await reloaded('applied', () => replaceFile(configOf('up/steady')));
    const response = await gateway.post(CHAT, { ...ASK, stream: true, max_tokens: 60 });
    expect(response.status).toBe(200);
    await reloaded('applied', () => replaceFile(configOf('sim/sim-small', '', ', headers: { x-new: "1" }')));
    expect(simulator.counts().active).toBe(1);
    expect(await answeredBy()).toMatchObject({ provider: 'sim' });
    const text = await response.text();
    expect(text).toContain('data: [DONE]');
    expect(text).not.toContain('"error"');
    await until(() => simulator.counts().active === 0, 'the stream is still open');
    const call = await gateway.call(response.headers.get('x-leeward-request-id'));
    expect(call.provider).toBe('up');
    expect(call.attempts).toHaveLength(1);
  });
});

describe('a key of the file', () => {
  const key = makeKey(systemRandom());
  const section = `keys: { app: { key_hash: "sha256:${createHash('sha256').update(key).digest('hex')}", project: team-a } }`;
  const call = () => gateway.post(CHAT, ASK, { authorization: `Bearer ${key}` });

  test('opens the door from the reload on that brings it, to the one that takes it away', async () => {
    expect((await call()).status).toBe(401);
    await reloaded('applied', () => replaceFile(configOf('sim/sim-small', section)));
    expect((await call()).status).toBe(200);
    await reloaded('applied', () => replaceFile(configOf('sim/sim-small')));
    expect((await call()).status).toBe(401);
  });

  test('is refused once its time has come', async () => {
    const expired = section.replace('team-a', 'team-a, expires_at: 2020-01-31');
    await reloaded('applied', () => replaceFile(configOf('sim/sim-small', expired)));
    const refused = await call();
    expect(refused.status).toBe(401);
    expect(await refused.text()).toContain('expired at 2020-01-31');
  });

  test('stands in the list, and is revoked where it is declared', async () => {
    await reloaded('applied', () => replaceFile(configOf('sim/sim-small', section)));
    const { data } = (await (await gateway.admin('GET', '/admin/keys')).json()) as { data: Record<string, unknown>[] };
    expect(data.find(({ id }) => id === 'file.app')).toMatchObject({ name: 'app', project: 'team-a', origin: 'file' });
    const refused = await gateway.admin('POST', '/admin/keys/file.app/revoke', {});
    expect(refused.status).toBe(403);
    expect(await refused.text()).toContain(`${path} declares it`);
    expect((await call()).status).toBe(200);
  });
});

describe('the admin API', () => {
  test('reads the file again when asked, and says what came of it', async () => {
    await reloaded('applied', () => replaceFile(configOf('sim/sim-large', '# asked for')));
    const unchanged = await gateway.admin('POST', '/admin/config/reload');
    expect(await unchanged.json()).toMatchObject({ outcome: 'unchanged', config: { version: await versionInForce() } });
    await reloaded('failed', () => replaceFile(configOf('nowhere/x')));
    const failed = await gateway.admin('POST', '/admin/config/reload');
    const { outcome, config } = (await failed.json()) as { outcome: string; config: { last_error: { text: string } } };
    expect(outcome).toBe('failed');
    expect(config.last_error.text).toContain('leeward.yaml:4:18  error');
    await reloaded('unchanged', () => replaceFile(configOf('sim/sim-large', '# asked for')));
  });

  test('lets the command line compare a file with what is in force, and never sees a secret', async () => {
    await reloaded('applied', () => replaceFile(configOf('up/sim-small', '# compared')));
    const other = join(gateway.dataDir, 'other.yaml');
    writeFileSync(other, configOf('up/sim-large'));
    const env = { UPSTREAM_KEY: 'sk-upstream-0123456789' };
    const run = (...args: string[]) => Program.run(['config', ...args, '--data', gateway.dataDir], env);
    const diff = await run('diff', other);
    // The port was chosen with a flag: the file alone would take the usual one.
    expect(diff.stdout).toContain('~ aliases.live.target: "up/sim-small" → "up/sim-large"\n');
    expect(diff.code).toBe(0);
    const printed = await run('print', '--running');
    expect(printed.stdout).toContain('target: up/sim-small');
    expect(printed.stdout + diff.stdout).not.toContain('sk-upstream');
  });
});

test.each([
  ['config', 'leeward.yaml'],
  ['traffic', "a forecast's traffic"],
  ['weather', "a forecast's weather"],
])('the schema of %s files is open to editors', async (name, title) => {
  const response = await fetch(`${gateway.url}/schemas/${name}.v1.json`);
  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({ title, type: 'object' });
});
