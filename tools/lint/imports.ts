/** One import as it stands in a file. */
export interface Import {
  /** As written: `./call.ts`, `node:net`, `undici`. */
  readonly specifier: string;
  /** `lazy` is `import()`; `type` leaves nothing behind at run time. */
  readonly kind: 'static' | 'lazy' | 'type';
  /** The imported names where the import lists them. */
  readonly names: readonly string[];
  /** Counted from 1. */
  readonly line: number;
}

// The formatter gives imports one shape, each at the start of a line and with single quotes, so that these suffice.
const STATIC = /^(import|export)( type)?\b([^;'"`]*?)\bfrom '([^']+)'/gm;
const BARE = /^import '([^']+)'/gm;
const CALL = /(typeof )?\bimport\(\s*(?:'([^']*)'|([^)]*))/g;
const WORKER = /\bnew URL\(\s*'(\.[^']*\.ts)', import\.meta\.url/g;
const COMMENT = /^\s*(?:\/\/|\/?\*)/;

/**
 * The imports of a formatted TypeScript file, in order of their lines: static
 * ones, re-exports, `import type`, `import()`, `typeof import()` and the entry
 * files of workers.
 *
 * @throws Error for an `import()` whose module is not a literal: nobody could say which way that arrow points
 */
export function importsOf(path: string, text: string): Import[] {
  const found: Import[] = [];
  const lineAt = (index: number) => text.slice(0, index).split('\n').length;
  const inComment = (index: number) => COMMENT.test(text.slice(text.lastIndexOf('\n', index) + 1, index + 2));
  for (const match of text.matchAll(STATIC)) {
    const [, , type, clause = '', specifier = ''] = match;
    found.push({
      specifier,
      kind: type === undefined ? 'static' : 'type',
      names: namesIn(clause),
      line: lineAt(match.index),
    });
  }
  for (const match of text.matchAll(BARE)) {
    found.push({ specifier: match[1] ?? '', kind: 'static', names: [], line: lineAt(match.index) });
  }
  for (const match of text.matchAll(CALL)) {
    if (inComment(match.index)) continue;
    const [, isType, specifier] = match;
    const line = lineAt(match.index);
    if (specifier === undefined) throw new Error(`${path}:${line} imports a module whose name is not a literal`);
    found.push({ specifier, kind: isType === undefined ? 'lazy' : 'type', names: [], line });
  }
  for (const match of text.matchAll(WORKER)) {
    if (inComment(match.index)) continue;
    found.push({ specifier: match[1] ?? '', kind: 'lazy', names: [], line: lineAt(match.index) });
  }
  return found.sort((one, other) => one.line - other.line);
}

function namesIn(clause: string): string[] {
  const list = /\{([^}]*)\}/.exec(clause)?.[1] ?? '';
  return list
    .split(',')
    .map((entry) =>
      entry
        .trim()
        .replace(/^type /, '')
        .replace(/ as .*$/, ''),
    )
    .filter((name) => name !== '');
}
