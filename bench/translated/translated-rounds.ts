import { StreamLoad } from '../load/stream-load.ts';
import { type Problem, type RowClaim, wrongAnswers } from '../measurement.ts';
import { saturate } from '../phases/saturation.ts';
import { type LaneFigures, MEASURE_LANE, type MeasuredLane, type TranslatedBench } from './lane-measures.ts';
import { LANES, type Lane, type LaneName, type LanePair, PAIRS } from './lanes.ts';
import type { TranslatedPart } from './translated-plan.ts';

/** One part once, in both lanes of one client. */
export interface TranslatedRound {
  readonly client: LanePair['client'];
  readonly native: LaneFigures;
  readonly translated: LaneFigures;
}

/** A reason not to believe a figure, and whose it is. */
export interface LaneProblem extends Problem {
  readonly lane: LaneName;
}

export interface LaneClaim {
  readonly lane: LaneName;
  readonly part: TranslatedPart;
  readonly rows: RowClaim;
}

export interface MeasuredPair {
  readonly round: TranslatedRound;
  readonly problems: readonly LaneProblem[];
  readonly claims: readonly LaneClaim[];
}

const WARM_STREAMS = { rampMs: 200, order: { frames: 30, intervalMs: 20 } };
const WARM_STREAMS_MS = 15_000;

/**
 * Calls and streams of all lanes at once, before the first round: V8 compiles
 * for what it has seen, and what has seen one lane alone would be faster at it
 * than a gateway that has all of them.
 */
export async function warmUp({ plan, gateway, talks }: TranslatedBench): Promise<LaneProblem[]> {
  const share = (all: number) => Math.max(1, Math.floor(all / LANES.length));
  const [connections, streams] = [share(plan.connections), share(plan.frames.streams)];
  const warm = async (lane: Lane): Promise<LaneProblem[]> => {
    const { subject } = gateway.lane(lane);
    const { call, stream } = talks[lane.name];
    const calls = await saturate(subject, { connections, seconds: plan.coldSeconds, call });
    const load = new StreamLoad({ address: subject.streams, talk: stream, streams, ...WARM_STREAMS });
    await load.open();
    const problems = [...wrongAnswers(calls), ...wrongAnswers(await load.finish(WARM_STREAMS_MS))];
    return problems.map((problem) => ({ ...problem, lane: lane.name }));
  };
  const problems = await Promise.all(LANES.map(warm));
  await gateway.settled();
  return problems.flat();
}

/** Both lanes of one client, one after the other, in an order that moves on with each turn. */
export async function measurePair(
  bench: TranslatedBench,
  part: TranslatedPart,
  { pair, turn }: { readonly pair: LanePair; readonly turn: number },
): Promise<MeasuredPair> {
  const measured = new Map<LaneName, MeasuredLane>();
  for (const lane of laneOrder(pair, turn)) measured.set(lane.name, await MEASURE_LANE[part](bench, lane));
  const figuresOf = (name: LaneName) => measured.get(name)?.figures ?? {};
  return {
    round: { client: pair.client, native: figuresOf(pair.native), translated: figuresOf(pair.translated) },
    problems: [...measured].flatMap(([lane, { problems }]) => problems.map((problem) => ({ ...problem, lane }))),
    claims: [...measured].map(([lane, { rows }]) => ({ lane, part, rows })),
  };
}

/** Over four turns each pair is first twice, and each lane of a pair is first in it twice. */
export function pairOrder(turn: number): readonly LanePair[] {
  return turn % 2 === 0 ? PAIRS : PAIRS.toReversed();
}

export function laneOrder({ native, translated }: LanePair, turn: number): readonly Lane[] {
  const names: readonly LaneName[] = turn % 4 < 2 ? [native, translated] : [translated, native];
  return names.flatMap((name) => LANES.filter((lane) => lane.name === name));
}
