/**
 * Proof that use is priced to the nano-dollar: real answers' usage objects
 * against an independent oracle, and prices that were worked out by hand from
 * the formulas that providers publish.
 *
 *     npm run proof:cost -- [--oracle usages.json] [--at 2026-08-20T12:00:00Z] [--json] [--sabotage]
 *
 * The oracle's file is a list of answers, each with the readings that a price
 * library made of it (`body`, `model`, `extracted[].usage`, and for each reader
 * `provider_id`, `api_flavor`, `input_price`, `output_price` in USD as text).
 * Our side starts from the same body: our reader, our price sheet. The file is
 * not part of the repository; without `--oracle` it is looked for where the
 * fixtures lie, and skipped with a notice when it is not there.
 *
 * `--sabotage` proves the proof: each deliberate fault has to turn it red.
 */

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openCatalog } from '../../src/catalog/packaged.ts';
import { SABOTAGES } from '../support/sabotage/list.ts';
import { scriptOptions } from '../support/script-options.ts';
import { type Compared, comparer, type Verdict } from './cost/compare.ts';
import { pricedGolden } from './cost/golden.ts';
import { GOLDEN_CASES } from './cost/golden-cases.ts';
import { readOracle } from './cost/oracle.ts';
import { UNKNOWN_CASES } from './cost/unknown-cases.ts';
import { Checks, conclude } from './parts/checks.ts';

const flags = scriptOptions(import.meta.url, {
  oracle: { type: 'string' },
  at: { type: 'string', default: '2026-08-20T12:00:00Z' },
  json: { type: 'boolean', default: false },
  sabotage: { type: 'boolean', default: false },
});

/** Of the cases that the oracle has a price for, how many we must have one for too. */
const COVERAGE_MIN = 0.95;
/** A file may have been made with prices that have changed since; more than this would hide mistakes. */
const OTHER_DATA_MAX = 0.02;
const SABOTAGE_MS_MAX = 60_000;

const checks = new Checks();
const figures = flags.sabotage ? proveSabotages() : prove();
if (!flags.json) {
  for (const [name, figure] of Object.entries(figures)) {
    if (typeof figure !== 'object') console.log(`${name.padEnd(34)} ${String(figure)}`);
  }
}
process.exitCode = conclude(checks, figures, flags.json);

function prove(): Record<string, unknown> {
  const { catalog } = openCatalog('/nowhere');
  checks.each('each price that was worked out by hand is ours', GOLDEN_CASES, (one) => {
    const { ours, how } = pricedGolden(catalog, one);
    return ours === one.nanoUsd
      ? []
      : [`${one.title}: ours ${ours} = ${how}; by hand ${one.nanoUsd} = ${one.derivation}`];
  });
  checks.each('what has no price, or no count, has no cost', UNKNOWN_CASES, (one) => {
    const { ours, how } = pricedGolden(catalog, one);
    return ours === undefined ? [] : [`${one.title}: ours ${ours} = ${how}`];
  });
  const path = flags.oracle ?? join(process.env['LEEWARD_FIXTURES'] ?? defaultFixtures(), 'cost-oracle/usages.json');
  if (flags.oracle === undefined && !existsSync(path)) {
    checks.skip('the oracle', `${path} is not there: --oracle names another file`);
    return { 'by hand': GOLDEN_CASES.length };
  }
  const compare = comparer(catalog, Date.parse(flags.at));
  const compared = readOracle(path).map(compare);
  judge(compared);
  return { 'by hand': GOLDEN_CASES.length, ...figuresOf(compared) };
}

function defaultFixtures(): string {
  return join(import.meta.dirname, '../../../shared/fixtures');
}

function judge(compared: readonly Compared[]): void {
  const share = (verdict: Verdict) => of(compared, verdict).length / Math.max(1, compared.length);
  const told = (verdict: Verdict) => of(compared, verdict).map(text);
  checks.that('the oracle has cases', compared.length > 0, `${compared.length}`);
  checks.that(
    `at least ${COVERAGE_MIN * 100} % of what the oracle prices has a price of ours`,
    compared.length > 0 && 1 - share('unpriced') >= COVERAGE_MIN,
    `${((1 - share('unpriced')) * 100).toFixed(2)} %; without: ${told('unpriced').slice(0, 3).join('; ') || 'none'}`,
  );
  checks.none(
    'no price differs from the oracle by a nano-dollar',
    told('differs'),
    `${compared.length - of(compared, 'unpriced').length} cases`,
  );
  checks.that(
    `at most ${OTHER_DATA_MAX * 100} % of the file was made with prices that have changed since`,
    share('other-data') <= OTHER_DATA_MAX,
    told('other-data').slice(0, 2).join('; ') || 'none',
  );
}

function of(compared: readonly Compared[], verdict: Verdict): readonly Compared[] {
  return compared.filter((one) => one.verdict === verdict);
}

function text({ one, detail }: Compared): string {
  return `${one.id} ${one.vendor}/${one.model} as ${one.flavor}: ${detail}`;
}

function figuresOf(compared: readonly Compared[]): Record<string, unknown> {
  const count = (verdict: Verdict) => of(compared, verdict).length;
  return {
    'oracle cases': compared.length,
    'agree to the nano-dollar': count('agrees'),
    'agree at a dated price': count('agrees-dated'),
    'read more than the oracle': count('read-beyond'),
    'made with other prices': count('other-data'),
    'without a price of ours': count('unpriced'),
    differ: count('differs'),
    disagreements: compared
      .filter(({ verdict }) => verdict !== 'agrees')
      .map(({ one, verdict, ours, detail }) => ({
        case: one.id,
        vendor: one.vendor,
        model: one.model,
        flavor: one.flavor,
        verdict,
        ours: ours === undefined ? null : String(ours),
        oracle: String(one.expected),
        detail,
      })),
  };
}

function proveSabotages(): Record<string, unknown> {
  const noticed: Record<string, unknown> = {};
  const own = SABOTAGES.filter(({ caughtBy }) => caughtBy.includes('cost'));
  checks.that('there are sabotages', own.length > 0, `${own.length}`);
  for (const { name } of own) {
    const failed = failedUnder(name);
    noticed[name] = failed ?? 'the proof did not run';
    checks.that(
      `${name} turns the proof red`,
      failed !== undefined && failed !== '',
      String(noticed[name]).slice(0, 200),
    );
  }
  return noticed;
}

/** The checks that fail under a sabotage; `undefined` when the proof did not come to its end. */
function failedUnder(sabotage: string): string | undefined {
  const preload = join(import.meta.dirname, '../support/sabotage/preload.ts');
  const oracle = flags.oracle === undefined ? [] : ['--oracle', flags.oracle];
  const run = spawnSync(
    process.execPath,
    ['--import', preload, import.meta.filename, '--json', '--at', flags.at, ...oracle],
    {
      env: { ...process.env, LEEWARD_SABOTAGE: sabotage },
      encoding: 'utf8',
      timeout: SABOTAGE_MS_MAX,
      maxBuffer: 64 * 1024 * 1024,
    },
  );
  if (run.status !== 1 || !run.stdout.startsWith('{')) return undefined;
  const told = JSON.parse(run.stdout) as {
    readonly checks: readonly { readonly title: string; readonly verdict: string }[];
  };
  return told.checks
    .filter(({ verdict }) => verdict === 'fail')
    .map(({ title }) => title)
    .join('; ');
}
