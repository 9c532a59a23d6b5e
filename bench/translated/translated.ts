import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errorMessage } from '../../src/kernel/errors.ts';
import type { Patience } from '../harness/patience.ts';
import { Processes } from '../harness/processes.ts';
import { countRows, rowProblem } from '../row-audit.ts';
import { type LaneFigures, TRANSLATED_FIGURES } from './lane-measures.ts';
import { LANES, type PerLane } from './lanes.ts';
import { type LaneTalk, probeLane } from './probe.ts';
import { TranslatedGateway } from './translated-gateway.ts';
import { TRANSLATED_PARTS, type TranslatedPart, type TranslatedPlan } from './translated-plan.ts';
import { type LaneClaim, measureRound, type TranslatedRound, warmUp } from './translated-rounds.ts';

/** What a translation costs, as far as rounds of it count. */
export interface TranslatedResult {
  readonly rounds: Readonly<Record<TranslatedPart, readonly TranslatedRound[]>>;
  /** Rounds that were asked for of each part; those that the machine disturbed too often are missing. */
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
  for (const part of TRANSLATED_PARTS) {
    const turns = plan.rounds[part] === 0 ? 0 : plan.rounds[part] + plan.repeatsMax;
    for (let turn = 0; rounds[part].length < plan.rounds[part] && turn < turns; turn++) {
      await patience.quiet();
      const measured = await measureRound(bench, part, turn);
      for (const { name } of LANES) tell(`${part.padEnd(8)} ${name.padEnd(18)} ${line(measured.round[name])}`);
      for (const { lane, text } of measured.problems) tell(`void     ${lane.padEnd(18)} ${text}`);
      const mistakes = measured.problems.filter(({ kind }) => kind === 'wrong');
      wrong.push(...mistakes.map(({ lane, text }) => `${part}: ${lane}: ${text}`));
      claims.push(...measured.claims);
      if (measured.problems.length === 0) rounds[part].push(measured.round);
    }
  }
  return found;
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
