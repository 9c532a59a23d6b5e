import { chmodSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { httpProbe } from '../../compose/find-providers.ts';
import { loadConfig } from '../../config/load-config.ts';
import { systemClock, VirtualClock } from '../../kernel/clock.ts';
import { configCheck, portCheck, providerChecks } from './config-check.ts';
import { clockCheck, directoryCheck, fsyncCheck, skewCheck } from './machine-checks.ts';
import { serverChecks } from './server-checks.ts';

let directory: string;
let server: Server;
let url: string;
let asked: string[];
let answer: { status: number; body: unknown };
let targets: unknown[];

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'leeward-doctor-'));
  asked = [];
  answer = { status: 200, body: {} };
  targets = [];
  server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    const body = request.url?.startsWith('/admin/targets') ? { data: targets, next_cursor: null } : answer.body;
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  await new Promise((closed) => server.close(closed));
  rmSync(directory, { recursive: true });
});

describe('the machine', () => {
  test('a data directory that others can read is a warning with the command that mends it', () => {
    chmodSync(directory, 0o755);
    expect(directoryCheck(directory)).toContainEqual(
      expect.objectContaining({ status: 'warn', next: `chmod 700 ${directory}` }),
    );
    chmodSync(directory, 0o700);
    expect(directoryCheck(directory)[0]).toMatchObject({ status: 'ok' });
  });

  test('a place that cannot be written is broken', () => {
    writeFileSync(join(directory, 'file'), '');
    expect(fsyncCheck(join(directory, 'file', 'data'), systemClock)).toMatchObject({ status: 'fail', check: 'fsync' });
    expect(fsyncCheck(join(directory, 'later', 'data'), systemClock)).toMatchObject({ check: 'fsync' });
  });

  test('a clock that was set back is noticed by what was written since', () => {
    const now = Date.UTC(2026, 10, 21);
    mkdirSync(join(directory, 'journal'));
    writeFileSync(join(directory, 'journal', 'segment'), '');
    utimesSync(join(directory, 'journal', 'segment'), now / 1_000, now / 1_000);
    expect(clockCheck(directory, new VirtualClock(now))).toMatchObject({ status: 'ok' });
    expect(clockCheck(directory, new VirtualClock(now - 3_600_000))).toMatchObject({ status: 'warn' });
    expect(clockCheck(directory, new VirtualClock(Date.UTC(1970, 0, 1)))).toMatchObject({ status: 'fail' });
  });

  test('clocks of two machines may differ by a minute', () => {
    const now = Date.UTC(2026, 10, 21);
    expect(skewCheck(now - 30_000, new VirtualClock(now))).toMatchObject({ status: 'ok' });
    expect(skewCheck(now - 90_000, new VirtualClock(now))).toMatchObject({ status: 'warn' });
  });
});

describe('the configuration', () => {
  test('that is wrong is shown with its line', () => {
    const path = join(directory, 'leeward.yaml');
    writeFileSync(path, 'server: {}\nprot: 1\nlgo: 2\n');
    const { findings, config } = configCheck(path, {}, []);
    expect(config).toBeUndefined();
    expect(findings).toEqual([expect.objectContaining({ status: 'fail', detail: expect.stringContaining(':2  ') })]);
    expect(findings[0]?.detail).toContain('and 1 more');
  });

  test('a port that is taken is broken, a free one is not', async () => {
    const { port } = server.address() as AddressInfo;
    expect(await portCheck('127.0.0.1', port)).toMatchObject({ status: 'fail' });
    expect(await portCheck('127.0.0.1', 0)).toMatchObject({ status: 'ok' });
  });
});

describe('a provider', () => {
  function config(baseUrl: string) {
    const readText = () => `providers: { mine: { preset: openai-compatible, base_url: "${baseUrl}/v1", api_key: x } }`;
    return loadConfig({ path: 'c.yaml', required: true, env: {}, readText }).config;
  }

  test('with a good key is well, and is asked for its models alone', async () => {
    answer = { status: 200, body: { data: [{ id: 'a' }, { id: 'b' }] } };
    const [finding] = await providerChecks(config(url), httpProbe, systemClock);
    expect(finding).toEqual({ check: 'provider mine', status: 'ok', detail: 'its key is good, 2 models' });
    expect(asked).toEqual(['GET /v1/models']);
  });

  test('with a refused key is broken', async () => {
    answer = { status: 401, body: {} };
    const [finding] = await providerChecks(config(url), httpProbe, systemClock);
    expect(finding).toMatchObject({ status: 'fail', detail: 'its key was refused (401)' });
  });

  test('that cannot be reached is a warning: it may be back by the time of a call', async () => {
    const [finding] = await providerChecks(config('http://127.0.0.1:1'), httpProbe, systemClock);
    expect(finding).toMatchObject({ status: 'warn', detail: 'no answer: ECONNREFUSED' });
  });
});

describe('a running server', () => {
  const well = {
    version: '1.2.3',
    uptime_s: 60,
    base_url: 'http://gateway',
    store: { state: 'open', reason: null, restarts: 0 },
    journal: { lag_records: 3, rejected_records: 0, can_admit: true, problem: null },
    config: { version: 'abc', path: 'leeward.yaml', last_error: null, warnings: [], restart_needed: [] },
    providers: [{ name: 'sim', state: 'ok', detail: null, models: 5, last_error: null }],
  };

  async function troubles(status: unknown): Promise<string[]> {
    answer = { status: 200, body: status };
    const findings = await serverChecks({ url, token: 'x' }, systemClock);
    return findings.filter((one) => one.status !== 'ok').map((one) => `${one.status} ${one.check}`);
  }

  test('that is well has nothing to look at', async () => {
    expect(await troubles(well)).toEqual([]);
  });

  test.each([
    ['fail config', { config: { ...well.config, last_error: { at: '2026-11-21T00:00:00Z', text: 'line 3' } } }],
    ['warn config', { config: { ...well.config, restart_needed: ['server.port'] } }],
    ['warn config', { config: { ...well.config, warnings: ['leeward.yaml:3: unused'] } }],
    ['fail store', { store: { state: 'restarting', reason: 'crashed', restarts: 1 } }],
    ['warn store', { store: { state: 'open', reason: null, restarts: 2 } }],
    ['fail journal', { journal: { ...well.journal, can_admit: false, problem: 'no room' } }],
    ['warn journal', { journal: { ...well.journal, rejected_records: 1 } }],
    ['warn journal', { journal: { ...well.journal, lag_records: 20_000 } }],
    ['fail provider sim', { providers: [{ name: 'sim', state: 'refused', detail: 'the key was refused (401)' }] }],
    ['warn provider sim', { providers: [{ name: 'sim', state: 'degraded' }] }],
  ])('shows %s', async (trouble, part) => {
    expect(await troubles({ ...well, ...part })).toEqual([trouble]);
  });

  test('shows which targets are closed, and says nothing of those that are open', async () => {
    const closure = { kind: 'breaker', reason: 'breaker open after 5 failures in a row', for_ms: 21_000 };
    targets = [
      { id: 'openai/a', closure: null },
      { id: 'openai/b', closure },
      { id: 'openai/c', closure: { kind: 'credential', reason: 'its key was refused', for_ms: null } },
    ];
    expect(await troubles(well)).toEqual(['warn target openai/b', 'warn target openai/c']);
    answer = { status: 200, body: well };
    expect(await serverChecks({ url, token: 'x' }, systemClock)).toContainEqual(
      expect.objectContaining({ detail: 'closed: breaker open after 5 failures in a row, for 21.0 s more' }),
    );
  });
});
