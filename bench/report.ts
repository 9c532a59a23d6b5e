import { gateLine } from './gates.ts';
import type { RunResult } from './run.ts';
import { cappedTable, figureTable, holdTable, ratioTable, type Table, translatedTable } from './tables.ts';
import { dearestLanes } from './translated/translated-ratios.ts';

/** A run for the terminal. */
export function report(result: RunResult): string {
  const { machine, rounds, holds, capped, translated, voids, gates, notices, red } = result;
  const counted = countedRounds(result);
  const { cpu, cores, kernel, node, load } = machine;
  return [
    '',
    `${cores} × ${cpu}, Linux ${kernel}, Node ${node}, load before ${load.join(' ')}`,
    '',
    ...(rounds.length === 0 ? [] : comparison(rounds)),
    ...(holds.length === 0 ? [] : ['The ledger: median (least to most)', aligned(holdTable(holds)), '']),
    ...(capped.length === 0 ? [] : ['A call under four caps beside one under none', aligned(cappedTable(capped)), '']),
    ...(translated === undefined || Object.values(translated.rounds).every(({ length }) => length === 0)
      ? []
      : [
          'A translated lane beside the native one of the same client',
          aligned(translatedTable(translated)),
          ...dearestLanes(translated),
          '',
        ]),
    ...gates.map(gateLine),
    ...notices,
    `${voids.length} reasons made rounds void`,
    ...red.map((reason) => `RED    ${reason}`),
    red.length === 0 ? `${counted} rounds, nothing wrong` : `${counted} rounds, ${red.length} reasons for red`,
  ].join('\n');
}

/** Of all parts: those of holds are as many as there are of any of their figures. */
function countedRounds({ rounds, holds, capped, translated }: RunResult): number {
  const ofHolds = holds.map(({ figures }) => Math.max(...Object.values(figures).map(({ length }) => length)));
  const ofParts = [...capped, ...(translated === undefined ? [] : [translated])]
    .flatMap((one) => Object.values(one.rounds))
    .map(({ length }) => length);
  return [rounds.length, ...ofHolds, ...ofParts].reduce((sum, count) => sum + count, 0);
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
