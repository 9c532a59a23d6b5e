import { OpenLoop } from '../load/open-loop.ts';
import { requestBytes, SHORT_CHAT, type ShortCall } from '../load/wire.ts';
import { disturbed, type Measurement, Span, unsettledProblems, wrong, wrongAnswers } from '../measurement.ts';
import type { LatencyPlan } from '../phase-plans.ts';
import type { AnswerMock } from '../subjects/nginx.ts';
import type { Subject } from '../subjects/subject.ts';

const WARM_UP_SECONDS = 0.5;

/** Latency from the instant each call was due, at one rate for everybody. */
export async function measureLatency(
  bench: { readonly plan: { readonly latency: LatencyPlan }; readonly answerMock: AnswerMock },
  subject: Subject,
  call: ShortCall = SHORT_CHAT,
): Promise<Measurement> {
  const { callsPerSecond, seconds, sendLagUsMax } = bench.plan.latency;
  const { answerMock } = bench;
  await subject.settled();
  const servedBefore = await answerMock.served();
  const fromMs = Date.now();
  let span: Span | undefined;
  const calls = Math.round(callsPerSecond * seconds);
  const load = await new OpenLoop({
    port: subject.calls.port,
    request: requestBytes(subject.calls, call.body(subject.calls.model)),
    expected: call.expected,
    callsPerSecond,
    warmUpCalls: Math.round(callsPerSecond * WARM_UP_SECONDS),
    calls,
    onMeasured: () => {
      span = new Span(subject, answerMock.pid);
    },
  }).run();
  await subject.settled();
  if (span === undefined) throw new Error('the load ended before it was measured');
  const used = span.end();
  const problems = [...used.problems, ...wrongAnswers(load), ...(await unsettledProblems(subject))];
  const lagUs = load.sendLagUs.quantile(0.99) ?? Number.POSITIVE_INFINITY;
  if (lagUs > sendLagUsMax) problems.push(disturbed(`calls were sent ${lagUs.toFixed(0)} µs late (p99)`));
  const served = (await answerMock.served()) - servedBefore;
  if (served !== load.calls) problems.push(wrong(`${load.calls} calls were made and the upstream served ${served}`));
  const at = (share: number) => load.latencyUs.quantile(share) ?? Number.POSITIVE_INFINITY;
  return {
    phase: 'latency',
    subject: subject.name,
    figures: { p50Us: at(0.5), p90Us: at(0.9), p99Us: at(0.99), cpuPerCallUs: used.micros / calls, sendLagUs: lagUs },
    problems,
    rows: { fromMs, toMs: Date.now(), min: load.calls, max: load.calls, answered: load.calls },
  };
}
