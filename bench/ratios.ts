import { median } from './harness/samples.ts';
import type { PhaseName } from './plan.ts';
import type { Round } from './rounds.ts';
import type { SubjectName } from './subjects/subject.ts';

export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly rounds: number;
}

/** One figure of one subject over the rounds; `undefined` where no round counts or nobody measured it. */
export function figureOf(
  rounds: readonly Round[],
  at: { readonly phase: PhaseName; readonly figure: string; readonly subject: SubjectName },
): Spread | undefined {
  return spread(rounds.flatMap((round) => valueIn(round, at) ?? []));
}

/**
 * Leeward's figure by another's: the quotient within each round, and then the
 * median of those, so that what slowed a round down slowed down both.
 */
export function ratioTo(
  rounds: readonly Round[],
  { phase, figure, to }: { readonly phase: PhaseName; readonly figure: string; readonly to: SubjectName },
): Spread | undefined {
  return spread(
    rounds.flatMap((round) => {
      const ours = valueIn(round, { phase, figure, subject: 'leeward' });
      const theirs = valueIn(round, { phase, figure, subject: to });
      return ours === undefined || theirs === undefined || theirs === 0 ? [] : ours / theirs;
    }),
  );
}

/** What a subject adds to the mock's own figure, within each round. */
export function addedBy(
  rounds: readonly Round[],
  { phase, figure, subject }: { readonly phase: PhaseName; readonly figure: string; readonly subject: SubjectName },
): Spread | undefined {
  return spread(
    rounds.flatMap((round) => {
      const its = valueIn(round, { phase, figure, subject });
      const zero = valueIn(round, { phase, figure, subject: 'direct' });
      return its === undefined || zero === undefined ? [] : its - zero;
    }),
  );
}

function valueIn(
  round: Round,
  { phase, figure, subject }: { readonly phase: PhaseName; readonly figure: string; readonly subject: SubjectName },
): number | undefined {
  if (round.phase !== phase) return undefined;
  return round.measurements.find((one) => one.subject === subject)?.figures[figure];
}

function spread(values: readonly number[]): Spread | undefined {
  if (values.length === 0) return undefined;
  return { median: median(values), min: Math.min(...values), max: Math.max(...values), rounds: values.length };
}
