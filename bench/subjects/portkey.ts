import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { errorMessage } from '../../src/kernel/errors.ts';
import { freePort, type Processes } from '../harness/processes.ts';
import { nothingLeftBehind, type Subject } from './subject.ts';

/** With newer ones of its own dependencies than its lock file has, each of its streams is a 500. */
const PACKAGE = {
  private: true,
  type: 'module',
  dependencies: { '@portkey-ai/gateway': '1.15.2' },
  overrides: { '@hono/node-server': '1.13.5', hono: '4.9.7' },
};
const INSTALL_MS = 120_000;
const SCRIPT = 'node_modules/@portkey-ai/gateway/build/start-server.js';

/**
 * Installs Portkey's gateway into the user's cache folder, once.
 *
 * @returns the folder, or why it could not be installed: a machine without a network measures without it
 */
export function installPortkey(): { readonly folder: string } | { readonly missing: string } {
  const text = JSON.stringify(PACKAGE);
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  const folder = join(
    cache,
    'leeward-bench',
    `portkey-${createHash('sha256').update(text).digest('hex').slice(0, 12)}`,
  );
  if (existsSync(join(folder, 'installed'))) return { folder };
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), text);
    const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    execFileSync('npm', ['install', ...quiet], {
      cwd: folder,
      timeout: INSTALL_MS,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    if (!existsSync(join(folder, SCRIPT))) return { missing: `the package has no ${SCRIPT}` };
    writeFileSync(join(folder, 'installed'), '');
    return { folder };
  } catch (error) {
    return { missing: errorMessage(error).slice(0, 300) };
  }
}

/** The nearest gateway in TypeScript, on the same Node. */
export async function startPortkey(
  processes: Processes,
  folder: string,
  upstreams: { readonly calls: number; readonly streams: number },
  nodeFlags: readonly string[],
): Promise<Subject> {
  const port = await freePort();
  const script = join(folder, SCRIPT);
  const command = [process.execPath, ...nodeFlags, script, '--headless', `--port=${port}`];
  const started = processes.start('portkey', command, { NODE_ENV: 'production' });
  await processes.listening(started, port);
  const address = (upstream: number) => ({
    port,
    model: 'gpt-4o-mini',
    headers: {
      authorization: 'Bearer sk-upstream-0123456789',
      'x-portkey-provider': 'openai',
      'x-portkey-custom-host': `http://127.0.0.1:${upstream}/v1`,
    },
  });
  return {
    ...nothingLeftBehind,
    name: 'portkey',
    pid: started.pid,
    calls: address(upstreams.calls),
    streams: address(upstreams.streams),
    about: {
      version: `@portkey-ai/gateway ${PACKAGE.dependencies['@portkey-ai/gateway']} on Node ${process.version}`,
      command: ['NODE_ENV=production node', ...nodeFlags, 'build/start-server.js --headless --port=…'].join(' '),
      features: 'routes by headers, reads and writes JSON; no keys of its own, no limits, no metering, no record',
    },
  };
}
