import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../../../faults/harness/processes.ts';
import { comesTrue } from '../../../faults/harness/waiting.ts';
import type { Text } from './canary-calls.ts';
import { CANARY, type House } from './house.ts';

/** Commands that run at the same time. */
const LANES = 3;

const COMMANDS: readonly (readonly string[])[] = [
  ['--help'],
  ['--version'],
  ['version', '--json'],
  ...['dev', 'serve', 'sim', 'init', 'call', 'calls', 'usage', 'models', 'keys', 'config', 'completion'].map((name) => [
    name,
    '--help',
  ]),
  ['keys', 'list', '--json'],
  ['calls', 'list', '--json'],
  ['config', 'validate'],
  ['config', 'print'],
  ['config', 'print', '--json'],
  ['config', 'schema'],
  ['nonsense'],
  ['keys', 'revoke', 'key_nonsense'],
];

/** What every command prints. */
export async function commandLine(house: House): Promise<Text[]> {
  const left = [...COMMANDS];
  const texts: Text[] = [];
  const lane = async () => {
    for (let command = left.shift(); command !== undefined; command = left.shift()) {
      const alone = command.includes('--help') || command.length === 1 || command[0] === 'version';
      const args = alone ? command : [...command, ...whereOf(command, house)];
      texts.push([`leeward ${command.join(' ')}`, await runs(args, house)]);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return texts;
}

function whereOf([name]: readonly string[], house: House): string[] {
  return name === 'config' ? ['--config', house.configPath] : ['--data', house.dataDir];
}

/** Standard output and error of a command, however it ends. */
function runs(args: readonly string[], house: House, env: Record<string, string> = {}): Promise<string> {
  return new Promise((resolve) => {
    const options = {
      cwd: ROOT,
      timeout: 20_000,
      env: { ...process.env, ...house.environment, LEEWARD_DEBUG: '1', NO_COLOR: '1', ...env },
    };
    execFile(process.execPath, ['bin/leeward.mjs', ...args], options, (_error, stdout, stderr) =>
      resolve(`${stdout}\n${stderr}`),
    );
  });
}

/** Starts that are refused, and a gateway that dies of an error nobody handled. */
export async function crashing(house: House): Promise<Text[]> {
  const folder = mkdtempSync(join(tmpdir(), 'leeward-broken-'));
  const texts: Text[] = [];
  try {
    const broken = join(folder, 'leeward.yaml');
    const tries: readonly (readonly [string, string])[] = [
      [
        'a key on a line with a fault',
        `providers:\n  x: { api_key: "${CANARY.providerKey}", base_ulr: "http://x/v1" }\n`,
      ],
      [
        'a key where none belongs',
        `providers:\n  x:\n    preset: openai-compatible\n    base_url: "http://me:${CANARY.providerKey}@x/v1"\n`,
      ],
      ['a key in a broken line', `providers:\n  x: { api_key: ${CANARY.providerKey}\n`],
    ];
    for (const [name, text] of tries) {
      writeFileSync(broken, text);
      texts.push([
        name,
        await runs(['serve', '--port', '0', '--data', join(folder, 'data'), '--config', broken], house),
      ]);
    }
    const mark = house.gateway.mark;
    await house.startGateway();
    house.gateway.signal('SIGABRT');
    await comesTrue(() => house.gateway.dead, 5_000);
    texts.push(['an abort', [...house.gateway.since(mark), ...house.gateway.lines].join('\n')]);
    const peppers = join(house.dataDir, 'peppers.json');
    writeFileSync(peppers, `${readFileSync(peppers, 'utf8').trim()}!`);
    texts.push([
      'damaged peppers',
      await runs(['serve', '--port', '0', '--data', house.dataDir, '--config', house.configPath], house),
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
  return texts;
}
