import { pause } from '../harness/processes.ts';
import { closedLoop } from '../load/closed-loop.ts';
import { ANSWER, requestBytes, shortCall } from '../load/wire.ts';
import { WRK, wrk } from '../load/wrk.ts';
import {
  type Bench,
  type Measurement,
  type Problem,
  Span,
  unsettledProblems,
  wrong,
  wrongAnswers,
} from '../measurement.ts';
import type { Subject } from '../subjects/subject.ts';

const EXPECTED = Buffer.from(ANSWER);
/** Until calls that a load cut off have ended everywhere. */
const CUT_OFF_MS = 100;

interface Saturation {
  readonly calls: number;
  /** Calls that were under way when the load ended and that it does not count. */
  readonly cutMax: number;
  readonly seconds: number;
  readonly problems: Problem[];
}

/** CPU time per call with as many calls as the subject can take, and how many that is. */
export async function measureCalls(bench: Bench, subject: Subject): Promise<Measurement> {
  const { answerMock } = bench;
  const { warmUpSeconds, connections } = bench.plan.calls;
  const warmUp = await saturateFromHere(subject, connections, warmUpSeconds);
  await pause(CUT_OFF_MS);
  await subject.settled();
  const servedBefore = await answerMock.served();
  const span = new Span(subject, answerMock.pid);
  const { calls, cutMax, seconds, problems } = await saturate(bench, subject, bench.plan.calls.seconds);
  await pause(CUT_OFF_MS);
  await subject.settled();
  const used = span.end();
  problems.push(...warmUp.problems);
  problems.push(...used.problems, ...(await unsettledProblems(subject)));
  const served = (await answerMock.served()) - servedBefore;
  if (calls === 0) problems.push(wrong('no call was answered'));
  if (served < calls || served > calls + cutMax) {
    problems.push(wrong(`${calls} calls were answered and the upstream served ${served}`));
  }
  return {
    phase: 'calls',
    subject: subject.name,
    figures: {
      cpuPerCallUs: used.micros / calls,
      firstThreadUs: used.mainMicros / calls,
      callsPerSecond: calls / seconds,
      neighboursPercent: used.neighbours * 100,
    },
    problems,
    mockMicros: used.mockMicros / served,
    rows: { fromMs: span.fromMs, toMs: Date.now(), min: served, max: calls + cutMax, answered: calls },
  };
}

async function saturate(bench: Bench, subject: Subject, seconds: number): Promise<Saturation> {
  const { connections } = bench.plan.calls;
  if (WRK === undefined) return saturateFromHere(subject, connections, seconds);
  const load = await wrk(subject.calls, { folder: bench.folder, seconds, connections });
  const problems: Problem[] = [];
  if (load.wrong > 0) problems.push(wrong(`${load.wrong} answers were wrong: an error, or a byte difference`));
  if (load.failed > 0) problems.push(wrong(`${load.failed} calls had no answer`));
  return { calls: load.calls, cutMax: connections, seconds: load.durationMicros / 1e6, problems };
}

/** To warm up, and without `wrk`, this process makes the calls, which costs it about as much as nginx. */
async function saturateFromHere(subject: Subject, connections: number, seconds: number): Promise<Saturation> {
  const begunMs = performance.now();
  const load = await closedLoop({
    port: subject.calls.port,
    request: requestBytes(subject.calls, shortCall(subject.calls.model)),
    expected: EXPECTED,
    connections,
    untilMs: begunMs + seconds * 1_000,
  });
  return {
    calls: load.calls,
    cutMax: 0,
    seconds: (performance.now() - begunMs) / 1_000,
    problems: wrongAnswers(load),
  };
}
