import type { LedgerLine, StatementSum } from '../../money/reconcile/lines.ts';

/** One side of an attempt as it lies in a spilled file. */
export interface SpilledLine {
  readonly here?: LedgerLine;
  readonly there?: StatementSum;
}

const BIGINT = /^-?\d+n$/;

/** JSON with big integers as `12n`, which no id of anybody's ends in: those are marked with a dot before. */
export function lineText(line: SpilledLine): string {
  return JSON.stringify(line, (_, value: unknown) => {
    if (typeof value === 'bigint') return `${value}n`;
    return typeof value === 'string' ? `.${value}` : value;
  });
}

export function lineOf(text: string): SpilledLine {
  return JSON.parse(text, (_, value: unknown) => {
    if (typeof value !== 'string') return value;
    return BIGINT.test(value) ? BigInt(value.slice(0, -1)) : value.slice(1);
  }) as SpilledLine;
}
