import { StreamLoad } from '../load/stream-load.ts';
import { type Problem, type RowClaim, wrongAnswers } from '../measurement.ts';
import { saturate } from '../phases/saturation.ts';
import { type LaneFigures, MEASURE_LANE, type MeasuredLane, type TranslatedBench } from './lane-measures.ts';
import { LANES, type Lane, type LaneName, PAIRS, type PerLane, perLane } from './lanes.ts';
import type { TranslatedPart } from './translated-plan.ts';

/** One part once, in every lane. */
export type TranslatedRound = PerLane<LaneFigures>;

/** A reason not to believe a figure, and whose it is. */
export interface LaneProblem extends Problem {
  readonly lane: LaneName;
}

export interface LaneClaim {
  readonly lane: LaneName;
  readonly part: TranslatedPart;
  readonly rows: RowClaim;
}

export interface MeasuredRound {
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

/** All lanes once: those of one client one after the other, and each of the four first as often as the others. */
export async function measureRound(bench: TranslatedBench, part: TranslatedPart, turn: number): Promise<MeasuredRound> {
  const measured = new Map<LaneName, MeasuredLane>();
  for (const lane of laneOrder(turn)) measured.set(lane.name, await MEASURE_LANE[part](bench, lane));
  return {
    round: perLane(({ name }) => measured.get(name)?.figures ?? {}),
    problems: [...measured].flatMap(([lane, { problems }]) => problems.map((problem) => ({ ...problem, lane }))),
    claims: [...measured].map(([lane, { rows }]) => ({ lane, part, rows })),
  };
}

/** @param turn counted from 0 over the rounds of one part */
export function laneOrder(turn: number): readonly Lane[] {
  const pairs = turn % 4 < 2 ? PAIRS : PAIRS.toReversed();
  const names = pairs.flatMap(({ native, translated }) =>
    turn % 2 === 0 ? [native, translated] : [translated, native],
  );
  return names.flatMap((name) => LANES.filter((lane) => lane.name === name));
}
