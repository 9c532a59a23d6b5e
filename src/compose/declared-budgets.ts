import type { BudgetConfig, LoadedConfig } from '../config/config.ts';
import { type NanoUsd, nano } from '../kernel/amounts.ts';
import { GatewayError } from '../kernel/errors.ts';
import { usdText } from '../kernel/usd-text.ts';
import type { Budget } from '../money/budget.ts';

/** The budgets of a configuration, as the ledger knows them. */
export function declaredBudgets({ config, path }: LoadedConfig, organisation: string): Budget[] {
  return [...config.budgets.values()].map((budget) => ({
    id: `file.${budget.name}`,
    organisation,
    scope: scopeOf(budget.scope, organisation),
    ...(budget.each === undefined ? {} : { each: budget.each }),
    period: budget.period,
    timeZone: budget.timeZone,
    ...(budget.hardNanoUsd === undefined ? {} : { hard: nano(budget.hardNanoUsd) }),
    ...(budget.softNanoUsd === undefined ? {} : { soft: nano(budget.softNanoUsd) }),
    credit: budget.credit,
    ...(budget.rates === undefined ? {} : { rates: budget.rates }),
    declaredIn: path ?? 'leeward.yaml',
  }));
}

/**
 * A cap that pays for no call is a mistake of whoever wrote it.
 *
 * @param cheapest what a call in a scope can cost at least; asked for budgets with a cap alone
 * @throws `invalid_request` naming the budget
 */
export function checkDeclaredCaps(
  budgets: readonly Budget[],
  cheapest: (scope: Budget['scope']) => NanoUsd | undefined,
) {
  for (const { id, hard, scope } of budgets) {
    const least = hard === undefined ? undefined : cheapest(scope);
    if (hard === undefined || least === undefined || hard >= least) continue;
    throw new GatewayError('invalid_request', {
      message: `The budget ${id.replace(/^file\./, '')} has a cap of $${usdText(hard)}, which pays for no call: the cheapest that can be made costs $${usdText(least)}. Raise the cap, or take it out.`,
    });
  }
}

function scopeOf(scope: BudgetConfig['scope'], organisation: string): Budget['scope'] {
  return scope.kind === 'organisation'
    ? { kind: 'organisation', id: organisation }
    : { kind: scope.kind, id: scope.id };
}
