import { formatCount, formatUsd, visibleText } from '../../observability/format.ts';
import { type Terminal, tableText } from '../io.ts';
import { nanoDigits } from '../money-text.ts';
import type { UsageReport } from './records.ts';

type Figures = UsageReport['total'];

/** Usage in groups, with the sum of all below. */
export function usageTable(report: UsageReport, terminal: Terminal | undefined): string {
  const headings = [
    report.group_by.toUpperCase(),
    'CALLS',
    'ATTEMPTS',
    'ERRORS',
    'INPUT',
    'CACHED',
    'OUTPUT',
    'COST',
    'WITHOUT COST',
  ];
  const rows = report.data.map((group) => [visibleText(group.group ?? '–', 120), ...figureCells(group)]);
  return tableText(headings, [...rows, ['total', ...figureCells(report.total)]], terminal);
}

function figureCells(figures: Figures): string[] {
  const cost = nanoDigits(figures.cost_nano_usd);
  return [
    formatCount(figures.calls),
    formatCount(figures.attempts),
    formatCount(figures.errors),
    tokens(figures.input_tokens),
    tokens(figures.cached_input_tokens),
    tokens(figures.output_tokens),
    cost === undefined ? 'unknown' : formatUsd(cost),
    formatCount(figures.calls_without_cost),
  ];
}

function tokens(count: number | null | undefined): string {
  return count == null ? '?' : formatCount(count);
}
