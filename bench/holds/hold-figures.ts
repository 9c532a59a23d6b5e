import type { EngineName } from '../../test/support/engines.ts';
import { median } from '../harness/samples.ts';

export const HOLD_FIGURES = [
  { figure: 'takeP50Ms', title: 'hold at 500 a second, p50, ms', digits: 2 },
  { figure: 'takeP99Ms', title: 'hold at 500 a second, p99, ms', digits: 2 },
  { figure: 'settleP50Ms', title: 'settlement at 500 a second, p50, ms', digits: 2 },
  { figure: 'settleP99Ms', title: 'settlement at 500 a second, p99, ms', digits: 2 },
  { figure: 'besideReplayP50Ms', title: 'hold beside 2,000 attempts a second, p50, ms', digits: 2 },
  { figure: 'besideReplayP99Ms', title: 'hold beside 2,000 attempts a second, p99, ms', digits: 2 },
  { figure: 'perSecond', title: 'holds taken and settled a second, 64 callers', digits: 0 },
  { figure: 'lagP99Ms', title: 'how late holds were asked for, p99, ms', digits: 2 },
  { figure: 'neighboursPercent', title: 'machine used by strangers, %', digits: 0 },
] as const;
export type HoldFigure = (typeof HOLD_FIGURES)[number]['figure'];

export interface EngineHolds {
  readonly engine: EngineName;
  /** One entry for each round that counts. */
  readonly figures: Readonly<Record<HoldFigure, readonly number[]>>;
  /** Rounds that were asked for; those that the machine disturbed too often are missing. */
  readonly wanted: number;
  /** Rounds that count although something disturbed them: all gates are met all the same. */
  readonly disturbed: number;
  /** What was wrong; nothing when every answer and the ledger itself were right. */
  readonly wrong: readonly string[];
}

/** The median over the rounds, with the least and the most; `undefined` when no round counts. */
export function holdSpread({ figures }: EngineHolds, figure: HoldFigure) {
  const values = figures[figure];
  if (values.length === 0) return undefined;
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) };
}
