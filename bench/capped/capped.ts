import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EngineName, enginesHere } from '../../test/support/engines.ts';
import { startPostgres } from '../../test/support/postgres-server.ts';
import { Processes } from '../harness/processes.ts';
import { median } from '../harness/samples.ts';
import { startAnswerMock } from '../subjects/nginx.ts';
import { CALL_NANO_USD, CappedGateway, LEVELS, PAYERS } from './capped-gateway.ts';
import type { CappedPlan } from './capped-plan.ts';
import {
  CAPPED_FIGURES,
  type CappedBench,
  type CappedFigure,
  type CappedRound,
  measureRound,
  warmUp,
} from './capped-rounds.ts';

export interface EngineCapped {
  readonly engine: EngineName;
  /** Those that count. */
  readonly rounds: readonly CappedRound[];
  /** Rounds that were asked for; those that the machine disturbed too often are missing. */
  readonly wanted: number;
  /** What was wrong; nothing when every answer and the books were right. */
  readonly wrong: readonly string[];
}

/** A capped call beside an uncapped one, in a gateway on each engine that is here. */
export async function measureCapped(plan: CappedPlan, tell: (line: string) => void): Promise<EngineCapped[]> {
  const results: EngineCapped[] = [];
  const here = await enginesHere();
  for (const engine of plan.engines.filter((name) => here.includes(name))) {
    const folder = mkdtempSync(join(tmpdir(), 'leeward-bench-'));
    try {
      results.push(await measureEngine({ engine, folder }, plan, tell));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  return results;
}

async function measureEngine(
  { engine, folder }: { readonly engine: EngineName; readonly folder: string },
  plan: CappedPlan,
  tell: (line: string) => void,
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
  const rounds: CappedRound[] = [];
  let cappedCalls = warm.calls;
  for (let turn = 0; rounds.length < plan.rounds && turn < plan.rounds + plan.repeatsMax; turn++) {
    const { round, problems, cappedCalls: calls } = await measureRound(bench, turn);
    cappedCalls += calls;
    for (const payer of PAYERS) tell(`capped   ${engine.padEnd(10)} ${payer.padEnd(10)} ${line(round[payer])}`);
    for (const { text } of problems) tell(`void     ${engine.padEnd(10)} ${text}`);
    wrong.push(...problems.filter(({ kind }) => kind === 'wrong').map(({ text }) => text));
    if (problems.length === 0) rounds.push(round);
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

function line(figures: Readonly<Record<CappedFigure, number>>): string {
  return CAPPED_FIGURES.map(({ figure, digits }) => `${figure} ${figures[figure].toFixed(digits)}`).join('  ');
}

export interface CappedSpread {
  readonly uncapped: number;
  readonly capped: number;
  /** What a cap adds, within each round. */
  readonly added: { readonly median: number; readonly min: number; readonly max: number };
}

/** Medians over the rounds; `undefined` when no round counts. */
export function cappedSpread({ rounds }: EngineCapped, figure: CappedFigure): CappedSpread | undefined {
  if (rounds.length === 0) return undefined;
  const added = rounds.map(({ uncapped, capped }) => capped[figure] - uncapped[figure]);
  return {
    uncapped: median(rounds.map(({ uncapped }) => uncapped[figure])),
    capped: median(rounds.map(({ capped }) => capped[figure])),
    added: { median: median(added), min: Math.min(...added), max: Math.max(...added) },
  };
}
