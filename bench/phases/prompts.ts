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

/** CPU time and latency of calls with long prompts; the mock reads them whole and compares every byte. */
export async function measurePrompts(bench: Bench, subject: Subject): Promise<Measurement> {
  const figures: Record<string, number> = {};
  const problems: Problem[] = [];
  const { streamMock } = bench;
  const before = await streamMock.served();
  const fromMs = Date.now();
  let calls = 0;
  let mockMicros = 0;
  for (const kilobytes of PROMPT_KILOBYTES) {
    const part = await measureSize(bench, subject, kilobytes);
    Object.assign(figures, part.figures);
    problems.push(...part.problems);
    calls += part.calls;
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
    mockMicros: mockMicros / calls,
    rows: { fromMs, toMs: Date.now(), min: calls, max: calls, answered: calls },
  };
}

async function measureSize(bench: Bench, subject: Subject, kilobytes: PromptKilobytes) {
  const { connections, calls } = bench.plan.prompts;
  await subject.settled();
  const span = new Span(subject, bench.streamMock.pid);
  const load = await closedLoop({
    port: subject.streams.port,
    request: requestBytes(subject.streams, promptCall(subject.streams.model, kilobytes)),
    expected: EXPECTED,
    connections,
    calls: calls[kilobytes],
  });
  await subject.settled();
  const used = span.end();
  return {
    figures: {
      [`cpu${kilobytes}KbUs`]: used.micros / load.calls,
      [`p50At${kilobytes}KbUs`]: load.latencyUs.quantile(0.5) ?? Number.POSITIVE_INFINITY,
    },
    problems: [...used.problems, ...wrongAnswers(load)],
    calls: load.calls,
    mockMicros: used.mockMicros,
  };
}
