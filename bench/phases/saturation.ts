import { closedLoop, type LoadResult } from '../load/closed-loop.ts';
import { requestBytes, SHORT_CHAT, type ShortCall } from '../load/wire.ts';
import { type Problem, type RowClaim, Span, unsettledProblems, wrong, wrongAnswers } from '../measurement.ts';
import type { AnswerMock } from '../subjects/nginx.ts';
import type { Subject } from '../subjects/subject.ts';

export interface SaturationOptions {
  readonly connections: number;
  readonly seconds: number;
  readonly call?: ShortCall;
}

export interface Saturated {
  /** All of them answered. */
  readonly calls: number;
  readonly figures: {
    readonly cpuPerCallUs: number;
    readonly firstThreadUs: number;
    readonly callsPerSecond: number;
  };
  readonly problems: readonly Problem[];
  readonly rows: RowClaim;
}

/** As many calls as a subject can take, made by this process, which reads every answer. */
export function saturate(
  subject: Subject,
  { connections, seconds, call = SHORT_CHAT }: SaturationOptions,
): Promise<LoadResult> {
  return closedLoop({
    port: subject.calls.port,
    request: requestBytes(subject.calls, call.body(subject.calls.model)),
    expected: call.expected,
    connections,
    untilMs: performance.now() + seconds * 1_000,
  });
}

/** CPU time per call at saturation. All calls are waited for: each has to be on the books, and in the upstream. */
export async function measureSaturation(
  answerMock: AnswerMock,
  subject: Subject,
  options: SaturationOptions,
): Promise<Saturated> {
  await subject.settled();
  const servedBefore = await answerMock.served();
  const span = new Span(subject, answerMock.pid);
  const beganMs = performance.now();
  const load = await saturate(subject, options);
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
    rows: { fromMs: span.fromMs, toMs: Date.now(), min: calls, max: calls, answered: calls },
  };
}
