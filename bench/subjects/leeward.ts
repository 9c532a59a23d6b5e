import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import manifest from '../../package.json' with { type: 'json' };
import type { Dialect } from '../../src/protocol/operation.ts';
import { freePort, type Processes, pause } from '../harness/processes.ts';
import type { Subject } from './subject.ts';

const ROOT = new URL('../..', import.meta.url).pathname;
const created = z.object({ key: z.string() });
const SETTLED_MS = 30_000;
const SETTLED_POLL_MS = 50;

export interface RunningLeeward {
  readonly subject: Subject;
  /** The flags of Node that it gave itself: the other programs on Node get them too, so that ratios are about code. */
  readonly nodeFlags: readonly string[];
  readonly dataDir: string;
  /** Asks its admin API: POST with a body, GET without. @throws on any answer but one that went well */
  admin(path: string, body?: object): Promise<unknown>;
  /** Ends it as a service manager does, so that its store can be opened. */
  stop(): Promise<void>;
}

/** Ports of the mocks. */
export interface Upstreams {
  readonly calls: number;
  readonly streams: number;
  /** Those that speak another dialect than Chat Completions: each has two providers, `<name>-calls` and `<name>-streams`. */
  readonly others?: readonly OtherUpstreams[];
}

export interface OtherUpstreams {
  readonly name: string;
  readonly dialect: Dialect;
  readonly calls: number;
  readonly streams: number;
}

/** The gateway as it ships, `leeward serve`, with everything on: keys, prices, journal, store, metrics, log. */
export async function startLeeward(
  processes: Processes,
  folder: string,
  upstreams: Upstreams,
  env: Readonly<Record<string, string>> = {},
): Promise<RunningLeeward> {
  const home = join(folder, 'leeward');
  mkdirSync(home);
  const config = join(home, 'leeward.yaml');
  const dataDir = join(home, 'data');
  // JSON is YAML.
  writeFileSync(config, JSON.stringify(configFor(upstreams)));
  const port = await freePort();
  const serve = ['bin/leeward.mjs', 'serve', '--port', String(port), '--data', dataDir, '--config', config];
  const started = processes.start('leeward-serve', [process.execPath, ...sabotageHook(), ...serve.map(inRoot)], env);
  await processes.listening(started, port);
  const token = readFileSync(join(dataDir, 'admin-token'), 'utf8').trim();
  const authorization = `Bearer ${token}`;
  const admin = (path: string, body?: object) => askAdmin(`http://127.0.0.1:${port}${path}`, authorization, body);
  const { key } = created.parse(await admin('/admin/keys', { name: 'bench' }));
  const unsettled = async () =>
    lagIn(await (await fetch(`http://127.0.0.1:${port}/metrics`, { headers: { authorization } })).text());
  const address = (provider: string) => ({
    port,
    model: `${provider}/gpt-4o-mini`,
    headers: { authorization: `Bearer ${key}` },
  });
  const subject: Subject = {
    name: 'leeward',
    pid: started.pid,
    calls: address('calls'),
    streams: address('streams'),
    about: {
      version: manifest.version,
      command: 'node bin/leeward.mjs serve --port … --data … --config leeward.yaml',
      features:
        'everything that `serve` has on: client keys, prices, limits on bodies, usage metering, journal, store (rows in Postgres, fsync), metrics, log at `info`',
    },
    unsettled,
    settled: () => settled(unsettled),
  };
  return { subject, dataDir, admin, nodeFlags: nodeFlagsOf(started.pid), stop: () => started.stop() };
}

async function askAdmin(url: string, authorization: string, body: object | undefined): Promise<unknown> {
  const asked = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
  const answer = await fetch(url, { ...asked, headers: { authorization, 'content-type': 'application/json' } });
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${(await answer.text()).slice(0, 300)}`);
  return answer.json();
}

function nodeFlagsOf(pid: number): string[] {
  const [, ...args] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  const script = args.findIndex((arg) => arg.endsWith('leeward.mjs'));
  return args.slice(0, Math.max(0, script)).filter((arg) => arg.startsWith('--') && arg !== '--import');
}

function inRoot(argument: string, index: number): string {
  return index === 0 ? join(ROOT, argument) : argument;
}

/** The sabotages of the product are loaded into the gateway and into nothing else. */
function sabotageHook(): string[] {
  const named = process.env['LEEWARD_SABOTAGE'] !== undefined;
  return named ? ['--import', join(ROOT, 'test/support/sabotage/preload.ts')] : [];
}

function configFor({ calls, streams, others = [] }: Upstreams): unknown {
  const provider = (port: number) => ({
    preset: 'openai-compatible',
    base_url: `http://127.0.0.1:${port}/v1`,
    api_key: 'sk-upstream-0123456789',
    prices: { 'gpt-4o-mini': { input_usd_per_million: '0.15', output_usd_per_million: '0.60' } },
  });
  const named = others.flatMap(({ name, dialect, ...ports }) => [
    [`${name}-calls`, { ...provider(ports.calls), dialect }],
    [`${name}-streams`, { ...provider(ports.streams), dialect }],
  ]);
  return { providers: { calls: provider(calls), streams: provider(streams), ...Object.fromEntries(named) } };
}

function lagIn(metrics: string): number {
  const [, records] = /^leeward_journal_lag_records (\d+)/m.exec(metrics) ?? [];
  if (records === undefined) throw new Error(`leeward does not tell its journal's lag: ${metrics.slice(0, 300)}`);
  return Number(records);
}

async function settled(unsettled: () => Promise<number>): Promise<void> {
  const endMs = performance.now() + SETTLED_MS;
  for (;;) {
    const records = await unsettled();
    if (records === 0) return;
    if (performance.now() > endMs) throw new Error(`after ${SETTLED_MS} ms ${records} records are not in the store`);
    await pause(SETTLED_POLL_MS);
  }
}
