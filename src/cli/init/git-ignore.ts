import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

export type IgnoreOutcome = 'added' | 'already' | 'no-checkout' | 'outside';

/**
 * Has git ignore the data directory, which holds keys, when it lies in a checkout.
 *
 * @param directory absolute, as `dataDir`
 */
export function ignoreDataDir(directory: string, dataDir: string): IgnoreOutcome {
  const root = checkoutOf(directory);
  if (root === undefined) return 'no-checkout';
  const below = relative(directory, dataDir);
  if (below === '' || below.startsWith('..')) return 'outside';
  if (isIgnored(root, directory, dataDir)) return 'already';
  const path = join(directory, '.gitignore');
  const before = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const gap = before === '' || before.endsWith('\n') ? '' : '\n';
  writeFileSync(path, `${before}${gap}# Leeward's keys, records and store\n${slashes(below)}/\n`);
  return 'added';
}

function checkoutOf(directory: string): string | undefined {
  for (let at = directory; ; at = dirname(at)) {
    // A directory in a clone, a file in a worktree.
    if (existsSync(join(at, '.git'))) return at;
    if (dirname(at) === at) return undefined;
  }
}

/** Whether a `.gitignore` between the checkout's root and here names the directory as it is usually written. */
function isIgnored(root: string, directory: string, dataDir: string): boolean {
  for (let at = directory; ; at = dirname(at)) {
    const path = join(at, '.gitignore');
    const lines = existsSync(path) ? readFileSync(path, 'utf8').split(/\r?\n/) : [];
    const from = slashes(relative(at, dataDir));
    const name = from.slice(from.lastIndexOf('/') + 1);
    // A bare name is ignored at every depth, a path from where the file stands.
    const forms = new Set([from, `/${from}`, name].flatMap((form) => [form, `${form}/`]));
    if (lines.some((line) => forms.has(line.trim()))) return true;
    if (at === root) return false;
  }
}

function slashes(path: string): string {
  return path.replaceAll('\\', '/');
}
