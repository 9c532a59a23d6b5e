import { isAbsolute, resolve } from 'node:path';
import { errorCode } from '../kernel/errors.ts';
import { type ConfigPath, error, type Finding } from './problem.ts';

const OPENING = /\$?\$\{/g;
const ENVIRONMENT = /^env:([A-Za-z_][A-Za-z0-9_]*)(?::-([\s\S]*))?$/;
const FILE = /^file:(.+)$/;
const DEPTH_MAX = 32;

/** Where references are looked up. Both are passed in, so that nothing here touches the process. */
export interface ReferenceSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Relative paths of `${file:…}` start here. */
  readonly directory: string;
  /** @throws what the file system throws (`ENOENT`, `EACCES`), or an error for a file beyond its bound */
  readText(path: string): string;
}

export interface Interpolated {
  readonly value: unknown;
  readonly findings: readonly Finding[];
  /** Paths (as JSON) whose text came at least in part from outside the file, and so must not be quoted. */
  readonly resolved: ReadonlySet<string>;
}

/**
 * Resolves `${env:NAME}`, `${env:NAME:-default}` and `${file:/path}` in the
 * strings of a parsed document. It works on values, never on the text, so that
 * a variable cannot bring structure with it; what comes out is not looked at
 * again. `$${` stands for a plain `${`.
 */
export function interpolate(document: unknown, sources: ReferenceSources): Interpolated {
  const findings: Finding[] = [];
  const resolved = new Set<string>();
  const walk = (value: unknown, path: ConfigPath): unknown => {
    if (typeof value === 'string') {
      const text = resolveText(value, path, sources, findings);
      if (text !== value) resolved.add(JSON.stringify(path));
      return text;
    }
    if (typeof value !== 'object' || value === null) return value;
    if (path.length >= DEPTH_MAX) {
      findings.push(error(path, `nothing may be nested deeper than ${DEPTH_MAX} levels`));
      return undefined;
    }
    if (Array.isArray(value)) return value.map((item, index) => walk(item, [...path, index]));
    // fromEntries defines properties, so that a key named __proto__ stays a key.
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, walk(item, [...path, key])]));
  };
  return { value: walk(document, []), findings, resolved };
}

function resolveText(text: string, path: ConfigPath, sources: ReferenceSources, findings: Finding[]): string {
  if (!text.includes('${')) return text;
  let result = '';
  let from = 0;
  OPENING.lastIndex = 0;
  for (let opening = OPENING.exec(text); opening !== null; opening = OPENING.exec(text)) {
    result += text.slice(from, opening.index);
    if (opening[0] === '$${') {
      result += '${';
      from = OPENING.lastIndex;
      continue;
    }
    const close = text.indexOf('}', OPENING.lastIndex);
    if (close < 0) {
      findings.push(error(path, 'a reference is not closed: a "}" is missing'));
      return text;
    }
    result += lookUp(text.slice(OPENING.lastIndex, close), path, sources, findings);
    from = close + 1;
    OPENING.lastIndex = from;
  }
  return result + text.slice(from);
}

function lookUp(reference: string, path: ConfigPath, sources: ReferenceSources, findings: Finding[]): string {
  const [variable, name, fallback] = ENVIRONMENT.exec(reference) ?? [];
  if (variable !== undefined && name !== undefined) {
    const value = sources.env[name];
    // As in a shell, ":-" also stands in for a variable that is set but empty.
    if (fallback !== undefined) return value === undefined || value === '' ? fallback : value;
    if (value !== undefined && value !== '') return value;
    const state = value === undefined ? 'not set' : 'empty';
    findings.push(
      error(path, `environment variable ${name} is ${state}: export it, or write \${env:${name}:-default}`),
    );
    return '';
  }
  const file = FILE.exec(reference)?.[1];
  if (file !== undefined) return readReference(file, path, sources, findings);
  const bare = /^[A-Za-z_][A-Za-z0-9_]*$/.test(reference);
  const hint = bare ? `, write \${env:${reference}}` : `, write \${env:NAME}, \${env:NAME:-default} or \${file:/path}`;
  findings.push(error(path, `a reference names its kind${hint} ("$\${" for a plain "\${")`));
  return '';
}

function readReference(file: string, path: ConfigPath, sources: ReferenceSources, findings: Finding[]): string {
  const absolute = isAbsolute(file) ? file : resolve(sources.directory, file);
  try {
    return sources.readText(absolute).replace(/\r?\n$/, '');
  } catch (cause) {
    findings.push(error(path, `cannot read ${absolute}: ${fileTrouble(cause)}`));
    return '';
  }
}

/** Why a file could not be read, in words. */
export function fileTrouble(cause: unknown): string {
  switch (errorCode(cause)) {
    case 'ENOENT':
      return 'there is no such file';
    case 'EACCES':
    case 'EPERM':
      return 'this user may not read it';
    case 'EISDIR':
      return 'it is a directory';
    case 'EFBIG':
      return 'it is too large';
    default:
      return errorCode(cause) ?? 'it could not be read';
  }
}
