import { closedLoop } from '../load/closed-loop.ts';
import { ANSWER, PROMPT_KILOBYTES, type PromptKilobytes, promptCall, requestBytes } from '../load/wire.ts';
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
/** Per connection and size. */
const WARM_UP_CALLS = 5;

/** CPU time and latency of calls with long prompts; the mock reads them whole and compares every byte. */
export async function measurePrompts(bench: Bench, subject: Subject): Promise<Measurement> {
  const figures: Record<string, number> = {};
  const problems: Problem[] = [];
  const { streamMock } = bench;
  const before = await streamMock.served();
  const fromMs = Date.now();
  let calls = 0;
  let measured = 0;
  let mockMicros = 0;
  for (const kilobytes of PROMPT_KILOBYTES) {
    const part = await measureSize(bench, subject, kilobytes);
    Object.assign(figures, part.figures);
    problems.push(...part.problems);
    calls += part.calls;
    measured += part.measured;
    mockMicros += part.mockMicros;
  }
  problems.push(...(await unsettledProblems(subject)));
  const served = (await streamMock.served()).answers - before.answers;
  if (served !== calls) problems.push(wrong(`${calls} calls were made and the upstream served ${served}`));
  return {
    phase: 'prompts',
    subject: subject.name,
    figures,
    problems,
    mockMicros: mockMicros / measured,
    rows: { fromMs, toMs: Date.now(), min: calls, max: calls, answered: calls },
  };
}

async function measureSize(bench: Bench, subject: Subject, kilobytes: PromptKilobytes) {
  const { connections, calls } = bench.plan.prompts;
  const request = requestBytes(subject.streams, promptCall(subject.streams.model, kilobytes));
  const load = { port: subject.streams.port, request, expected: EXPECTED, connections };
  const warmUp = await closedLoop({ ...load, calls: connections * WARM_UP_CALLS });
  await subject.settled();
  const span = new Span(subject, bench.streamMock.pid);
  const result = await closedLoop({ ...load, calls: calls[kilobytes] });
  await subject.settled();
  const used = span.end();
  return {
    figures: {
      [`cpu${kilobytes}KbUs`]: used.micros / result.calls,
      [`p50At${kilobytes}KbUs`]: result.latencyUs.quantile(0.5) ?? Number.POSITIVE_INFINITY,
    },
    problems: [...used.problems, ...wrongAnswers(warmUp), ...wrongAnswers(result)],
    measured: result.calls,
    calls: warmUp.calls + result.calls,
    mockMicros: used.mockMicros,
  };
}
