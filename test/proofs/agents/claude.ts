import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { runWell } from '../start/machine.ts';

/** The one that the proof is known to hold for; it is proprietary, so nothing of it is part of Leeward. */
const PACKAGE = '@anthropic-ai/claude-code@2';
const INSTALL_MS = 300_000;
/** They begin conversations of their own, of which nobody knows when they end. */
const HARD_TO_FORETELL = ['Agent', 'Workflow', 'ScheduleWakeup', 'Monitor'];
const TURN_MS = 120_000;

/** Claude Code's program in a folder that was named, or on the path. */
export function findClaude(folder: string | undefined): string | undefined {
  const folders =
    folder === undefined ? (process.env['PATH'] ?? '').split(delimiter) : [folder, join(folder, 'node_modules/.bin')];
  return folders.map((each) => join(each, 'claude')).find((path) => existsSync(path));
}

/** Installs it into a folder, as its licence lets everybody do for themselves. */
export async function installClaude(folder: string): Promise<string> {
  mkdirSync(folder, { recursive: true });
  await runWell('npm', ['install', '--prefix', folder, '--no-audit', '--no-fund', PACKAGE], {
    cwd: folder,
    withinMs: INSTALL_MS,
  });
  const program = findClaude(folder);
  if (program === undefined) throw new Error(`${PACKAGE} was installed and has no program called claude`);
  return program;
}

/** Which models it may ask for by itself: all of them are the one that there is. */
const MODEL_VARIABLES = ['SMALL_FAST', 'DEFAULT_HAIKU', 'DEFAULT_SONNET', 'DEFAULT_OPUS'].map(
  (which) => `ANTHROPIC_${which}_MODEL`,
);

export interface Turn {
  readonly end: number | NodeJS.Signals;
  /** What it told, one object a line. */
  readonly told: readonly Record<string, unknown>[];
  readonly said: string;
}

export interface TurnOptions {
  readonly program: string;
  readonly scratch: string;
  readonly gatewayUrl: string;
  readonly key: string;
  readonly model: string;
  /** The only tools that it has, and may use unasked. Absent: nearly all of its own, as it is used every day, and unasked those that change nothing. */
  readonly tools: readonly string[] | undefined;
  readonly prompt: string;
}

/** One turn without a terminal, in a home and a folder of its own, with nothing to talk to but the gateway. */
export function takeTurn(options: TurnOptions): Promise<Turn> {
  const home = join(options.scratch, 'home');
  const work = join(options.scratch, 'work');
  for (const folder of [home, work]) mkdirSync(folder, { recursive: true });
  writeFileSync(join(work, 'harbour.txt'), 'Ships lie in the lee of the breakwater.\n');
  const child = spawn(options.program, turnArguments(options), {
    cwd: work,
    env: {
      PATH: process.env['PATH'],
      HOME: home,
      ANTHROPIC_BASE_URL: options.gatewayUrl,
      ANTHROPIC_API_KEY: options.key,
      ...Object.fromEntries(MODEL_VARIABLES.map((name) => [name, options.model])),
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      DISABLE_TELEMETRY: '1',
      DISABLE_AUTOUPDATER: '1',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return untilItEnds(child);
}

function turnArguments({ prompt, model, tools }: TurnOptions): string[] {
  return [
    ...['-p', prompt, '--model', model, '--output-format', 'stream-json', '--verbose'],
    ...(tools === undefined
      ? ['--disallowedTools', HARD_TO_FORETELL.join(',')]
      : ['--tools', tools.join(','), '--allowedTools', tools.join(',')]),
    ...['--no-session-persistence', '--strict-mcp-config'],
  ];
}

function untilItEnds(child: ReturnType<typeof spawn>): Promise<Turn> {
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const late = setTimeout(() => child.kill('SIGKILL'), TURN_MS);
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      clearTimeout(late);
      process.off('exit', kill);
      const lines = stdout.split('\n').filter((line) => line.startsWith('{'));
      const told = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
      resolve({ end: signal ?? code ?? 1, told, said: `${stderr}${lines.at(-1) ?? stdout}`.slice(-2_000) });
    });
  });
}
