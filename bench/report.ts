import { gateLine } from './gates.ts';
import type { RunResult } from './run.ts';
import { cappedTable, figureTable, holdTable, ratioTable, type Table } from './tables.ts';

/** A run for the terminal. */
export function report({ machine, rounds, holds, capped, voids, gates, notices, red }: RunResult): string {
  const { cpu, cores, kernel, node, load } = machine;
  return [
    '',
    `${cores} × ${cpu}, Linux ${kernel}, Node ${node}, load before ${load.join(' ')}`,
    '',
    ...(rounds.length === 0 ? [] : comparison(rounds)),
    ...(holds.length === 0 ? [] : ['The ledger: median (least to most)', aligned(holdTable(holds)), '']),
    ...(capped.length === 0 ? [] : ['A call under four caps beside one under none', aligned(cappedTable(capped)), '']),
    ...gates.map(gateLine),
    ...notices,
    `${voids.length} reasons made rounds void`,
    ...red.map((reason) => `RED    ${reason}`),
    red.length === 0
      ? `${rounds.length} rounds, nothing wrong`
      : `${rounds.length} rounds, ${red.length} reasons for red`,
  ].join('\n');
}

function comparison(rounds: RunResult['rounds']): string[] {
  return [
    aligned(figureTable(rounds)),
    '',
    'Leeward by the others, within each round: median (least to most)',
    aligned(ratioTable(rounds)),
    '',
  ];
}

function aligned(table: Table): string {
  const widths = (table[0] ?? []).map((_, column) => Math.max(...table.map((row) => (row[column] ?? '').length)));
  return table
    .map((row) =>
      row
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
        .join('  '),
    )
    .join('\n');
}
