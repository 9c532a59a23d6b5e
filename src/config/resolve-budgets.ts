import type { BudgetConfig } from './config.ts';
import type { FileConfig } from './file-schema.ts';

type FileBudget = FileConfig['budgets'][string];
type Limits = Pick<FileBudget, 'per' | 'time_zone' | 'hard' | 'soft' | 'each'>;

/** An id of the store begins so; everything else names a key of the file. */
const STORE_KEY = /^key_/;

/** Budgets by name. A key's own are named after it, so that their accounts outlive a change of order. */
export function resolvedBudgets(file: FileConfig): Map<string, BudgetConfig> {
  const budgets = new Map<string, BudgetConfig>();
  for (const [name, { scope, credit, rates, ...limits }] of Object.entries(file.budgets)) {
    budgets.set(name, {
      name,
      scope: scopeOf(scope),
      ...limitsOf(limits),
      credit,
      ...(rates === undefined
        ? {}
        : { rates: Object.entries(rates).map(([models, ratePpm]) => ({ models, ratePpm })) }),
    });
  }
  for (const [name, key] of Object.entries(file.keys)) {
    const scope = { kind: 'key' as const, id: keyId(name) };
    for (const limits of [...(key.budget === undefined ? [] : [key.budget]), ...(key.budgets ?? [])]) {
      const own = ownBudgetName(name, limits);
      budgets.set(own, { name: own, scope, ...limitsOf(limits), credit: false });
    }
  }
  return budgets;
}

/** A key has one budget of its own per window and subject. A colon is in no name that the file can give. */
export function ownBudgetName(key: string, { per, each }: { readonly per?: unknown; readonly each?: unknown }): string {
  return `${key}:${String(per)}${each === undefined ? '' : `:${String(each)}`}`;
}

function scopeOf(scope: FileBudget['scope']): BudgetConfig['scope'] {
  if (scope === 'organisation') return { kind: 'organisation' };
  if (scope.project !== undefined) return { kind: 'project', id: scope.project };
  return { kind: 'key', id: keyId(scope.key ?? '') };
}

/** As `access/declared-keys.ts` names them. */
function keyId(key: string): string {
  return STORE_KEY.test(key) ? key : `file.${key}`;
}

function limitsOf({ per, time_zone, hard, soft, each }: Limits) {
  return {
    period: per ?? ('lifetime' as const),
    timeZone: time_zone,
    ...(hard === undefined ? {} : { hardNanoUsd: hard }),
    ...(soft === undefined ? {} : { softNanoUsd: soft }),
    ...(each === undefined ? {} : { each }),
  };
}
