import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { ROOT } from '../../../faults/harness/processes.ts';
import type { Checks } from '../parts/checks.ts';
import { CANARY, type House } from './house.ts';

/** Files that hold a secret in plain. */
const SECRET_FILES = ['admin-token', 'peppers.json', 'dev.key'];
const OTHERS = 0o077;

/** Who else on the machine may read what the gateway and its command line write. The house in dev mode runs without a umask. */
export async function proveFiles(house: House, checks: Checks): Promise<undefined> {
  const { dataDir } = house;
  const names = readdirSync(dataDir);
  checks.none('the data directory and every secret in it are for its owner alone, even without a umask', [
    ...openToOthers(dataDir),
    ...SECRET_FILES.filter((name) => !names.includes(name)).map((name) => `${name} is not there`),
  ]);
  const folder = mkdtempSync(join(tmpdir(), 'leeward-umask-'));
  try {
    await initWithoutUmask(folder);
    const config = readFileSync(join(folder, 'leeward.yaml'), 'utf8');
    checks.none('a configuration that is written for somebody holds no key', [
      ...(config.includes(CANARY.providerKey) ? ['it holds the key of the environment'] : []),
      ...(/openai/.test(config) ? [] : ['it does not name the provider, so that nothing was tried']),
      ...openToOthers(join(folder, 'data')),
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
  return undefined;
}

function openToOthers(dataDir: string): string[] {
  const mode = (path: string) => statSync(path).mode & 0o777;
  const problems = (mode(dataDir) & OTHERS) === 0 ? [] : [`the data directory is ${mode(dataDir).toString(8)}`];
  for (const name of readdirSync(dataDir)) {
    const path = join(dataDir, name);
    if ((mode(path) & OTHERS) === 0) continue;
    if (SECRET_FILES.includes(name) || statSync(path).isDirectory()) {
      problems.push(`${relative(dataDir, path)} is ${mode(path).toString(8)}`);
    }
  }
  return problems;
}

/** A configuration made by the command line for a user who lets everybody read everything. */
function initWithoutUmask(folder: string): Promise<void> {
  const script = 'umask 000 && exec "$0" "$1" init "$2/leeward.yaml" --data "$2/data"';
  const env = { ...process.env, OPENAI_API_KEY: CANARY.providerKey, NO_COLOR: '1' };
  const args = ['-c', script, process.execPath, join(ROOT, 'bin/leeward.mjs'), folder];
  return new Promise((resolve, reject) => {
    execFile('sh', args, { cwd: folder, timeout: 60_000, env }, (error, stdout, stderr) => {
      if (error === null) resolve();
      else reject(new Error(`${error.message}\n${stdout}\n${stderr}`));
    });
  });
}
