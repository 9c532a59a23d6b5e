/**
 * Makes dist/, the JavaScript that is published, because Node does not strip
 * types below node_modules. The compiler rewrites imports; paths that are put
 * together at run time it cannot see, so each relative one that is left in the
 * result is looked up here.
 *
 *     node tools/build.ts
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');

/** Static imports, `import(…)` and `new URL(…, import.meta.url)` with a relative path in plain quotes. */
const RELATIVE = [
  /\b(?:from|import)\s*\(?\s*['"](\.{1,2}\/[^'"]+)['"]/g,
  /\bnew URL\(\s*['"](\.{1,2}\/[^'"]+)['"],\s*import\.meta\.url/g,
];

rmSync(dist, { recursive: true, force: true });
const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
const { status } = spawnSync(process.execPath, [compiler, '-p', join(root, 'tsconfig.build.json')], {
  cwd: root,
  stdio: 'inherit',
});
const lost = status === 0 ? lostFiles() : [];
for (const line of lost) console.error(line);
if (status !== 0 || lost.length > 0) {
  // Half a build must not be mistaken for one.
  rmSync(dist, { recursive: true, force: true });
  process.exitCode = 1;
} else {
  const files = scripts();
  const bytes = files.reduce((sum, path) => sum + statSync(path).size, 0);
  console.log(`dist/: ${files.length} files, ${Math.ceil(bytes / 1024)} KB`);
}

function scripts(): string[] {
  return readdirSync(dist, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.js'))
    .map((path) => join(dist, path));
}

/** What a file of the result points at and is not there, one line each. */
function lostFiles(): string[] {
  return scripts().flatMap((path) =>
    RELATIVE.flatMap((pattern) => [...readFileSync(path, 'utf8').matchAll(pattern)])
      .map((match) => match[1] ?? '')
      .filter((target) => !existsSync(join(dirname(path), target)))
      .map((target) => `${relative(root, path)} points at ${target}, which is not there`),
  );
}
