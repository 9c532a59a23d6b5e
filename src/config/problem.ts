/** Where in a document a problem is: the keys and indexes that lead there. */
export type ConfigPath = readonly (string | number)[];

/** Something wrong with the value at `path`, or with its key. Not yet bound to a line. */
export interface Finding {
  readonly path: ConfigPath;
  readonly on: 'key' | 'value';
  readonly message: string;
  readonly severity: 'error' | 'warning';
}

/** A finding bound to its place in the file. Line and column count from 1; the span does not leave its line. */
export interface Problem {
  readonly line: number;
  readonly column: number;
  /** First column after the span. */
  readonly endColumn: number;
  readonly message: string;
  readonly severity: 'error' | 'warning';
}

export function error(path: ConfigPath, message: string, on: Finding['on'] = 'value'): Finding {
  return { path, on, message, severity: 'error' };
}

export function warning(path: ConfigPath, message: string, on: Finding['on'] = 'value'): Finding {
  return { path, on, message, severity: 'warning' };
}
