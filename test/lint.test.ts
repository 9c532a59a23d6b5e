// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the samples are code that the linter reads, not text for people
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';

/**
 * One run of the real linter with the real configuration over made-up files:
 * every bad sample must be reported by the rule that it was written for, and
 * every good sample must be silent. Names such as `use` are free on purpose:
 * the rules judge the shape of code, and types are the compiler's business.
 */

const root = fileURLToPath(new URL('..', import.meta.url));

interface Sample {
  /** What the diagnostic's category or message has to contain; absent for a sample that must be silent. */
  readonly rule?: string;
  readonly path: string;
  readonly code: string;
}

const bad = (rule: string, path: string, ...codes: string[]): Sample[] => codes.map((code) => ({ rule, path, code }));
const good = (path: string, ...codes: string[]): Sample[] => codes.map((code) => ({ path, code }));

const SAMPLES: readonly Sample[] = [
  ...bad(
    'Ambient time:',
    'src/exchange',
    'use(Date.now());',
    'use({ now: Date.now });',
    'use(globalThis.Date.now());',
    'use(new Date());',
    'use(performance.now());',
    'use(process.hrtime.bigint());',
  ),
  ...bad(
    'Ambient timer:',
    'src/routing',
    'setTimeout(use, 5);',
    'use(globalThis.setInterval(use, 5));',
    'use({ later: setImmediate });',
    'use(AbortSignal.timeout(5));',
    "import { setTimeout as pause } from 'node:timers/promises';\nuse(pause);",
  ),
  ...bad(
    'Ambient randomness:',
    'src/edge/openai',
    'use(Math.random());',
    'use(crypto.randomUUID());',
    "import { randomBytes } from 'node:crypto';\nuse(randomBytes(4));",
    "import { randomUUID as id2 } from 'node:crypto';\nuse(id2());",
  ),
  ...['src/access', 'src/kernel', 'src/money', 'src/protocol', 'src/providers/openai', 'src/sim', 'src/store'].flatMap(
    (path) => bad('Ambient time:', path, 'use(Date.now());'),
  ),
  ...good(
    'src/exchange',
    'use(new Date(clock.now()));',
    'clock.after(5, use);',
    'db.setTimeoutMs(5);',
    'use(Date.UTC(2026, 0, 1));',
  ),
  ...good('test/proofs', 'use(Date.now(), Math.random(), new Date(), setTimeout(use, 1));'),

  ...bad(
    'SQL put together',
    'src/store',
    'db.query(`select * from keys where id = ${id}`);',
    "db.query('select * from keys where id = '.concat(id));",
    'db.query(["select", id].join(" "));',
    'db.query({ text: `select ${id}` });',
    'db.query<number>(`select ${id}`, []);',
    'db.exec(`notify ${id}`);',
    'sql.raw(`order by ${id}`);',
    'db.execute((`select ${id}`));',
    'use(`insert into ${id} values (1)`);',
    'const text = `SELECT ${id}`;\nuse(text);',
    'const text = `delete from ${id}`;\nuse(text);',
  ),
  ...bad('SQL put together', 'src/money', "db.query('select ' + id);"),
  ...good(
    'src/store',
    "db.query('select * from keys where id = $1', [id]);",
    "db.query('select 1 where $1 like $2', [`${id}%`, id]);",
    'db.query(`select *\n  from keys`);',
    'use(sql`select * from keys where id = ${id}`);',
    'db.query(sql`select ${id}`);',
    'use(`selected ${id} from the list`, `update of ${id} failed`);',
    'use(/x+/.exec(id));',
    'db.drawn(`x ${id}`);\ndb.rawText(`x ${id}`);\ndb.queryText({ context: `x ${id}` });',
  ),

  ...bad('A float in money', 'src/money', 'use(0.15);', 'use(1e-9);', 'use(1e6);', 'use(150_000.5);'),
  ...bad(
    'A number made from an amount',
    'src/money',
    'use(Number(id));',
    'use(Number.parseFloat(id));',
    'use(Number.parseInt(id, 10));',
    'use(+id);',
    'use([id].map(Number));',
  ),
  ...bad(
    'Division names its rounding',
    'src/money',
    'use(db / sql);',
    'export function half(all: bigint): bigint {\n  return all / 2n;\n}',
    'let all = 4n;\nall /= 2n;\nuse(all);',
    'export function split(all: bigint, by: bigint): bigint[] {\n  return [all / by, by % all];\n}',
  ),
  ...bad('Math works on floats', 'src/money', 'use(Math.floor(db));', 'use([db].map(Math.round));'),
  ...bad('A float in money', 'src/config/price-file.ts', 'use(0.15);'),
  ...bad('A float in money', 'src/admin/money-page.ts', 'use(0.15);'),
  ...bad('A float in money', 'src/kernel/amounts.ts', 'use(0.15);'),
  ...bad('A float in money', 'src/observability/usd-format.ts', 'use(0.15);'),
  ...good(
    'src/money',
    'use(150_000n, 12, 1_000, 0x10);',
    'use(BigInt(id) * 3n);',
    'export function halfRoundedUp(all: bigint): bigint {\n  return (all + 1n) / 2n;\n}',
    'export function split(all: bigint, by: bigint): bigint[] {\n  return [all / by, all % by];\n}',
    'use(Number.isSafeInteger(db), 0x1e5);',
    'use(-db);',
  ),
  ...good('src/routing', 'use(Math.floor(0.15 / db), Number(id));'),

  ...bad(
    'noEmptyBlockStatements',
    'src/exchange',
    'try {\n  use();\n} catch {}',
    'try {\n  use();\n} catch (error) {}',
  ),
  ...bad('This catch drops its error', 'src/exchange', 'try {\n  use();\n} catch {\n  use(1);\n}'),
  ...bad(
    'This throw drops the error',
    'src/exchange',
    "try {\n  use();\n} catch (error) {\n  use(error);\n  throw new Error('no');\n}",
    "try {\n  use();\n} catch (error) {\n  if (use(error)) throw new Failure(1, 'no', {});\n}",
  ),
  ...good(
    'src/exchange',
    "try {\n  use();\n} catch (error) {\n  throw new Error('no', { cause: error });\n}",
    "try {\n  use();\n} catch (cause) {\n  throw new Failure(1, 'no', { cause });\n}",
    'try {\n  use();\n} catch (error) {\n  throw new Failure(textOf(error));\n}',
    'try {\n  use();\n} catch (error) {\n  use();\n  throw error;\n}',
    'try {\n  use();\n} catch {\n  // not JSON is an answer too\n}',
    'try {\n  use();\n} catch (error) {\n  use(error);\n}',
  ),

  ...bad('noExplicitAny', 'src/exchange', 'export const given: any = use;'),
  ...bad(
    'suppressions/parse',
    'src/exchange',
    '// biome-ignore lint/suspicious/noExplicitAny:\nexport const given: any = use;',
  ),
  ...bad(
    'suppressions/unused',
    'src/exchange',
    '// biome-ignore lint/plugin/ambient-time: nothing is wrong here\nuse(1);',
  ),
  ...good(
    'src/exchange',
    '// biome-ignore lint/suspicious/noExplicitAny: the sample needs one\nexport const given: any = use;',
    '// biome-ignore lint/plugin/ambient-time: the sample needs one\nuse(Date.now());',
  ),
  ...bad(
    'noFloatingPromises',
    'src/exchange',
    'async function work(): Promise<void> {\n  await use();\n}\nexport function go(): void {\n  work();\n}',
  ),
  ...bad('noMisusedPromises', 'src/exchange', '[1].forEach(async () => {\n  await use();\n});'),
  ...bad('noEnum', 'src/exchange', 'export enum Colour {\n  Red = 1,\n}'),
  ...bad('noNamespace', 'src/exchange', 'export namespace Inner {\n  export const one = 1;\n}'),
  ...bad('noParameterProperties', 'src/exchange', 'export class Part {\n  constructor(readonly one: number) {}\n}'),
  ...bad('useImportType', 'src/exchange', "import { Buffer } from 'node:buffer';\nexport type Bytes = Buffer;"),
  ...bad('useNodejsImportProtocol', 'src/exchange', "import { join } from 'path';\nuse(join);"),
  ...bad('noUnusedImports', 'src/exchange', "import { join } from 'node:path';"),
  ...bad('noUnusedVariables', 'src/exchange', 'const left = 1;'),
  ...bad('noUndeclaredDependencies', 'src/exchange', "import fc from 'fast-check';\nuse(fc);"),
  ...bad('noNonNullAssertion', 'src/exchange', 'export const first = [1][0]!;'),
  ...bad('noConsole', 'src/exchange', "console.log('hello');"),
  ...bad('noFocusedTests', 'src/exchange/focus.test.ts', "import { test } from 'vitest';\ntest.only('one', use);"),
  ...bad('useFilenamingConvention', 'src/exchange/runCall.ts', 'use(1);'),
  ...bad('noExcessiveLinesPerFunction', 'src/exchange', `export function long(): void {\n${'  use(1);\n'.repeat(61)}}`),
];

const Report = z.object({
  diagnostics: z.array(
    z.object({
      category: z.string().nullish(),
      severity: z.string(),
      message: z.string(),
      location: z.object({ path: z.string() }).nullish(),
    }),
  ),
});

let folder = '';
let exitCode = 0;
/** What the linter said about each file, as `category: message`, information aside: that does not fail a run. */
const findings = new Map<string, string[]>();

function pathOf(sample: Sample, index: number): string {
  return sample.path.endsWith('.ts') ? sample.path : `${sample.path}/sample-${index}.ts`;
}

async function writeSamples(): Promise<void> {
  await cp(join(root, 'biome.json'), join(folder, 'biome.json'));
  await cp(join(root, 'package.json'), join(folder, 'package.json'));
  await cp(join(root, 'tools/lint'), join(folder, 'tools/lint'), { recursive: true });
  for (const [index, sample] of SAMPLES.entries()) {
    const path = join(folder, pathOf(sample, index));
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, `${sample.code}\n`);
  }
}

/** Runs the linter over the samples. It fails, as it should; its report is on stdout either way. */
function lintReport(): Promise<string> {
  const biome = join(root, 'node_modules/.bin/biome');
  const args = ['lint', '--error-on-warnings', '--max-diagnostics=none', '--reporter=json', 'src', 'test'];
  return new Promise((resolve, reject) => {
    const child = execFile(biome, args, { cwd: folder, timeout: 60_000, maxBuffer: 1 << 26 }, (_, stdout, stderr) => {
      exitCode = child.exitCode ?? -1;
      if (stdout === '') reject(new Error(`the linter gave no report: ${stderr}`));
      else resolve(stdout);
    });
  });
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'leeward-lint-'));
  await writeSamples();
  const report = Report.parse(JSON.parse(await lintReport()));
  for (const { category, severity, message, location } of report.diagnostics) {
    if (severity === 'information' || severity === 'info' || severity === 'hint') continue;
    const path = location?.path ?? 'the configuration itself';
    findings.set(path, [...(findings.get(path) ?? []), `${category}: ${message}`]);
  }
});

afterAll(() => rm(folder, { recursive: true, force: true }));

test('a run with findings fails and judges only the samples', () => {
  expect(exitCode).toBe(1);
  const known = new Set(SAMPLES.map(pathOf));
  expect([...findings.keys()].filter((path) => !known.has(path))).toEqual([]);
});

for (const [index, sample] of SAMPLES.entries()) {
  const shown = `${sample.path}: ${sample.code.replaceAll(/\s+/g, ' ').slice(0, 90)}`;
  test(sample.rule === undefined ? `is silent on ${shown}` : `reports "${sample.rule}" on ${shown}`, () => {
    const said = findings.get(pathOf(sample, index)) ?? [];
    if (sample.rule === undefined) expect(said).toEqual([]);
    else expect(said.join('\n')).toContain(sample.rule);
  });
}
