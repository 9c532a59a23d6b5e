import type { Measurement, Problem, RowClaim } from '../measurement.ts';
import { measureFrames } from '../phases/frames.ts';
import { measureLatency } from '../phases/latency.ts';
import { measureSaturation } from '../phases/saturation.ts';
import { CLIENTS } from './clients.ts';
import { ANSWER_TOKENS, STREAM_TOKENS } from './judge.ts';
import type { Lane, PerLane } from './lanes.ts';
import type { LaneTalk } from './probe.ts';
import type { TranslatedGateway } from './translated-gateway.ts';
import type { TranslatedPart, TranslatedPlan } from './translated-plan.ts';

export const TRANSLATED_FIGURES = [
  { figure: 'cpuPerCallUs', title: 'CPU per call at saturation, µs', digits: 1, by: 'ratio' },
  { figure: 'firstThreadUs', title: 'of that in the first thread, µs', digits: 1, by: 'ratio' },
  { figure: 'callsPerSecond', title: 'calls per second, 64 connections', digits: 0, by: 'ratio' },
  { figure: 'cpuPerFrameUs', title: 'CPU per frame, µs', digits: 1, by: 'ratio' },
  { figure: 'cpuPerFrameWholeUs', title: 'the same with begin and end of streams, µs', digits: 1, by: 'ratio' },
  { figure: 'latencyP50Us', title: 'latency at 500 a second, p50, µs', digits: 0, by: 'difference' },
  { figure: 'latencyP99Us', title: 'latency at 500 a second, p99, µs', digits: 0, by: 'difference' },
] as const;
export type TranslatedFigure = (typeof TRANSLATED_FIGURES)[number]['figure'];
export type LaneFigures = Readonly<Partial<Record<TranslatedFigure, number>>>;

export interface TranslatedBench {
  readonly plan: TranslatedPlan;
  readonly gateway: TranslatedGateway;
  readonly talks: PerLane<LaneTalk>;
}

/** One lane in one round of one part. */
export interface MeasuredLane {
  readonly figures: LaneFigures;
  readonly problems: readonly Problem[];
  /** What has to stand in the gateway's store afterwards. */
  readonly rows: RowClaim;
}

export const MEASURE_LANE: Readonly<
  Record<TranslatedPart, (bench: TranslatedBench, lane: Lane) => Promise<MeasuredLane>>
> = {
  async calls({ plan, gateway, talks }, lane) {
    const { subject, answerMock, provider } = gateway.lane(lane);
    const options = { ...plan, call: talks[lane.name].call };
    const { figures, problems, rows } = await measureSaturation(answerMock, subject, options);
    const { dialect } = CLIENTS[lane.client];
    return { figures, problems, rows: { ...rows, said: { dialect, provider: provider.calls, tokens: ANSWER_TOKENS } } };
  },

  async frames({ plan, gateway, talks }, lane) {
    const { subject, streamMock, provider } = gateway.lane(lane);
    const measured = await measureFrames({ plan, streamMock }, subject, talks[lane.name].stream);
    const { dialect } = CLIENTS[lane.client];
    return {
      figures: figuresOf(measured, { cpuPerFrameUs: 'cpuPerFrameUs', cpuPerFrameWholeUs: 'cpuPerFrameWholeUs' }),
      problems: measured.problems,
      rows: { ...rowsOf(measured), said: { dialect, provider: provider.streams, tokens: STREAM_TOKENS } },
    };
  },

  async latency({ plan, gateway, talks }, lane) {
    const { subject, answerMock, provider } = gateway.lane(lane);
    const measured = await measureLatency({ plan, answerMock }, subject, talks[lane.name].call);
    const { dialect } = CLIENTS[lane.client];
    return {
      figures: figuresOf(measured, { latencyP50Us: 'p50Us', latencyP99Us: 'p99Us' }),
      problems: measured.problems,
      rows: { ...rowsOf(measured), said: { dialect, provider: provider.calls, tokens: ANSWER_TOKENS } },
    };
  },
};

function figuresOf({ figures }: Measurement, names: Readonly<Partial<Record<TranslatedFigure, string>>>): LaneFigures {
  const found = Object.entries(names).flatMap(([figure, name]) => {
    const value = figures[name];
    return value === undefined ? [] : [[figure, value] as const];
  });
  return Object.fromEntries(found);
}

function rowsOf({ phase, rows }: Measurement): RowClaim {
  if (rows === undefined) throw new Error(`${phase} claims no rows`);
  return rows;
}
