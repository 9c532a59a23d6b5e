import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errorMessage } from '../../src/kernel/errors.ts';
import type { Patience } from '../harness/patience.ts';
import { Processes } from '../harness/processes.ts';
import { countRows, rowProblem } from '../row-audit.ts';
import { type LaneFigures, TRANSLATED_FIGURES } from './lane-measures.ts';
import { LANES, type LaneGroup, type LanePair, PAIRS, type PerLane } from './lanes.ts';
import { type LaneTalk, probeLane } from './probe.ts';
import { TranslatedGateway } from './translated-gateway.ts';
import { TRANSLATED_PARTS, type TranslatedPart, type TranslatedPlan } from './translated-plan.ts';
import { groupOrder, type LaneClaim, measureGroup, type TranslatedRound, warmUp } from './translated-rounds.ts';

/** What a translation costs, as far as rounds of it count. */
export interface TranslatedResult {
  readonly rounds: Readonly<Record<TranslatedPart, readonly TranslatedRound[]>>;
  /** Rounds that were asked for of each part and lane; those that the machine disturbed too often are missing. */
  readonly wanted: Readonly<Record<TranslatedPart, number>>;
  /** What was wrong; nothing when every answer, stream and row was right. */
  readonly wrong: readonly string[];
}

interface TranslatedOptions {
  readonly plan: TranslatedPlan;
  readonly patience: Patience;
  tell(line: string): void;
}

/** Native and translated lanes in turns, in one gateway before mocks of all dialects. */
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
  for (const { part, group, turn } of turnsOf(plan, rounds)) {
    await patience.quiet();
    const measured = await measureGroup(bench, part, { group, turn });
    const { problems, claims: claimed } = measured;
    for (const [lane, figures] of measured.figures) tell(`${part.padEnd(8)} ${lane.padEnd(20)} ${line(figures)}`);
    for (const { lane, text } of problems) tell(`void     ${lane.padEnd(20)} ${text}`);
    const mistakes = problems.filter(({ kind }) => kind === 'wrong');
    wrong.push(...mistakes.map(({ lane, text }) => `${part}: ${lane}: ${text}`));
    claims.push(...claimed);
    rounds[part].push(...measured.rounds);
  }
  return found;
}

interface Turn {
  readonly part: TranslatedPart;
  readonly group: LaneGroup;
  readonly turn: number;
}

/** What is still to be measured: a client of whose lanes one was disturbed has its turn again, without the others. */
function* turnsOf(plan: TranslatedPlan, rounds: TranslatedResult['rounds']): Generator<Turn> {
  for (const part of TRANSLATED_PARTS) {
    const wanted = plan.rounds[part];
    const turns = wanted === 0 ? 0 : wanted + plan.repeatsMax;
    for (let turn = 0; turn < turns; turn++) {
      for (const group of groupOrder(turn)) {
        const pairs = PAIRS.filter(({ client }) => client === group.client);
        if (pairs.some((pair) => roundsOf(rounds[part], pair) < wanted)) yield { part, group, turn };
      }
    }
  }
}

export function roundsOf(rounds: readonly TranslatedRound[], { translated }: LanePair): number {
  return rounds.filter(({ lane }) => lane === translated).length;
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
