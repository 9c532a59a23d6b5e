/**
 * Proof that real agents work over providers whose dialect they do not speak:
 * Claude Code, Codex and Gemini CLI each complete turns with tool calls through
 * a served gateway over the simulator in other dialects, and what each says of
 * its usage is what the gateway and the provider have on their books.
 *
 *     npm run agents -- [--claude FOLDER] [--codex FOLDER] [--gemini FOLDER]
 *                       [--install] [--only claude,codex] [--json] [--sabotage]
 *
 * None of them is part of Leeward. Each is looked for on the path, or in the
 * folder that is named; `--install` gets those that are not found from npm into
 * a temporary folder. Of one that is nowhere the proof says so and goes on.
 * `--sabotage` proves the proof: each deliberate fault has to turn it red.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AGENT_SABOTAGES } from '../support/sabotage/agents.ts';
import { scriptOptions } from '../support/script-options.ts';
import type { Agent, Scene, ToldTurn } from './agents/agent.ts';
import { CLAUDE } from './agents/claude.ts';
import { CODEX } from './agents/codex.ts';
import { GEMINI_CLI } from './agents/gemini-cli.ts';
import { type CallOnRecord, House, recordedTokens } from './agents/house.ts';
import { findProgram, installProgram } from './agents/programs.ts';
import { Checks, conclude } from './parts/checks.ts';

const flags = scriptOptions(import.meta.url, {
  claude: { type: 'string' },
  codex: { type: 'string' },
  gemini: { type: 'string' },
  install: { type: 'boolean', default: false },
  only: { type: 'string' },
  json: { type: 'boolean', default: false },
  sabotage: { type: 'boolean', default: false },
});
const AGENTS = { claude: CLAUDE, codex: CODEX, gemini: GEMINI_CLI } as const;
type AgentId = keyof typeof AGENTS;

/** Of a result that the simulated model repeats, so much stands in its text in any case. */
const QUOTED_CHARS = 24;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(130));
const scratch = mkdtempSync(join(tmpdir(), 'leeward-agents-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true, maxRetries: 5 }));

interface Ready {
  readonly agent: Agent;
  readonly program: string;
}

const checks = new Checks();
const ready = new Map<AgentId, Ready>();
for (const id of chosen()) {
  const program = await programOf(id);
  if (program === undefined) console.error(`${AGENTS[id].name} is not installed here: nothing is proven of it.`);
  else ready.set(id, { agent: AGENTS[id], program });
}
if (ready.size === 0) console.error('Name the folder of one with --claude, --codex or --gemini, or --install them.');
else {
  await (flags.sabotage ? proveSabotages() : proveAll()).catch((error: unknown) => {
    checks.that('the proof comes to its end', false, String(error));
  });
  process.exitCode = conclude(checks, {}, flags.json);
}

function chosen(): AgentId[] {
  const all = Object.keys(AGENTS) as AgentId[];
  const wanted = flags.only?.split(',').map((name) => name.trim());
  const unknown = wanted?.filter((name) => !Object.hasOwn(AGENTS, name)) ?? [];
  if (unknown.length > 0) throw new Error(`--only knows ${all.join(', ')}, not ${unknown.join(', ')}`);
  return wanted === undefined ? all : all.filter((id) => wanted.includes(id));
}

async function programOf(id: AgentId): Promise<string | undefined> {
  const found = findProgram(AGENTS[id], flags[id]);
  return found ?? (flags.install ? installProgram(AGENTS[id], join(scratch, id)) : undefined);
}

async function proveAll(): Promise<void> {
  for (const { agent, program } of ready.values()) {
    for (const scene of agent.scenes) await prove(checks, { agent, program, scene });
  }
}

interface Brief extends Ready {
  readonly scene: Scene;
  readonly sabotage?: string;
}

async function prove(into: Checks, { agent, program, scene, sabotage }: Brief): Promise<void> {
  const place = mkdtempSync(join(scratch, 'turn-'));
  const { model } = agent;
  const { over, simulated, prompt, tools } = scene;
  await using house = await House.start({ scratch: place, model, over, simulated, sabotage });
  const { url: gatewayUrl, key } = house;
  const told = await agent.takeTurn({ program, scratch: place, gatewayUrl, key, model, prompt, tools });
  const that: That = (title, holds, detail) => into.that(`${agent.name} ${scene.title}: ${title}`, holds, detail);
  that('it completes its turn', told.succeeded, told.succeeded ? '' : told.said);
  const { thoughtChars } = told;
  if (thoughtChars !== undefined)
    that('what the model thought is shown', thoughtChars > 0, `${thoughtChars} characters`);
  judgeTools(that, told, tools);
  await judgeBooks(that, told, { house, agent });
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

async function judgeBooks(that: That, told: ToldTurn, of: { house: House; agent: Agent }): Promise<void> {
  const { house, agent } = of;
  const calls = await house.calls();
  const wrong = calls.flatMap((call) => problemsOf(call, agent));
  that(
    'each call was translated, and is on record as ended well',
    wrong.length === 0 && calls.length >= 2,
    wrong[0] ?? `${calls.length}`,
  );
  const recorded = recordedTokens(calls);
  for (const what of ['input', 'cached', 'output'] as const) {
    const [own, ours] = [told.tokens[what], recorded[what]];
    // Where the provider caches nothing unasked, none of it may be cached.
    const some = own > 0 || what === 'cached';
    that(`its own count of ${what} tokens is the gateway's`, own === ours && some, `${own}, ${ours}`);
  }
  const sold = await house.sold();
  that("and the provider's", JSON.stringify(sold) === JSON.stringify(recorded), JSON.stringify(sold));
}

function problemsOf(call: CallOnRecord, { dialect }: Agent): string[] {
  const last = call.attempts.at(-1);
  return [
    ...(call.dialect === dialect && call.stream ? [] : [`${call.dialect}, streamed: ${call.stream}`]),
    ...(call.provider === 'up' ? [] : [`it went to ${call.provider}`]),
    ...(call.status === 200 && call.error === null ? [] : [`${call.status} ${call.error}: ${last?.error_message}`]),
    ...(call.attempts.every(({ outcome }) => outcome === 'ok') ? [] : ['an attempt failed']),
    ...(last?.usage_source === 'provider' ? [] : [`its usage is ${last?.usage_source}`]),
  ];
}

/** Each fault of the product that an agent is to notice has to turn the proof red. */
async function proveSabotages(): Promise<void> {
  const faults = AGENT_SABOTAGES.filter(({ agent }) => ready.has(agent));
  if (faults.length === 0) checks.that('there are faults to be noticed', false);
  for (const { name, agent: id, over } of faults) {
    const { agent, program } = ready.get(id) as Ready;
    const scene = agent.scenes.find((each) => each.over === over);
    if (scene === undefined) throw new Error(`${agent.name} has no scene over ${over} to notice ${name} in`);
    const inner = new Checks(() => undefined);
    await prove(inner, { agent, program, scene, sabotage: name }).catch((error: unknown) =>
      inner.that('it comes to its end', false, String(error)),
    );
    const red = inner.failed.map(({ title }) => title).join('; ');
    checks.that(`${name} is noticed`, inner.failed.length > 0 && inner.passed > 0, red.slice(0, 200));
  }
}
