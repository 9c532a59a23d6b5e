import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { EffectiveConfig } from '../../config/effective-config.ts';
import { VirtualClock } from '../../kernel/clock.ts';
import type { Context } from '../context.ts';
import { runProgram } from '../program.ts';

const SECRET = 'sk-CANARY0123456789';
const TEXT = `# yaml-language-server: $schema=http://127.0.0.1:5339/schemas/config.v1.json
providers:
  pool:
    preset: openai-compatible
    base_url: https://pool.example/v1
    api_key: "\${env:POOL_KEY}"
    timeouts: { idle: 90s }
    prices: { big: { input_usd_per_million: "0.15", output_usd_per_million: "12" } }
aliases: { demo: sim/sim-small }
routes:
  writer: { targets: [pool/big, demo], timeout: 2m }
`;

const started = process.cwd();
let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'leeward-config-'));
  process.chdir(directory);
});
afterAll(() => {
  process.chdir(started);
  rmSync(directory, { recursive: true });
});
beforeEach(() => rmSync('leeward.yaml', { force: true }));

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  let out = '';
  let err = '';
  const context: Omit<Context, 'setExitCode'> = {
    io: {
      out: (text) => {
        out += text;
      },
      err: (text) => {
        err += text;
      },
      env: { POOL_KEY: SECRET, MISTRAL_API_KEY: `${SECRET}-mistral` },
    },
    clock: new VirtualClock(),
    startGateway: () => Promise.reject(new Error('nobody asked for a gateway')),
    serveSimulator: () => Promise.reject(new Error('nobody asked for a simulator')),
    onLauncherGone: () => undefined,
    untilSignal: () => Promise.reject(new Error('nobody waits here')),
  };
  const code = await runProgram(args, context);
  expect(out + err).not.toContain('CANARY');
  return { code, out, err };
}

test('validate without a file says what holds without one; a named file that is not there is a mistake', async () => {
  const nothing = await run('config', 'validate');
  expect(nothing.code).toBe(0);
  expect(nothing.out).toMatch(/^there is no leeward\.yaml here: the defaults and 1 provider of the environment hold/);
  expect(JSON.parse((await run('config', 'validate', '--json')).out)).toMatchObject({ valid: true, path: null });
  const named = await run('config', 'validate', 'other.yaml');
  expect([named.code, named.err]).toEqual([3, 'leeward: other.yaml: there is no such file — check the path\n']);
  writeFileSync('leeward.yaml', TEXT);
  expect((await run('config', 'validate')).out).toMatch(/^leeward\.yaml is valid: 1 provider, 1 route, version/);
});

test('print shows everything with its origin, in the words of the file, without a secret', async () => {
  writeFileSync('leeward.yaml', TEXT);
  const { code, out } = await run('config', 'print');
  expect(code).toBe(0);
  const printed = parse(out) as EffectiveConfig;
  expect(printed).toMatchObject({
    path: 'leeward.yaml',
    server: { host: '127.0.0.1', port: 5339, drain: '1m', body_bytes_max: 20_971_520 },
    providers: {
      sim: { origin: 'default' },
      pool: {
        origin: 'file',
        credentials: [{ name: 'default', api_key: '[secret]', weight: 1 }],
        timeouts: { idle: '90s' },
        prices: { big: { input_usd_per_million: '0.15', output_usd_per_million: '12' } },
      },
      mistral: { origin: 'environment' },
    },
    aliases: { demo: { target: 'sim/sim-small', origin: 'file' } },
    routes: {
      writer: { origin: 'file', timeout: '2m', targets: [{ provider: 'pool', model: 'big' }, { provider: 'sim' }] },
    },
  });
  expect(JSON.parse((await run('config', 'print', '--json')).out)).toEqual(printed);
});

test('diff says what leads from one file to another', async () => {
  writeFileSync('a.yaml', TEXT);
  writeFileSync('b.yaml', TEXT.replace('2m', '3m').replace('demo: sim/sim-small', 'demo: sim/sim-small, quick: demo'));
  const { code, out, err } = await run('config', 'diff', 'a.yaml', 'b.yaml');
  expect(code).toBe(0);
  expect(out).toBe(
    '+ aliases.quick: {"target":"sim/sim-small","origin":"file"}\n~ routes.writer.timeout: "2m" → "3m"\n',
  );
  expect(err).toMatch(/^[0-9a-f]{12} → [0-9a-f]{12}: 2 differ; secrets are not compared\n$/);
  const same = JSON.parse((await run('config', 'diff', 'a.yaml', 'a.yaml', '--json')).out);
  expect(same).toMatchObject({ same: true, changes: [] });
});

test('diff with the running server needs one', async () => {
  writeFileSync('leeward.yaml', TEXT);
  expect((await run('config', 'diff', '--data', join(directory, 'nowhere'))).code).toBe(7);
});

test('key makes a key and the declaration that a file accepts for it', async () => {
  const { key, key_hash } = JSON.parse((await run('config', 'key', '--json')).out) as Record<string, string>;
  expect(key).toMatch(/^lw_[0-9A-Za-z]{36}$/);
  writeFileSync('leeward.yaml', `keys: { app: { key_hash: "${key_hash}" } }\n`);
  expect((await run('config', 'validate')).out).toContain('1 key, version');
  writeFileSync('leeward.yaml', 'keys: { app: { key: sk-not-one-of-ours }, none: {} }\n');
  const { code, err } = await run('config', 'validate');
  expect(code).toBe(3);
  expect(err).toContain('key is not one of our keys, or not whole');
  expect(err).toContain('"none" has no key');
});
