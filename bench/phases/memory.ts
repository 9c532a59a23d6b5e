import { residentBytes } from '../harness/cpu-clock.ts';
import { pause } from '../harness/processes.ts';
import { StreamLoad } from '../load/stream-load.ts';
import { type Bench, type Measurement, unsettledProblems, wrong, wrongAnswers } from '../measurement.ts';
import type { Subject } from '../subjects/subject.ts';

const INTERVAL_MS = 1_000;
const SPARE_FRAMES = 1;
const FINISH_MS = 20_000;

/** Resident memory with many slow streams open, by stream, and what is left of it after they have ended. */
export async function measureMemory(bench: Bench, subject: Subject): Promise<Measurement> {
  const { streams, rampMs, holdMs, afterMs } = bench.plan.memory;
  const { pid } = subject;
  if (pid === undefined) throw new Error(`${subject.name} has no memory of its own`);
  const frames = Math.ceil((rampMs + holdMs) / INTERVAL_MS) + SPARE_FRAMES;
  await subject.settled();
  const servedBefore = await bench.streamMock.served();
  const fromMs = Date.now();
  const idleBytes = residentBytes(pid);
  const load = new StreamLoad({
    address: subject.streams,
    streams,
    rampMs,
    order: { frames, intervalMs: INTERVAL_MS },
  });
  await load.open();
  await pause(holdMs);
  const openBytes = residentBytes(pid);
  const problems = wrongAnswers(await load.finish(frames * INTERVAL_MS + FINISH_MS));
  await subject.settled();
  problems.push(...(await unsettledProblems(subject)));
  const toMs = Date.now();
  const served = (await bench.streamMock.served()).streams - servedBefore.streams;
  if (served !== streams) problems.push(wrong(`${streams} streams were opened and the upstream served ${served}`));
  await pause(afterMs);
  const afterBytes = residentBytes(pid);
  return {
    phase: 'memory',
    subject: subject.name,
    figures: {
      kbPerStream: (openBytes - idleBytes) / streams / 1_024,
      idleMb: idleBytes / 2 ** 20,
      openMb: openBytes / 2 ** 20,
      afterMb: afterBytes / 2 ** 20,
    },
    problems,
    rows: { fromMs, toMs, min: streams, max: streams, answered: streams },
  };
}
