import { CpuSpan } from '../harness/cpu-clock.ts';
import { pause } from '../harness/processes.ts';
import { CHAT_STREAM, type StreamTalk } from '../load/stream-form.ts';
import { StreamLoad } from '../load/stream-load.ts';
import { disturbed, type Measurement, Span, unsettledProblems, wrong, wrongAnswers } from '../measurement.ts';
import type { FramesPlan } from '../phase-plans.ts';
import type { Subject } from '../subjects/subject.ts';
import type { StreamMock } from '../upstreams/stream-mock.ts';

/** So many intervals may a stream take longer than its frames ask for. */
const SPARE_FRAMES = 3;
const FINISH_MS = 15_000;
const RATE_MIN = 0.9;

/**
 * CPU time per frame while many streams flow and none begins or ends, what each
 * token waits on its way, and whether every frame arrives. The whole life of
 * the streams, with their beginnings and ends and the records of them, is
 * measured beside it.
 */
export async function measureFrames(
  bench: { readonly plan: { readonly frames: FramesPlan }; readonly streamMock: StreamMock },
  subject: Subject,
  talk: StreamTalk = CHAT_STREAM,
): Promise<Measurement> {
  const { streams, intervalMs, rampMs, settleMs, measureMs } = bench.plan.frames;
  const { streamMock } = bench;
  const frames = Math.ceil((rampMs + settleMs + measureMs) / intervalMs) + SPARE_FRAMES;
  await subject.settled();
  const before = await streamMock.served();
  const fromMs = Date.now();
  const life = subject.pid === undefined ? undefined : new CpuSpan(subject.pid);
  const load = new StreamLoad({ address: subject.streams, streams, rampMs, order: { frames, intervalMs }, talk });
  await load.open();
  await pause(settleMs);
  const span = new Span(subject, streamMock.pid);
  load.begin();
  await pause(measureMs);
  const counted = load.end();
  const used = span.end();
  const problems = [...used.problems, ...wrongAnswers(await load.finish(frames * intervalMs + FINISH_MS))];
  await subject.settled();
  const whole = life?.used();
  if (whole?.problem !== undefined) problems.push(wrong(whole.problem));
  problems.push(...(await unsettledProblems(subject)));
  const after = await streamMock.served();
  if (after.streams - before.streams !== streams) {
    problems.push(wrong(`${streams} streams were opened and the upstream served ${after.streams - before.streams}`));
  }
  const due = (streams * measureMs) / intervalMs;
  if (counted < due * RATE_MIN) problems.push(disturbed(`${counted} frames came while ${due} were due`));
  const at = (share: number) => load.frameUs.quantile(share) ?? Number.POSITIVE_INFINITY;
  const firstAt = (share: number) => load.firstFrameUs.quantile(share) ?? Number.POSITIVE_INFINITY;
  return {
    phase: 'frames',
    subject: subject.name,
    figures: {
      cpuPerFrameUs: used.micros / counted,
      neighboursPercent: used.neighbours * 100,
      firstThreadUs: used.mainMicros / counted,
      cpuPerFrameWholeUs: (whole?.micros ?? 0) / (streams * frames),
      tokenP50Us: at(0.5),
      tokenP99Us: at(0.99),
      firstP50Us: firstAt(0.5),
      firstP99Us: firstAt(0.99),
    },
    problems,
    mockMicros: used.mockMicros / counted,
    rows: { fromMs, toMs: Date.now(), min: streams, max: streams, answered: streams },
  };
}
