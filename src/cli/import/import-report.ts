import type { Imported } from '../../config/import/imported.ts';

export interface ReportFacts {
  readonly file: string;
  /** Absent when the result went to stdout. */
  readonly out: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** What became of an import, for a person: variables to set, then what was left, then the next step. */
export function importReport(imported: Imported, { file, out, env }: ReportFacts): string {
  const { left, carried, variables, warnings } = imported;
  const blocks: string[] = [];
  const missing = variables.filter(({ name }) => (env[name] ?? '') === '');
  if (missing.length > 0) {
    const width = Math.max(...missing.map(({ name }) => name.length));
    blocks.push(
      `Set before the start:\n${missing.map(({ name, holds }) => `  ${name.padEnd(width)}  ${holds}\n`).join('')}`,
    );
  }
  if (left.length > 0) {
    const lines = left.map(
      ({ from, line, why, instead }) =>
        `${file}:${line}  ${from}\n    ${why}\n${instead === 'nothing' ? '' : `    → ${instead}\n`}`,
    );
    blocks.push(`Not carried over:\n${lines.join('')}`);
  }
  if (warnings.length > 0) blocks.push(`${warnings.join('\n')}\n`);
  const written = out === undefined ? 'the result' : out;
  const counts = `${carried.length} carried over, ${left.length} not`;
  blocks.push(`${written}: ${counts}${out === undefined ? '' : `; next: leeward config validate ${out}`}\n`);
  return blocks.join('\n');
}
