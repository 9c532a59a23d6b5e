import { GatewayError } from '../kernel/errors.ts';
import { inFileOrder, problemLine, type QuotedLines, renderReport } from './config-report.ts';
import { fileTrouble } from './interpolate.ts';
import type { Problem } from './problem.ts';

/**
 * A configuration that cannot be used. `report` shows every problem with its
 * source line and a caret, ends in a line break and holds no secrets;
 * `message` is one line.
 */
export class ConfigError extends GatewayError {
  readonly path: string;
  /** In the order of the file. Empty when the file could not be read at all. */
  readonly problems: readonly Problem[];
  readonly report: string;

  constructor(path: string, problems: readonly Problem[], facts: { message: string; report: string; cause?: unknown }) {
    super('invalid_request', { message: facts.message, cause: facts.cause });
    this.name = 'ConfigError';
    this.path = path;
    this.problems = problems;
    this.report = facts.report;
  }
}

export function invalidConfig(path: string, problems: readonly Problem[], source: QuotedLines): ConfigError {
  const ordered = inFileOrder(problems);
  const first = ordered.find((problem) => problem.severity === 'error') ?? ordered[0];
  return new ConfigError(path, ordered, {
    message: first === undefined ? `${path} is not valid` : problemLine(path, first),
    report: renderReport(path, ordered, source),
  });
}

export function unreadableConfig(path: string, cause: unknown): ConfigError {
  const message = `${path}: ${fileTrouble(cause)}`;
  return new ConfigError(path, [], { message, report: `${message}\n`, cause });
}
