import type { GateResult } from '../gates.ts';
import { median } from '../harness/samples.ts';
import type { TranslatedFigure } from './lane-measures.ts';
import { type LanePair, PAIRS } from './lanes.ts';
import type { TranslatedResult } from './translated.ts';
import { TRANSLATED_PARTS } from './translated-plan.ts';

interface Range {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** One figure of a translated lane and of the native one of the same client. */
export interface PairSpread {
  /** Medians over the rounds. */
  readonly native: number;
  readonly translated: number;
  /** The translated by the native one, within each round, so that what slowed a round down slowed down both. */
  readonly ratio: Range;
  /** What translation adds, within each round. */
  readonly added: Range;
}

/** `undefined` when no round counts. */
export function translatedSpread(
  { rounds }: Pick<TranslatedResult, 'rounds'>,
  pair: LanePair,
  figure: TranslatedFigure,
): PairSpread | undefined {
  const ofPair = TRANSLATED_PARTS.flatMap((part) => rounds[part]).filter(({ lane }) => lane === pair.translated);
  const both = ofPair.flatMap((round) => {
    const [native, translated] = [round.native[figure], round.translated[figure]];
    return native === undefined || translated === undefined || native === 0 ? [] : { native, translated };
  });
  if (both.length === 0) return undefined;
  return {
    native: median(both.map(({ native }) => native)),
    translated: median(both.map(({ translated }) => translated)),
    ratio: rangeOf(both.map(({ native, translated }) => translated / native)),
    added: rangeOf(both.map(({ native, translated }) => translated - native)),
  };
}

function rangeOf(values: readonly number[]): Range {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) };
}

/** What a translation may cost, by the native lane of the same client. */
const RATIO_MAX = 2;
const GATED = [
  { figure: 'cpuPerCallUs', what: 'CPU per call' },
  { figure: 'cpuPerFrameUs', what: 'CPU per frame' },
] as const satisfies readonly { figure: TranslatedFigure; what: string }[];

/** The gates of the figures that were measured; the median decides. */
export function translatedGateResults(result: TranslatedResult | undefined): GateResult[] {
  if (result === undefined) return [];
  return GATED.flatMap(({ figure, what }) =>
    PAIRS.flatMap((pair) => {
      const ratio = translatedSpread(result, pair, figure)?.ratio;
      if (ratio === undefined) return [];
      const { median: value, min, max: maxSeen } = ratio;
      const title = `${what}, ${pair.translated} to ${pair.native}`;
      return { title, max: RATIO_MAX, value, min, maxSeen, met: value <= RATIO_MAX };
    }),
  );
}

/** The translated lane that is the dearest by its native one, in words, for each figure that has a gate. */
export function dearestLanes(result: TranslatedResult): string[] {
  return GATED.flatMap(({ figure, what }) => {
    const found = PAIRS.flatMap((pair) => {
      const ratio = translatedSpread(result, pair, figure)?.ratio.median;
      return ratio === undefined ? [] : [{ pair, ratio }];
    });
    const [worst] = found.toSorted((one, other) => other.ratio - one.ratio);
    if (worst === undefined) return [];
    return [`${what}: the dearest is ${worst.pair.translated}, × ${worst.ratio.toFixed(2)} of ${worst.pair.native}`];
  });
}
