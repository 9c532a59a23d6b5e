/**
 * Proof that a real agent works over a provider whose dialect it does not
 * speak: Claude Code, which speaks Anthropic's Messages, completes a turn with
 * tool calls through a served gateway over the simulator's Chat Completions,
 * and what it says of its usage is what the gateway and the provider have on
 * their books.
 *
 *     npm run agents -- [--claude FOLDER] [--install] [--json] [--sabotage]
 *
 * Claude Code is proprietary and no part of Leeward. It is looked for on the
 * path, or in the folder of `--claude`; `--install` gets it from npm into a
 * temporary folder. Where there is none, the proof says so and ends with 0.
 * `--sabotage` proves the proof: each deliberate fault has to turn it red.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { SABOTAGES } from '../support/sabotage/list.ts';
import { findClaude, installClaude, type TurnOptions, takeTurn } from './agents/claude.ts';
import { type CallOnRecord, House, recordedTokens } from './agents/house.ts';
import { type ToldTurn, toldTurn } from './agents/told.ts';
import { Checks, conclude } from './parts/checks.ts';

const { values: flags } = parseArgs({
  options: {
    claude: { type: 'string' },
    install: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    sabotage: { type: 'boolean', default: false },
  },
});
/** A name that Claude Code knows; the gateway leads it to the simulator. */
const MODEL = 'claude-haiku-4-5';
/** Of a result that the simulated model repeats, so much stands in its text in any case. */
const QUOTED_CHARS = 24;

interface Scene {
  readonly title: string;
  readonly turn: Pick<TurnOptions, 'prompt' | 'tools'>;
}

const SCENES: readonly [Scene, ...Scene[]] = [
  {
    title: 'with four tools',
    // They change nothing on this machine, whatever arguments a simulated model makes up.
    turn: {
      prompt: 'Create a task, and use Glob, Grep and Read on harbour.txt.',
      tools: ['Glob', 'Grep', 'Read', 'TaskCreate'],
    },
  },
  { title: 'with all its tools', turn: { prompt: 'Look around in the harbour.', tools: undefined } },
];

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(130));
const scratch = mkdtempSync(join(tmpdir(), 'leeward-agents-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));

const program = flags.install ? await installClaude(join(scratch, 'claude')) : findClaude(flags.claude);
if (program === undefined) {
  console.error(
    'Claude Code is not installed here: nothing was proven. Name its folder with --claude, or --install it.',
  );
} else {
  const checks = new Checks();
  await (flags.sabotage ? proveSabotages(checks, program) : proveAll(checks, program)).catch((error: unknown) => {
    checks.that('the proof comes to its end', false, String(error));
  });
  process.exitCode = conclude(checks, {}, flags.json);
}

async function proveAll(into: Checks, claude: string): Promise<void> {
  for (const scene of SCENES) await prove(into, claude, scene);
}

async function prove(into: Checks, claude: string, scene: Scene, sabotage?: string): Promise<void> {
  const place = mkdtempSync(join(scratch, 'turn-'));
  await using house = await House.start(place, MODEL, sabotage);
  const turn = await takeTurn({
    program: claude,
    scratch: place,
    gatewayUrl: house.url,
    key: house.key,
    model: MODEL,
    ...scene.turn,
  });
  const told = toldTurn(turn);
  const that: That = (title, holds, detail) => into.that(`${scene.title}: ${title}`, holds, detail);
  that('Claude Code completes its turn', turn.end === 0 && told.succeeded, told.succeeded ? '' : turn.said);
  that('what the model thought is shown', told.thoughtChars > 0, `${told.thoughtChars} characters`);
  judgeTools(that, told, scene.turn.tools);
  await judgeBooks(that, told, house);
}

type That = (title: string, holds: boolean, detail: string) => void;

function judgeTools(that: That, { toolCalls, text }: ToldTurn, tools: readonly string[] | undefined): void {
  const calls = [...toolCalls.values()];
  const names = calls.map(({ name }) => name).join(', ');
  const strange = calls.filter(({ name }) => tools?.includes(name) === false);
  that('several tools were called at once, all of them its own', calls.length > 1 && strange.length === 0, names);
  const idle = calls.filter(({ result }) => result === undefined);
  that('each of them was run', idle.length === 0, idle.map(({ name }) => name).join(', '));
  const took = calls.filter(({ isError }) => isError === false);
  that('the arguments came whole: a tool took them', took.length > 0, took.map(({ name }) => name).join(', '));
  const unread = calls.filter(({ result = '' }) => !text.includes(quotable(result)));
  that(
    'the model read what each tool answered',
    unread.length === 0 && text !== '',
    unread[0]?.result?.slice(0, 200) ?? '',
  );
}

/** The simulated model repeats what it was told on one line. */
function quotable(result: string): string {
  return result.replace(/\s+/g, ' ').trim().slice(0, QUOTED_CHARS);
}

async function judgeBooks(that: That, told: ToldTurn, house: House): Promise<void> {
  const calls = await house.calls();
  const wrong = calls.flatMap(problemsOf);
  that(
    'each call was translated, and is on record as ended well',
    wrong.length === 0 && calls.length >= 2,
    wrong[0] ?? `${calls.length}`,
  );
  const recorded = recordedTokens(calls);
  for (const what of ['input', 'cached', 'output'] as const) {
    const [own, ours] = [told.tokens[what], recorded[what]];
    that(`its own count of ${what} tokens is the gateway's`, own === ours && own > 0, `${own}, ${ours}`);
  }
  const sold = await house.sold();
  that("and the provider's", JSON.stringify(sold) === JSON.stringify(recorded), JSON.stringify(sold));
}

function problemsOf(call: CallOnRecord): string[] {
  const last = call.attempts.at(-1);
  return [
    ...(call.dialect === 'anthropic-messages' && call.stream ? [] : [`${call.dialect}, streamed: ${call.stream}`]),
    ...(call.provider === 'up' ? [] : [`it went to ${call.provider}`]),
    ...(call.status === 200 && call.error === null ? [] : [`${call.status} ${call.error}: ${last?.error_message}`]),
    ...(call.attempts.every(({ outcome }) => outcome === 'ok') ? [] : ['an attempt failed']),
    ...(last?.usage_source === 'provider' ? [] : [`its usage is ${last?.usage_source}`]),
  ];
}

/** Each fault of the product that an agent is to notice has to turn the proof red. */
async function proveSabotages(into: Checks, claude: string): Promise<void> {
  const faults = SABOTAGES.filter(({ caughtBy }) => caughtBy.includes('agents'));
  if (faults.length === 0) into.that('there are faults to be noticed', false);
  const [scene] = SCENES;
  for (const { name } of faults) {
    const inner = new Checks(() => undefined);
    await prove(inner, claude, scene, name).catch((error: unknown) =>
      inner.that('it comes to its end', false, String(error)),
    );
    into.that(
      `${name} is noticed`,
      inner.failed.length > 0,
      inner.failed
        .map(({ title }) => title)
        .join('; ')
        .slice(0, 200),
    );
  }
}
