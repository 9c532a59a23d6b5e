import { cappedSpread, type EngineCapped } from './capped/capped.ts';
import { CAPPED_FIGURES } from './capped/capped-rounds.ts';
import { type EngineHolds, HOLD_FIGURES, type HoldFigure, holdSpread } from './holds/hold-figures.ts';
import type { PhaseName } from './plan.ts';
import { addedBy, figureOf, ratioTo, type Spread } from './ratios.ts';
import type { Round } from './rounds.ts';
import type { SubjectName } from './subjects/subject.ts';
import { TRANSLATED_FIGURES, type TranslatedFigure } from './translated/lane-measures.ts';
import { LANES, type LaneName, PAIRS } from './translated/lanes.ts';
import type { TranslatedResult } from './translated/translated.ts';
import { translatedSpread } from './translated/translated-ratios.ts';

/** One line of the tables: a figure of a phase. */
interface Shown {
  readonly title: string;
  readonly phase: PhaseName;
  readonly figure: string;
  readonly digits: number;
  /** Shown as what a subject adds to the mock alone, not as a ratio. */
  readonly added?: boolean;
  /** More is better, or it is no cost: no ratio is quoted. */
  readonly plain?: boolean;
}

const SHOWN: readonly Shown[] = [
  { title: 'CPU per call at saturation, µs', phase: 'calls', figure: 'cpuPerCallUs', digits: 1 },
  { title: 'of that in the first thread, µs', phase: 'calls', figure: 'firstThreadUs', digits: 1 },
  { title: 'calls per second', phase: 'calls', figure: 'callsPerSecond', digits: 0, plain: true },
  {
    title: 'machine used by strangers during calls, %',
    phase: 'calls',
    figure: 'neighboursPercent',
    digits: 0,
    plain: true,
  },
  { title: 'added latency p50, µs', phase: 'latency', figure: 'p50Us', digits: 0, added: true },
  { title: 'added latency p90, µs', phase: 'latency', figure: 'p90Us', digits: 0, added: true },
  { title: 'added latency p99, µs', phase: 'latency', figure: 'p99Us', digits: 0, added: true },
  { title: 'CPU per call at that rate, µs', phase: 'latency', figure: 'cpuPerCallUs', digits: 1 },
  { title: 'CPU per frame, µs', phase: 'frames', figure: 'cpuPerFrameUs', digits: 1 },
  { title: 'the same with begin and end of streams, µs', phase: 'frames', figure: 'cpuPerFrameWholeUs', digits: 1 },
  {
    title: 'machine used by strangers during frames, %',
    phase: 'frames',
    figure: 'neighboursPercent',
    digits: 0,
    plain: true,
  },
  { title: 'added per token p50, µs', phase: 'frames', figure: 'tokenP50Us', digits: 0, added: true },
  { title: 'added per token p99, µs', phase: 'frames', figure: 'tokenP99Us', digits: 0, added: true },
  { title: 'added to first token p50, µs', phase: 'frames', figure: 'firstP50Us', digits: 0, added: true },
  { title: 'added to first token p99, µs', phase: 'frames', figure: 'firstP99Us', digits: 0, added: true },
  { title: 'memory per open stream, KB', phase: 'memory', figure: 'kbPerStream', digits: 1 },
  { title: 'memory idle, MB', phase: 'memory', figure: 'idleMb', digits: 0, plain: true },
  { title: 'memory with them open, MB', phase: 'memory', figure: 'openMb', digits: 0, plain: true },
  { title: 'memory after they closed, MB', phase: 'memory', figure: 'afterMb', digits: 0, plain: true },
  { title: 'CPU per call, 10 KB prompt, µs', phase: 'prompts', figure: 'cpu10KbUs', digits: 0 },
  { title: 'CPU per call, 100 KB prompt, µs', phase: 'prompts', figure: 'cpu100KbUs', digits: 0 },
  { title: 'CPU per call, 400 KB prompt, µs', phase: 'prompts', figure: 'cpu400KbUs', digits: 0 },
];

const OTHERS = ['nginx', 'bare node', 'portkey'] as const satisfies readonly SubjectName[];

export type Table = readonly (readonly string[])[];

/** Absolute figures, medians over the rounds. */
export function figureTable(rounds: readonly Round[]): Table {
  const names = (['leeward', ...OTHERS] as const).filter((name) => takesPart(rounds, name));
  const lines = SHOWN.flatMap((shown) => {
    const cells = names.map((subject) => {
      const at = { phase: shown.phase, figure: shown.figure, subject };
      const found = shown.added === true ? addedBy(rounds, at) : figureOf(rounds, at);
      return found === undefined ? '–' : found.median.toFixed(shown.digits);
    });
    return cells.every((cell) => cell === '–') ? [] : [[shown.title, ...cells]];
  });
  return [['', ...names], ...lines];
}

/** Leeward by each of the others, within each round: median (least to most). */
export function ratioTable(rounds: readonly Round[]): Table {
  const names = OTHERS.filter((name) => takesPart(rounds, name));
  const lines = SHOWN.filter(({ added, plain }) => added !== true && plain !== true).flatMap((shown) => {
    const cells = names.map((to) => spreadCell(ratioTo(rounds, { phase: shown.phase, figure: shown.figure, to })));
    return cells.every((cell) => cell === '–') ? [] : [[shown.title.replace(/, (µs|KB)$/, ''), ...cells]];
  });
  return [['', ...names.map((name) => `to ${name}`)], ...lines];
}

/** What a hold costs, by engine: median (least to most). */
export function holdTable(holds: readonly EngineHolds[]): Table {
  const cell = (one: EngineHolds, figure: HoldFigure, digits: number) => {
    const spread = holdSpread(one, figure);
    if (spread === undefined) return '–';
    const { median, min, max } = spread;
    return `${median.toFixed(digits)} (${min.toFixed(digits)} to ${max.toFixed(digits)})`;
  };
  const lines = HOLD_FIGURES.map(({ figure, title, digits }) => [
    title,
    ...holds.map((one) => cell(one, figure, digits)),
  ]);
  return [['', ...holds.map(({ engine }) => engine)], ...lines];
}

/** A capped call beside an uncapped one, by engine: medians, and what caps add within each round (least to most). */
export function cappedTable(capped: readonly EngineCapped[]): Table {
  const lines = CAPPED_FIGURES.map(({ figure, title, digits }) => {
    const cells = capped.flatMap((one) => {
      const spread = cappedSpread(one, figure);
      if (spread === undefined) return ['–', '–', '–'];
      const [uncapped, withCaps] = [spread.uncapped.toFixed(digits), spread.capped.toFixed(digits)];
      const { median, min, max } = spread.added;
      const added = `${median.toFixed(digits)} (${min.toFixed(digits)} to ${max.toFixed(digits)})`;
      return [uncapped, withCaps, added];
    });
    return [title, ...cells];
  });
  const head = capped.flatMap(({ engine }) => [`${engine}: uncapped`, 'capped', 'caps add']);
  return [['', ...head], ...lines];
}

/** Each lane with its medians, and a translated one with what it does to those of its client's native lane within each round (least to most). */
export function translatedTable(translated: TranslatedResult): Table {
  const measured = TRANSLATED_FIGURES.filter(({ figure }) =>
    PAIRS.some((pair) => translatedSpread(translated, pair, figure) !== undefined),
  );
  const lines = LANES.map(({ name }) => [name, ...measured.map((figure) => laneCell(translated, name, figure))]);
  return [['', ...measured.map(({ title }) => title)], ...lines];
}

function laneCell(
  translated: TranslatedResult,
  lane: LaneName,
  { figure, digits, by }: (typeof TRANSLATED_FIGURES)[number],
): string {
  const pair = PAIRS.find((one) => one.translated === lane);
  if (pair === undefined) return nativeCell(translated, lane, figure, digits);
  const spread = translatedSpread(translated, pair, figure);
  if (spread === undefined) return '–';
  const { translated: anew, ratio, added } = spread;
  const effect = by === 'ratio' ? rangeCell(ratio, 2, '× ') : rangeCell(added, digits, added.median < 0 ? '' : '+');
  return `${anew.toFixed(digits)}: ${effect}`;
}

/** Of the first translated lane beside which it was measured: they share its rounds. */
function nativeCell(translated: TranslatedResult, lane: LaneName, figure: TranslatedFigure, digits: number): string {
  for (const pair of PAIRS) {
    const spread = pair.native === lane ? translatedSpread(translated, pair, figure) : undefined;
    if (spread !== undefined) return spread.native.toFixed(digits);
  }
  return '–';
}

function rangeCell(
  { median, min, max }: { readonly median: number; readonly min: number; readonly max: number },
  digits: number,
  before: string,
): string {
  return `${before}${median.toFixed(digits)} (${min.toFixed(digits)} to ${max.toFixed(digits)})`;
}

function takesPart(rounds: readonly Round[], name: SubjectName): boolean {
  return rounds.some(({ measurements }) => measurements.some(({ subject }) => subject === name));
}

function spreadCell(found: Spread | undefined): string {
  if (found === undefined) return '–';
  const { median, min, max, rounds } = found;
  return rounds === 1 ? median.toFixed(2) : `${median.toFixed(2)} (${min.toFixed(2)} to ${max.toFixed(2)})`;
}
