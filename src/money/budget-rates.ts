import { fitsModel } from '../kernel/name-pattern.ts';
import type { AccountRef, Budget } from './budget.ts';
import type { ChargeLine } from './ledger.ts';

/** A charge counts for itself. */
const EVEN_PPM = 1_000_000n;

/** What a charge for a model counts for on a budget, in millionths: by the first of its patterns that fits. */
export function ratePpmOf({ rates }: Pick<Budget, 'rates'>, provider: string, model: string): bigint {
  return rates?.find(({ models }) => fitsModel(models, provider, model))?.ratePpm ?? EVEN_PPM;
}

/**
 * The dearest rate of all that a call may reach: the hold must cover whichever
 * target answers. A call that may reach nothing is held for as it is.
 *
 * @param models as `provider/model`
 */
export function dearestRatePpm(budget: Pick<Budget, 'rates'>, models: readonly string[]): bigint {
  let dearest: bigint | undefined;
  for (const name of models) {
    const slash = name.indexOf('/');
    const ratePpm = ratePpmOf(budget, name.slice(0, slash), name.slice(slash + 1));
    if (dearest === undefined || ratePpm > dearest) dearest = ratePpm;
  }
  return dearest ?? EVEN_PPM;
}

/** The lines of a call with what each counts for on those of its accounts that have rates of their own. */
export function ratedLines(accounts: readonly AccountRef[], lines: readonly ChargeLine[]): readonly ChargeLine[] {
  const rated = accounts.filter(({ ratePpm }) => ratePpm !== undefined);
  return linesRatedBy(
    rated.map(({ budget }) => budget),
    lines,
  );
}

/** The same for whoever does not know the accounts: what a line counts for on a budget that it is not charged to is not looked at. */
export function linesRatedBy(budgets: readonly Budget[], lines: readonly ChargeLine[]): readonly ChargeLine[] {
  if (budgets.length === 0) return lines;
  return lines.map((line) => ({
    ...line,
    ratesPpm: Object.fromEntries(
      budgets.map((budget) => [budget.id, ratePpmOf(budget, line.provider, line.model)] as const),
    ),
  }));
}
