import { didYouMean } from './did-you-mean.ts';
import { memberOf, members } from './document-tree.ts';
import { maskText } from './mask.ts';
import { error, type Finding, warning } from './problem.ts';

export interface KeyContext {
  /** Paths (as JSON) whose text came from the environment or from a file. */
  readonly resolved: ReadonlySet<string>;
  /** Whether the text can be a key at all. */
  isKey(text: string): boolean;
}

/** What is wrong with declared keys beyond their shape: no key or two, one that nobody can present, one that stands twice. */
export function keyFindings(document: unknown, context: KeyContext): Finding[] {
  const seen = new Map<string, string>();
  return members(document, 'keys').flatMap(([name, declared]) => {
    if (typeof declared !== 'object' || declared === null) return [];
    const key = memberOf(declared, 'key');
    const hash = memberOf(declared, 'key_hash');
    const findings = presenceFindings(name, key, hash);
    findings.push(...parentFindings(document, name));
    if (typeof key === 'string') findings.push(...writtenFindings(name, key, context));
    const secret = typeof key === 'string' ? key : hash;
    if (typeof secret !== 'string') return findings;
    const other = seen.get(secret);
    if (other !== undefined) findings.push(error(['keys', name], `"${name}" is the same key as "${other}"`, 'key'));
    seen.set(secret, name);
    return findings;
  });
}

function presenceFindings(name: string, key: unknown, hash: unknown): Finding[] {
  if (key !== undefined && hash !== undefined) {
    return [error(['keys', name, 'key'], 'write key or key_hash, not both', 'key')];
  }
  if (key !== undefined || hash !== undefined) return [];
  return [error(['keys', name], `"${name}" has no key: "leeward config key" makes one, and its key_hash`, 'key')];
}

/** More levels than anybody keeps an overview of. */
const PARENTS_MAX = 8;

/** A parent that is not there, a key below itself, or one below too many. */
function parentFindings(document: unknown, name: string): Finding[] {
  const keys = memberOf(document, 'keys');
  const parentOf = (key: string) => memberOf(memberOf(keys, key), 'parent');
  const first = parentOf(name);
  if (typeof first !== 'string') return [];
  const path = ['keys', name, 'parent'];
  const names = members(document, 'keys').map(([known]) => known);
  if (!names.includes(first)) {
    const message = `there is no key ${JSON.stringify(maskText(first))} in this file${didYouMean(first, names)}`;
    return [error(path, message)];
  }
  let level: unknown = first;
  for (let depth = 1; typeof level === 'string'; depth++) {
    if (level === name) return [error(path, `"${name}" would be a sub-key of itself`)];
    if (depth > PARENTS_MAX) return [error(path, `"${name}" stands below more than ${PARENTS_MAX} keys`)];
    level = parentOf(level);
  }
  return projectFindings(memberOf(keys, name), memberOf(keys, first), name);
}

function projectFindings(key: unknown, parent: unknown, name: string): Finding[] {
  const own = memberOf(key, 'project');
  if (own === undefined || own === memberOf(parent, 'project')) return [];
  return [error(['keys', name, 'project'], "a sub-key belongs to its parent's project: leave project out")];
}

function writtenFindings(name: string, key: string, { resolved, isKey }: KeyContext): Finding[] {
  const path = ['keys', name, 'key'];
  const findings: Finding[] = [];
  if (!isKey(key))
    findings.push(error(path, 'key is not one of our keys, or not whole: "leeward config key" makes one'));
  if (!resolved.has(JSON.stringify(path))) {
    findings.push(warning(path, `a key is written into the file: use key_hash, \${env:NAME} or \${file:/path}`, 'key'));
  }
  return findings;
}
