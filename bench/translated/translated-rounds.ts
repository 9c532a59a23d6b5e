import { StreamLoad } from '../load/stream-load.ts';
import { type Problem, type RowClaim, wrongAnswers } from '../measurement.ts';
import { saturate } from '../phases/saturation.ts';
import { type LaneFigures, MEASURE_LANE, type MeasuredLane, type TranslatedBench } from './lane-measures.ts';
import { GROUPS, LANES, type Lane, type LaneGroup, type LaneName, PAIRS } from './lanes.ts';
import type { TranslatedPart } from './translated-plan.ts';

/** One part once, in a translated lane and the native one of the same client. */
export interface TranslatedRound {
  /** The translated one. */
  readonly lane: LaneName;
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

export interface MeasuredGroup {
  /** Of the pairs in which nothing was wrong. */
  readonly rounds: readonly TranslatedRound[];
  readonly figures: ReadonlyMap<LaneName, LaneFigures>;
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

/** All lanes of one client, one after the other, in an order that moves on with each turn: its translated ones share the native one. */
export async function measureGroup(
  bench: TranslatedBench,
  part: TranslatedPart,
  { group, turn }: { readonly group: LaneGroup; readonly turn: number },
): Promise<MeasuredGroup> {
  const measured = new Map<LaneName, MeasuredLane>();
  for (const lane of laneOrder(group, turn)) measured.set(lane.name, await MEASURE_LANE[part](bench, lane));
  const sound = (name: LaneName) => measured.get(name)?.problems.length === 0;
  const figuresOf = (name: LaneName) => measured.get(name)?.figures ?? {};
  const pairs = PAIRS.filter(({ client }) => client === group.client);
  return {
    rounds: pairs
      .filter(({ native, translated }) => sound(native) && sound(translated))
      .map(({ native, translated }) => ({
        lane: translated,
        native: figuresOf(native),
        translated: figuresOf(translated),
      })),
    figures: new Map([...measured].map(([lane, { figures }]) => [lane, figures])),
    problems: [...measured].flatMap(([lane, { problems }]) => problems.map((problem) => ({ ...problem, lane }))),
    claims: [...measured].map(([lane, { rows }]) => ({ lane, part, rows })),
  };
}

/** Over four turns each client is first once. */
export function groupOrder(turn: number): readonly LaneGroup[] {
  return turnedBy(GROUPS, turn);
}

/** Over sixteen turns each lane is the first of all once. */
export function laneOrder({ lanes }: LaneGroup, turn: number): readonly Lane[] {
  return turnedBy(lanes, turn + Math.floor(turn / lanes.length));
}

function turnedBy<Item>(items: readonly Item[], places: number): readonly Item[] {
  const by = places % items.length;
  return [...items.slice(by), ...items.slice(0, by)];
}
