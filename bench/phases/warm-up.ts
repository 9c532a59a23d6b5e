import { StreamLoad } from '../load/stream-load.ts';
import { type Bench, type Problem, wrongAnswers } from '../measurement.ts';
import type { Subject } from '../subjects/subject.ts';

const STREAMS = 200;
const RAMP_MS = 300;
const ORDER = { frames: 40, intervalMs: 10 };
const FINISH_MS = 15_000;

/** Streams before the first round: what a subject compiles then is not what a frame costs. Calls warm up before each round. */
export async function warmUp({ streamMock }: Bench, subject: Subject): Promise<Problem[]> {
  const servedBefore = (await streamMock.served()).streams;
  const load = new StreamLoad({ address: subject.streams, streams: STREAMS, rampMs: RAMP_MS, order: ORDER });
  await load.open();
  const problems = wrongAnswers(await load.finish(FINISH_MS));
  await subject.settled();
  const served = (await streamMock.served()).streams - servedBefore;
  return served === STREAMS
    ? problems
    : [...problems, { kind: 'wrong', text: `the upstream served ${served} of ${STREAMS}` }];
}
