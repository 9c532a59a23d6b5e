import { closedLoop } from '../load/closed-loop.ts';
import { ANSWER, requestBytes, shortCall } from '../load/wire.ts';
import { type Measurement, type Problem, Span, unsettledProblems, wrong, wrongAnswers } from '../measurement.ts';
import { measureLatency } from '../phases/latency.ts';
import type { AnswerMock } from '../subjects/nginx.ts';
import { nothingLeftBehind, type Subject } from '../subjects/subject.ts';
import { type CappedGateway, PAYERS, type Payer } from './capped-gateway.ts';
import type { CappedPlan } from './capped-plan.ts';

export const CAPPED_FIGURES = [
  { figure: 'cpuPerCallUs', title: 'CPU per call at saturation, µs', digits: 1 },
  { figure: 'firstThreadUs', title: 'of that in the first thread, µs', digits: 1 },
  { figure: 'callsPerSecond', title: 'calls per second, 64 connections', digits: 0 },
  { figure: 'cpuAtRateUs', title: 'CPU per call at 500 a second, µs', digits: 1 },
  { figure: 'addedP50Us', title: 'added latency at 500 a second, p50, µs', digits: 0 },
  { figure: 'addedP99Us', title: 'added latency at 500 a second, p99, µs', digits: 0 },
] as const;
export type CappedFigure = (typeof CAPPED_FIGURES)[number]['figure'];

export type CappedRound = Readonly<Record<Payer, Readonly<Record<CappedFigure, number>>>>;

export interface MeasuredRound {
  readonly round: CappedRound;
  readonly problems: readonly Problem[];
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
export async function warmUp(bench: CappedBench): Promise<{ readonly calls: number; readonly problems: Problem[] }> {
  const problems: Problem[] = [];
  let calls = 0;
  for (const payer of PAYERS) {
    const load = await saturate(bench, bench.gateway.as(payer), bench.plan.coldSeconds);
    problems.push(...wrongAnswers(load));
    if (payer === 'capped') calls += load.calls;
  }
  return { calls, problems };
}

/** Both keys once, in an order that moves on with each round, and the mock alone as the zero of latencies. */
export async function measureRound(bench: CappedBench, turn: number): Promise<MeasuredRound> {
  const { gateway, answerMock, plan } = bench;
  const payers = turn % 2 === 0 ? PAYERS : PAYERS.toReversed();
  const problems: Problem[] = [];
  const cpu = {} as Record<Payer, Awaited<ReturnType<typeof measureCpu>>>;
  const latency = {} as Record<Side, Measurement>;
  for (const payer of payers) {
    cpu[payer] = await measureCpu(bench, gateway.as(payer));
    problems.push(...cpu[payer].problems);
  }
  for (const side of [...payers, 'direct'] as const) {
    const subject = side === 'direct' ? directTo(answerMock) : gateway.as(side);
    latency[side] = await measureLatency({ plan, answerMock }, subject);
    problems.push(...latency[side].problems);
  }
  const figuresOf = (payer: Payer) => ({
    ...cpu[payer].figures,
    cpuAtRateUs: figure(latency[payer], 'cpuPerCallUs'),
    addedP50Us: figure(latency[payer], 'p50Us') - figure(latency.direct, 'p50Us'),
    addedP99Us: figure(latency[payer], 'p99Us') - figure(latency.direct, 'p99Us'),
  });
  return {
    round: { uncapped: figuresOf('uncapped'), capped: figuresOf('capped') },
    problems,
    cappedCalls: cpu.capped.calls + (latency.capped.rows?.answered ?? 0),
  };
}

/** As many calls as it can take. They are made from here, and all are waited for: each has to be on the books. */
async function measureCpu(bench: CappedBench, subject: Subject) {
  const { answerMock, plan } = bench;
  await subject.settled();
  const servedBefore = await answerMock.served();
  const span = new Span(subject, answerMock.pid);
  const beganMs = performance.now();
  const load = await saturate(bench, subject, plan.seconds);
  const seconds = (performance.now() - beganMs) / 1_000;
  await subject.settled();
  const used = span.end();
  const served = (await answerMock.served()) - servedBefore;
  const problems = [...used.problems, ...wrongAnswers(load), ...(await unsettledProblems(subject))];
  const { calls } = load;
  if (calls === 0) problems.push(wrong('no call was answered'));
  if (served !== calls) problems.push(wrong(`${calls} calls were answered and the upstream served ${served}`));
  return {
    calls,
    problems,
    figures: {
      cpuPerCallUs: used.micros / calls,
      firstThreadUs: used.mainMicros / calls,
      callsPerSecond: calls / seconds,
    },
  };
}

function saturate({ plan }: CappedBench, subject: Subject, seconds: number) {
  return closedLoop({
    port: subject.calls.port,
    request: requestBytes(subject.calls, shortCall(subject.calls.model)),
    expected: Buffer.from(ANSWER),
    connections: plan.connections,
    untilMs: performance.now() + seconds * 1_000,
  });
}

function directTo({ port }: AnswerMock): Subject {
  const calls = { port, model: 'gpt-4o-mini', headers: { authorization: 'Bearer sk-client' } };
  const about = { version: '', command: '', features: 'the mock itself' };
  return { ...nothingLeftBehind, name: 'direct', calls, streams: calls, about };
}

function figure({ figures }: Measurement, name: string): number {
  return figures[name] ?? Number.NaN;
}
