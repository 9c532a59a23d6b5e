import type { EngineName } from '../../test/support/engines.ts';
import type { GateResult } from '../gates.ts';
import { type EngineHolds, type HoldFigure, holdSpread } from './hold-figures.ts';

interface HoldGate {
  readonly title: string;
  readonly engine: EngineName;
  readonly figure: HoldFigure;
  readonly limit: number;
  /** The figure has to be at least the limit instead of at most. */
  readonly least?: true;
}

const GATES: readonly HoldGate[] = [
  {
    title: 'holds a second on four levels, embedded',
    engine: 'embedded',
    figure: 'perSecond',
    limit: 2_000,
    least: true,
  },
  { title: 'holds a second on four levels, server', engine: 'server', figure: 'perSecond', limit: 2_000, least: true },
  { title: 'hold p50 at 500 a second, embedded, ms', engine: 'embedded', figure: 'takeP50Ms', limit: 1.5 },
  { title: 'hold p99 at 500 a second, embedded, ms', engine: 'embedded', figure: 'takeP99Ms', limit: 20 },
  { title: 'hold p99 at 500 a second, server, ms', engine: 'server', figure: 'takeP99Ms', limit: 5 },
  { title: 'hold p99 beside the replay, embedded, ms', engine: 'embedded', figure: 'besideReplayP99Ms', limit: 20 },
];

/** The gates of the engines that were measured; the median decides. */
export function holdGateResults(results: readonly EngineHolds[]): GateResult[] {
  return GATES.flatMap(({ title, engine, figure, limit, least }) => {
    const found = results.find((one) => one.engine === engine);
    const spread = found === undefined ? undefined : holdSpread(found, figure);
    if (spread === undefined) return [];
    const { median, min, max } = spread;
    const met = least === true ? median >= limit : median <= limit;
    return { title, max: limit, value: median, min, maxSeen: max, met, ...(least === undefined ? {} : { least }) };
  });
}
