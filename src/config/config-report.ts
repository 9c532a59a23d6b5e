import type { MaskedLine } from './mask.ts';
import type { Problem } from './problem.ts';

const SHOWN_MAX = 50;
const LINE_WIDTH_MAX = 110;

/** What the report quotes from: one line of the file, secrets already masked. */
export interface QuotedLines {
  line(number: number): MaskedLine;
}

/** Problems in the order of the file, each said once. */
export function inFileOrder(problems: readonly Problem[]): Problem[] {
  const seen = new Set<string>();
  return problems
    .filter((problem) => {
      const identity = `${problem.line}:${problem.column}:${problem.message}`;
      if (seen.has(identity)) return false;
      seen.add(identity);
      return true;
    })
    .sort((a, b) => a.line - b.line || a.column - b.column);
}

/** One line for a problem, as compilers write it, so that editors and terminals can jump to it. */
export function problemLine(path: string, problem: Problem): string {
  return `${path}:${problem.line}:${problem.column}  ${problem.severity}  ${problem.message}`;
}

/** All problems with their source lines and a caret under what is wrong, and a count at the end. */
export function renderReport(path: string, problems: readonly Problem[], source: QuotedLines): string {
  const shown = problems.slice(0, SHOWN_MAX);
  const gutter = Math.max(4, ...shown.map((problem) => String(problem.line).length + 2));
  const blocks = shown.map((problem) => {
    const { text, caret } = excerpt(problem, source.line(problem.line));
    const number = String(problem.line).padStart(gutter);
    return `${problemLine(path, problem)}\n${number} | ${text}\n${' '.repeat(gutter)} | ${caret}\n`;
  });
  const rest = problems.length - shown.length;
  const errors = problems.filter((problem) => problem.severity === 'error').length;
  const summary = [counted(errors, 'error'), counted(problems.length - errors, 'warning')].filter(Boolean).join(', ');
  return `${blocks.join('')}${rest > 0 ? `… and ${rest} more\n` : ''}${summary}\n`;
}

function excerpt(problem: Problem, line: MaskedLine): { text: string; caret: string } {
  const start = line.columnOf(problem.column - 1, 'start');
  const end = Math.max(start + 1, line.columnOf(problem.endColumn - 1, 'end'));
  // A long line is cut to a window that begins a little before the caret.
  const from =
    line.text.length <= LINE_WIDTH_MAX ? 0 : Math.max(0, Math.min(start - 20, line.text.length - LINE_WIDTH_MAX));
  const to = from + LINE_WIDTH_MAX;
  const head = from > 0 ? '…' : '';
  const text = head + line.text.slice(from, to) + (to < line.text.length ? '…' : '');
  const width = Math.max(1, Math.min(end, to) - start);
  return { text, caret: ' '.repeat(start - from + head.length) + '^'.repeat(width) };
}

function counted(count: number, noun: string): string {
  if (count === 0) return '';
  return count === 1 ? `1 ${noun}` : `${count} ${noun}s`;
}
