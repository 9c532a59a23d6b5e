import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EngineName, enginesHere } from '../../test/support/engines.ts';
import { startPostgres } from '../../test/support/postgres-server.ts';
import type { Patience } from '../harness/patience.ts';
import { Processes } from '../harness/processes.ts';
import { median } from '../harness/samples.ts';
import { startAnswerMock } from '../subjects/nginx.ts';
import { CALL_NANO_USD, CappedGateway, LEVELS, PAYERS } from './capped-gateway.ts';
import type { CappedPlan } from './capped-plan.ts';
import {
  CAPPED_FIGURES,
  CAPPED_PARTS,
  type CappedBench,
  type CappedFigure,
  type CappedFigures,
  type CappedPart,
  type CappedRound,
  measureRound,
  warmUp,
} from './capped-rounds.ts';

export interface EngineCapped {
  readonly engine: EngineName;
  /** Those that count, of both parts. */
  readonly rounds: Readonly<Record<CappedPart, readonly CappedRound[]>>;
  /** Rounds that were asked for of each part; those that the machine disturbed too often are missing. */
  readonly wanted: number;
  /** What was wrong; nothing when every answer and the books were right. */
  readonly wrong: readonly string[];
}

/** A capped call beside an uncapped one, in a gateway on each engine that is here. */
export async function measureCapped(
  plan: CappedPlan,
  patience: Patience,
  tell: (line: string) => void,
): Promise<EngineCapped[]> {
  const results: EngineCapped[] = [];
  const here = await enginesHere();
  for (const engine of plan.engines.filter((name) => here.includes(name))) {
    const folder = mkdtempSync(join(tmpdir(), 'leeward-bench-'));
    try {
      results.push(await measureEngine({ engine, folder }, { plan, patience, tell }));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  return results;
}

interface CappedOptions {
  readonly plan: CappedPlan;
  readonly patience: Patience;
  tell(line: string): void;
}

async function measureEngine(
  { engine, folder }: { readonly engine: EngineName; readonly folder: string },
  { plan, patience, tell }: CappedOptions,
): Promise<EngineCapped> {
  await using closing = new AsyncDisposableStack();
  const server = engine === 'server' ? closing.use(await startPostgres()) : undefined;
  const processes = closing.use(new Processes(folder));
  const answerMock = await startAnswerMock(processes, folder);
  const env: Readonly<Record<string, string>> = server === undefined ? {} : { DATABASE_URL: server.url };
  const gateway = await CappedGateway.start(processes, folder, { mock: answerMock, env });
  const bench: CappedBench = { plan, gateway, answerMock };
  const warm = await warmUp(bench);
  const wrong = warm.problems.map(({ text }) => text);
  const rounds: Record<CappedPart, CappedRound[]> = { cpu: [], latency: [] };
  let cappedCalls = warm.calls;
  for (const part of CAPPED_PARTS) {
    for (let turn = 0; rounds[part].length < plan.rounds && turn < plan.rounds + plan.repeatsMax; turn++) {
      await patience.quiet();
      const { round, problems, disturbed, cappedCalls: calls } = await measureRound(bench, part, turn);
      cappedCalls += calls;
      for (const payer of PAYERS) tell(`capped   ${engine.padEnd(10)} ${payer.padEnd(10)} ${line(round[payer])}`);
      for (const { text } of disturbed) tell(`again    ${engine.padEnd(10)} ${text}`);
      for (const { text } of problems) tell(`void     ${engine.padEnd(10)} ${text}`);
      wrong.push(...problems.filter(({ kind }) => kind === 'wrong').map(({ text }) => text));
      if (problems.length === 0) rounds[part].push(round);
    }
  }
  wrong.push(...(await bookProblems(gateway, cappedCalls)));
  return { engine, rounds, wanted: plan.rounds, wrong };
}

/** Every level has settled what the answers cost, to the nano-dollar, and holds nothing. */
async function bookProblems(gateway: CappedGateway, calls: number): Promise<string[]> {
  const expected = BigInt(calls) * CALL_NANO_USD;
  const levels = await gateway.books();
  const problems = levels.length === LEVELS.length ? [] : [`there are ${levels.length} levels of caps`];
  for (const [level, { settled, held }] of levels.entries()) {
    const of = LEVELS[level];
    if (settled !== expected) problems.push(`${of}: ${expected} nano-USD were spent and ${settled} settled`);
    if (held !== 0n) problems.push(`${of}: ${held} nano-USD are still held`);
  }
  return problems;
}

function line(figures: CappedFigures): string {
  return CAPPED_FIGURES.flatMap(({ figure, digits }) => {
    const value = figures[figure];
    return value === undefined ? [] : `${figure} ${value.toFixed(digits)}`;
  }).join('  ');
}

export interface CappedSpread {
  readonly uncapped: number;
  readonly capped: number;
  /** What a cap adds, within each round. */
  readonly added: { readonly median: number; readonly min: number; readonly max: number };
}

/** Medians over the rounds; `undefined` when no round counts. */
export function cappedSpread({ rounds }: EngineCapped, figure: CappedFigure): CappedSpread | undefined {
  const pairs = CAPPED_PARTS.flatMap((part) => rounds[part]).flatMap(({ uncapped, capped }) => {
    const [without, under] = [uncapped[figure], capped[figure]];
    return without === undefined || under === undefined ? [] : { without, under };
  });
  if (pairs.length === 0) return undefined;
  const added = pairs.map(({ without, under }) => under - without);
  return {
    uncapped: median(pairs.map(({ without }) => without)),
    capped: median(pairs.map(({ under }) => under)),
    added: { median: median(added), min: Math.min(...added), max: Math.max(...added) },
  };
}
