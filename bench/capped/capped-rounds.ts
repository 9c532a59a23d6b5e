import { type Measurement, type Problem, wrongAnswers } from '../measurement.ts';
import { measureLatency } from '../phases/latency.ts';
import { measureSaturation, type Saturated, saturate } from '../phases/saturation.ts';
import type { AnswerMock } from '../subjects/nginx.ts';
import { nothingLeftBehind, type Subject } from '../subjects/subject.ts';
import { type CappedGateway, PAYERS, type Payer } from './capped-gateway.ts';
import type { CappedPlan } from './capped-plan.ts';

/** Measured apart, and void apart: a sender that was late says nothing of CPU time. */
export const CAPPED_PARTS = ['cpu', 'latency'] as const;
export type CappedPart = (typeof CAPPED_PARTS)[number];

export const CAPPED_FIGURES = [
  { part: 'cpu', figure: 'cpuPerCallUs', title: 'CPU per call at saturation, µs', digits: 1 },
  { part: 'cpu', figure: 'firstThreadUs', title: 'of that in the first thread, µs', digits: 1 },
  { part: 'cpu', figure: 'callsPerSecond', title: 'calls per second, 64 connections', digits: 0 },
  { part: 'latency', figure: 'cpuAtRateUs', title: 'CPU per call at 500 a second, µs', digits: 1 },
  { part: 'latency', figure: 'addedP50Us', title: 'added latency at 500 a second, p50, µs', digits: 0 },
  { part: 'latency', figure: 'addedP99Us', title: 'added latency at 500 a second, p99, µs', digits: 0 },
] as const;
export type CappedFigure = (typeof CAPPED_FIGURES)[number]['figure'];

export type CappedFigures = Readonly<Partial<Record<CappedFigure, number>>>;
/** One part once, with both keys. */
export type CappedRound = Readonly<Record<Payer, CappedFigures>>;

export interface MeasuredRound {
  readonly round: CappedRound;
  readonly problems: readonly Problem[];
  /** What disturbed a side that was measured again. */
  readonly disturbed: readonly Problem[];
  /** Calls that the capped key had answered. */
  readonly cappedCalls: number;
}

export interface CappedBench {
  readonly plan: CappedPlan;
  readonly gateway: CappedGateway;
  readonly answerMock: AnswerMock;
}

type Side = Payer | 'direct';

/** Calls before the first round, with both keys: what V8 compiles then is not what a call costs. @returns the capped ones */
export async function warmUp({
  plan,
  gateway,
}: CappedBench): Promise<{ readonly calls: number; readonly problems: Problem[] }> {
  const problems: Problem[] = [];
  let calls = 0;
  for (const payer of PAYERS) {
    const { connections, coldSeconds } = plan;
    const load = await saturate(gateway.as(payer), { connections, seconds: coldSeconds });
    problems.push(...wrongAnswers(load));
    if (payer === 'capped') calls += load.calls;
  }
  return { calls, problems };
}

/** Both keys once, in an order that moves on with each round. */
export async function measureRound(bench: CappedBench, part: CappedPart, turn: number): Promise<MeasuredRound> {
  const payers = turn % 2 === 0 ? PAYERS : PAYERS.toReversed();
  return part === 'cpu' ? cpuRound(bench, payers) : latencyRound(bench, payers);
}

async function cpuRound({ plan, gateway, answerMock }: CappedBench, payers: readonly Payer[]): Promise<MeasuredRound> {
  const cpu = {} as Record<Payer, Saturated>;
  for (const payer of payers) cpu[payer] = await measureSaturation(answerMock, gateway.as(payer), plan);
  return {
    round: { uncapped: cpu.uncapped.figures, capped: cpu.capped.figures },
    problems: payers.flatMap((payer) => cpu[payer].problems),
    disturbed: [],
    cappedCalls: cpu.capped.calls,
  };
}

/** With the mock alone as the zero. */
async function latencyRound(bench: CappedBench, payers: readonly Payer[]): Promise<MeasuredRound> {
  const latency = {} as Record<Side, Measurement>;
  const sides = [...payers, 'direct'] as const;
  const disturbed: Problem[] = [];
  let cappedCalls = 0;
  for (const side of sides) {
    const tries = await measureSide(bench, side);
    latency[side] = tries.last;
    disturbed.push(...tries.disturbed);
    if (side === 'capped') cappedCalls = tries.answered;
  }
  const figuresOf = (payer: Payer) => ({
    cpuAtRateUs: figure(latency[payer], 'cpuPerCallUs'),
    addedP50Us: figure(latency[payer], 'p50Us') - figure(latency.direct, 'p50Us'),
    addedP99Us: figure(latency[payer], 'p99Us') - figure(latency.direct, 'p99Us'),
  });
  return {
    round: { uncapped: figuresOf('uncapped'), capped: figuresOf('capped') },
    problems: sides.flatMap((side) => latency[side].problems),
    disturbed,
    cappedCalls,
  };
}

interface SideTries {
  readonly last: Measurement;
  /** Of those before it. */
  readonly disturbed: readonly Problem[];
  /** Calls that were answered, over all tries. */
  readonly answered: number;
}

/**
 * One side, again at once when the machine disturbed it: three sides in a row
 * that nothing disturbs are rarer than each of them.
 */
async function measureSide({ gateway, answerMock, plan }: CappedBench, side: Side): Promise<SideTries> {
  const subject = side === 'direct' ? directTo(answerMock) : gateway.as(side);
  const disturbed: Problem[] = [];
  let answered = 0;
  for (let left = plan.triesMax; ; left--) {
    const last = await measureLatency({ plan, answerMock }, subject);
    answered += last.rows?.answered ?? 0;
    const again = last.problems.length > 0 && last.problems.every(({ kind }) => kind === 'disturbed');
    if (!again || left <= 1) return { last, disturbed, answered };
    disturbed.push(...last.problems);
  }
}

function directTo({ port }: AnswerMock): Subject {
  const calls = { port, model: 'gpt-4o-mini', headers: { authorization: 'Bearer sk-client' } };
  const about = { version: '', command: '', features: 'the mock itself' };
  return { ...nothingLeftBehind, name: 'direct', calls, streams: calls, about };
}

function figure({ figures }: Measurement, name: string): number {
  return figures[name] ?? Number.NaN;
}
