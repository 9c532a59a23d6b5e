import { formatCount, formatUsd, visibleText } from '../../observability/format.ts';
import { type Terminal, tableText } from '../io.ts';
import { nanoDigits, usdShown } from '../money-text.ts';
import type { UsageReport } from './records.ts';

type Figures = UsageReport['total'];

/** A column that is there only where a row has something in it. */
interface Extra {
  readonly heading: string;
  cell(figures: Figures): string;
}

const EXTRAS: readonly Extra[] = [
  { heading: 'CHARGE', cell: ({ charge_nano_usd: charge }) => amount(charge, '') },
  { heading: 'REPORTED', cell: ({ reported_nano_usd: reported }) => amount(reported, '') },
];

/** Usage in groups, with the sum of all below. */
export function usageTable(report: UsageReport, terminal: Terminal | undefined): string {
  const everything = [...report.data, report.total];
  const extras = EXTRAS.filter(({ cell }) => everything.some((figures) => cell(figures) !== ''));
  const judged = report.data.some(({ outcome }) => outcome != null);
  const headings = [
    report.group_by.toUpperCase().replace('_', ' '),
    ...(judged ? ['OUTCOME'] : []),
    'CALLS',
    'ATTEMPTS',
    'ERRORS',
    'INPUT',
    'CACHED',
    'OUTPUT',
    'COST',
    ...extras.map(({ heading }) => heading),
    'WITHOUT COST',
  ];
  const cells = (figures: Figures) => figureCells(figures, extras);
  const rows = report.data.map((group) => [
    visibleText(group.group ?? '–', 120),
    ...(judged ? [group.outcome ?? ''] : []),
    ...cells(group),
  ]);
  return tableText(headings, [...rows, ['total', ...(judged ? [''] : []), ...cells(report.total)]], terminal);
}

/** What one task, and one that succeeded, cost. */
export function tasksText(tasks: NonNullable<UsageReport['tasks']>): string {
  if (tasks.tasks === 0) return '';
  const many = tasks.tasks === 1 ? '1 task' : `${formatCount(tasks.tasks)} tasks`;
  const cost = `${many} at ${usdShown(tasks.cost_per_task)} each`;
  if (tasks.judged === 0) return `${cost}; how they came out nobody said\n`;
  const rate = tasks.success_rate == null ? '' : ` (${(tasks.success_rate * 100).toFixed(1)} %)`;
  const success =
    tasks.cost_per_successful_task == null ? '' : `, ${usdShown(tasks.cost_per_successful_task)} for each success`;
  return `${cost}; ${formatCount(tasks.successful)} of ${formatCount(tasks.judged)} judged succeeded${rate}${success}\n`;
}

function figureCells(figures: Figures, extras: readonly Extra[]): string[] {
  return [
    formatCount(figures.calls),
    formatCount(figures.attempts),
    formatCount(figures.errors),
    tokens(figures.input_tokens),
    tokens(figures.cached_input_tokens),
    tokens(figures.output_tokens),
    amount(figures.cost_nano_usd, 'unknown'),
    ...extras.map(({ cell }) => cell(figures)),
    formatCount(figures.calls_without_cost),
  ];
}

function amount(digits: string | null | undefined, unknown: string): string {
  const known = nanoDigits(digits);
  return known === undefined ? unknown : formatUsd(known);
}

function tokens(count: number | null | undefined): string {
  return count == null ? '?' : formatCount(count);
}
