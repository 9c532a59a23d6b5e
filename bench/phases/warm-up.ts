import { closedLoop } from '../load/closed-loop.ts';
import { StreamLoad } from '../load/stream-load.ts';
import { ANSWER, requestBytes, shortCall } from '../load/wire.ts';
import { type Bench, type Problem, wrongAnswers } from '../measurement.ts';
import type { Subject } from '../subjects/subject.ts';

const STREAMS = 200;
const RAMP_MS = 300;
const INTERVAL_MS = 10;
const FINISH_MS = 15_000;

/**
 * Calls before the first round, a hundred thousand and more: what V8 compiles,
 * and compiles again, until a program runs as it will for days is not what a
 * call costs, and a larger program has more of it. Measured at full load:
 * Leeward has 1,475 functions optimised in its first six seconds, 186 in the
 * next, and none from 36 s on.
 */
export async function warmUpCalls({ plan }: Bench, subject: Subject): Promise<Problem[]> {
  const { coldSeconds, connections } = plan.calls;
  // Nothing is compiled there.
  if (coldSeconds === 0 || subject.name === 'nginx') return [];
  const load = await closedLoop({
    port: subject.calls.port,
    request: requestBytes(subject.calls, shortCall(subject.calls.model)),
    expected: Buffer.from(ANSWER),
    connections,
    untilMs: performance.now() + coldSeconds * 1_000,
  });
  await subject.settled();
  return wrongAnswers(load);
}

/**
 * Streams before the first round: what a subject compiles then is not what a frame costs.
 *
 * @param frames of each of them
 */
export async function warmUpStreams(
  { streamMock }: Pick<Bench, 'streamMock'>,
  subject: Subject,
  frames: number,
): Promise<Problem[]> {
  const order = { frames, intervalMs: INTERVAL_MS };
  const servedBefore = (await streamMock.served()).streams;
  const load = new StreamLoad({ address: subject.streams, streams: STREAMS, rampMs: RAMP_MS, order });
  await load.open();
  const problems = wrongAnswers(await load.finish(frames * INTERVAL_MS + FINISH_MS));
  await subject.settled();
  const served = (await streamMock.served()).streams - servedBefore;
  return served === STREAMS
    ? problems
    : [...problems, { kind: 'wrong', text: `the upstream served ${served} of ${STREAMS}` }];
}
