/**
 * Proof that what npm publishes works where nothing of this repository is:
 * build, pack, install the tarball in an empty folder, start it there on
 * whatever Node runs npm, make a call with the key it prints, stop it. Ends
 * with 1 at the first thing that is not as it should be.
 *
 *     npm run proof:pack
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const START_MS = 60_000;
const STOP_MS = 15_000;

/** Without npm's own variables and this repository's node: an installed package has neither. */
const bareEnv = Object.fromEntries(
  Object.entries(process.env)
    .filter(([name]) => !/^(?:npm_|INIT_CWD$|NODE$|LEEWARD_)/.test(name) && !name.endsWith('_API_KEY'))
    .map(([name, value]) =>
      name === 'PATH'
        ? [
            name,
            value
              ?.split(delimiter)
              .filter((part) => !part.startsWith(root))
              .join(delimiter),
          ]
        : [name, value],
    ),
);

const scratch = mkdtempSync(join(tmpdir(), 'leeward-pack-'));
let gateway: ChildProcess | undefined;
try {
  await prove();
  console.log('proof:pack holds');
} catch (error) {
  console.error(`proof:pack fails: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
} finally {
  gateway?.kill('SIGKILL');
  rmSync(scratch, { recursive: true, force: true });
}

async function prove(): Promise<void> {
  await timed('build', () => run('npm', ['run', '--silent', 'build'], root, process.env));
  const tarball = await timed('pack', () => pack());
  const home = join(scratch, 'elsewhere');
  await timed('install', async () => {
    await run('mkdir', [home], scratch, bareEnv);
    writeFileSync(join(home, 'package.json'), '{ "name": "elsewhere", "private": true }\n');
    await run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', tarball], home, bareEnv);
  });
  print('installed', `${megabytes(folderBytes(join(home, 'node_modules')))} MB`);
  const version = await timed('leeward version', () => run('npx', ['leeward', 'version'], home, bareEnv));
  expect(/^leeward \d+\.\d+\.\d+ \(node 2[6-9]\./.test(version), `the version reads ${JSON.stringify(version)}`);
  print('version', version.trim());
  await proveCall(home);
}

async function pack(): Promise<string> {
  const listed = JSON.parse(
    await run('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', scratch], root, process.env),
  );
  const [packed] = listed as { filename: string; size: number; unpackedSize: number; files: { path: string }[] }[];
  if (packed === undefined) throw new Error('npm packed nothing');
  const strays = packed.files
    .filter(({ path }) => /\.ts$|(?:^|\/)(?:test|\.leeward)\//.test(path))
    .map(({ path }) => path);
  expect(strays.length === 0, `the tarball holds ${strays.join(', ')}`);
  for (const path of [
    'bin/leeward.mjs',
    'dist/cli/main.js',
    'assets/store-template.zst',
    'README.md',
    'LICENSE',
    'NOTICE',
  ]) {
    expect(
      packed.files.some((file) => file.path === path),
      `the tarball lacks ${path}`,
    );
  }
  print(
    'tarball',
    `${megabytes(packed.size)} MB, ${packed.files.length} files, ${megabytes(packed.unpackedSize)} MB unpacked`,
  );
  return join(scratch, packed.filename);
}

/** Starts the gateway from the installed package, calls it with the key it printed, and stops it as a terminal would. */
async function proveCall(home: string): Promise<void> {
  const data = join(scratch, 'data');
  const startedMs = performance.now();
  const bin = join(home, 'node_modules', '.bin', 'leeward');
  const child = spawn(bin, ['dev', '--port', '0', '--data', data], {
    cwd: home,
    env: bareEnv,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  gateway = child;
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const ended = new Promise<string>((resolve) => child.once('exit', (code, signal) => resolve(signal ?? String(code))));
  const base = await until(
    START_MS,
    () => /API\s+(http:\/\/\S+)/.exec(said)?.[1],
    () => `the gateway did not start: ${said}`,
  );
  const key = /Key\s+(lw_\w+)/.exec(said)?.[1] ?? '';
  print('started', `${Math.round(performance.now() - startedMs)} ms with a new store`);
  const answer = await fetch(`${base}/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'sim/sim-small', messages: [{ role: 'user', content: 'Say hello' }] }),
    signal: AbortSignal.timeout(10_000),
  });
  const body = (await answer.json()) as { choices?: { message?: { content?: string } }[] };
  const text = body.choices?.[0]?.message?.content ?? '';
  expect(answer.status === 200 && text.length > 0, `the call was answered ${answer.status} ${JSON.stringify(body)}`);
  print(
    'first call',
    `${answer.status} ${JSON.stringify(text.slice(0, 40))}, ${Math.round(performance.now() - startedMs)} ms after the start`,
  );
  const stoppingMs = performance.now();
  child.kill('SIGINT');
  const end = await Promise.race([
    ended,
    until(
      STOP_MS,
      () => undefined,
      () => 'the gateway did not stop',
    ),
  ]);
  expect(end === '0', `the gateway ended with ${end}: ${said}`);
  expect(!existsSync(join(data, 'server.json')), 'server.json is still there');
  print('stopped', `${Math.round(performance.now() - stoppingMs)} ms`);
  gateway = undefined;
}

function run(command: string, args: readonly string[], cwd: string, env: NodeJS.ProcessEnv): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    let err = '';
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0 ? resolve(out) : reject(new Error(`${command} ${args.join(' ')} ended with ${code}:\n${out}${err}`)),
    );
  });
}

async function timed<T>(what: string, act: () => Promise<T>): Promise<T> {
  const startedMs = performance.now();
  const result = await act();
  print(what, `${Math.round(performance.now() - startedMs)} ms`);
  return result;
}

async function until<T>(withinMs: number, look: () => T | undefined, what: () => string): Promise<T> {
  const endMs = performance.now() + withinMs;
  while (performance.now() < endMs) {
    const found = look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(what());
}

function expect(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise);
}

function print(what: string, value: string): void {
  console.log(`${what.padEnd(16)} ${value}`);
}

function folderBytes(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
