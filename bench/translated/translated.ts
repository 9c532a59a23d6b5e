import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errorMessage } from '../../src/kernel/errors.ts';
import type { Patience } from '../harness/patience.ts';
import { Processes } from '../harness/processes.ts';
import { countRows, rowProblem } from '../row-audit.ts';
import { type LaneFigures, TRANSLATED_FIGURES } from './lane-measures.ts';
import { LANES, type LanePair, type PerLane } from './lanes.ts';
import { type LaneTalk, probeLane } from './probe.ts';
import { TranslatedGateway } from './translated-gateway.ts';
import { TRANSLATED_PARTS, type TranslatedPart, type TranslatedPlan } from './translated-plan.ts';
import { type LaneClaim, measurePair, pairOrder, type TranslatedRound, warmUp } from './translated-rounds.ts';

/** What a translation costs, as far as rounds of it count. */
export interface TranslatedResult {
  readonly rounds: Readonly<Record<TranslatedPart, readonly TranslatedRound[]>>;
  /** Rounds that were asked for of each part and client; those that the machine disturbed too often are missing. */
  readonly wanted: Readonly<Record<TranslatedPart, number>>;
  /** What was wrong; nothing when every answer, stream and row was right. */
  readonly wrong: readonly string[];
}

interface TranslatedOptions {
  readonly plan: TranslatedPlan;
  readonly patience: Patience;
  tell(line: string): void;
}

/** Native and translated lanes in turns, in one gateway before mocks of both dialects. */
export async function measureTranslated(options: TranslatedOptions): Promise<TranslatedResult> {
  const folder = mkdtempSync(join(tmpdir(), 'leeward-bench-'));
  try {
    await using processes = new Processes(folder);
    const gateway = await TranslatedGateway.start(processes, folder);
    const { claims, ...result } = await measureLanes(gateway, options);
    await gateway.stop();
    const uncounted = await auditRows(gateway.dataDir, claims);
    for (const text of uncounted) options.tell(`void     ${text}`);
    return { ...result, wrong: [...result.wrong, ...uncounted] };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

type Claiming = TranslatedResult & { readonly claims: readonly LaneClaim[] };

async function measureLanes(
  gateway: TranslatedGateway,
  { plan, patience, tell }: TranslatedOptions,
): Promise<Claiming> {
  const rounds: Record<TranslatedPart, TranslatedRound[]> = { calls: [], frames: [], latency: [] };
  const claims: LaneClaim[] = [];
  const wrong: string[] = [];
  const found = { rounds, wanted: plan.rounds, wrong, claims };
  const talks = await probeLanes(gateway, wrong);
  // What a lane says wrongly once is not worth being measured.
  if (talks === undefined) return found;
  const bench = { plan, gateway, talks };
  wrong.push(...(await warmUp(bench)).map(({ lane, text }) => `${lane}: before the first round: ${text}`));
  for (const { part, pair, turn } of turnsOf(plan, rounds)) {
    await patience.quiet();
    const { round, problems, claims: claimed } = await measurePair(bench, part, { pair, turn });
    tell(`${part.padEnd(8)} ${pair.native.padEnd(18)} ${line(round.native)}`);
    tell(`${part.padEnd(8)} ${pair.translated.padEnd(18)} ${line(round.translated)}`);
    for (const { lane, text } of problems) tell(`void     ${lane.padEnd(18)} ${text}`);
    const mistakes = problems.filter(({ kind }) => kind === 'wrong');
    wrong.push(...mistakes.map(({ lane, text }) => `${part}: ${lane}: ${text}`));
    claims.push(...claimed);
    if (problems.length === 0) rounds[part].push(round);
  }
  return found;
}

interface Turn {
  readonly part: TranslatedPart;
  readonly pair: LanePair;
  readonly turn: number;
}

/** What is still to be measured: a pair that was disturbed has its turn again, without the other. */
function* turnsOf(plan: TranslatedPlan, rounds: TranslatedResult['rounds']): Generator<Turn> {
  for (const part of TRANSLATED_PARTS) {
    const wanted = plan.rounds[part];
    const turns = wanted === 0 ? 0 : wanted + plan.repeatsMax;
    for (let turn = 0; turn < turns; turn++) {
      for (const pair of pairOrder(turn)) if (roundsOf(rounds[part], pair) < wanted) yield { part, pair, turn };
    }
  }
}

export function roundsOf(rounds: readonly TranslatedRound[], { client }: LanePair): number {
  return rounds.filter((round) => round.client === client).length;
}

/** @returns nothing when one lane is wrong, which is told in `wrong` */
async function probeLanes(gateway: TranslatedGateway, wrong: string[]): Promise<PerLane<LaneTalk> | undefined> {
  const talks: (readonly [string, LaneTalk])[] = [];
  for (const lane of LANES) {
    try {
      talks.push([lane.name, await probeLane(lane, gateway.lane(lane))]);
    } catch (error) {
      wrong.push(`${lane.name}: ${errorMessage(error)}`);
    }
  }
  return talks.length < LANES.length ? undefined : (Object.fromEntries(talks) as PerLane<LaneTalk>);
}

/** Every call of every round has its row, which says in which dialect it came, whom it went to and what it used. */
async function auditRows(dataDir: string, claims: readonly LaneClaim[]): Promise<string[]> {
  const counts = await countRows(
    dataDir,
    claims.map(({ rows }) => rows),
  );
  return claims.flatMap(({ lane, part, rows }, index) => {
    const count = counts[index];
    const text = count === undefined ? 'its rows were not counted' : rowProblem(rows, count);
    return text === undefined ? [] : `${part}: ${lane}: ${text}`;
  });
}

function line(figures: LaneFigures): string {
  return TRANSLATED_FIGURES.flatMap(({ figure, digits }) => {
    const value = figures[figure];
    return value === undefined ? [] : `${figure} ${value.toFixed(digits)}`;
  }).join('  ');
}
