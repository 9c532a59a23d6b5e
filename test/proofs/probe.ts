/**
 * What llmprobe, a suite of conformance checks by others, says of Leeward over
 * the simulated provider: natively, and with each dialect translated into the
 * other one.
 *
 *     npm run probe -- [--json] [--sabotage]
 *
 * A check that fails must be explained in `tools/fidelity/explained-checks.ts`,
 * from where `docs/fidelity.md` tells it, for the provider over which it does;
 * and one that is explained must fail. What llmprobe says of how clever a
 * model is, is nothing to Leeward. `--sabotage` proves the proof: each deliberate
 * fault has to turn it red.
 */

import { explainedChecks } from '../../tools/fidelity/explained-checks.ts';
import { SABOTAGES } from '../support/sabotage/list.ts';
import { scriptOptions } from '../support/script-options.ts';
import { Checks, conclude } from './parts/checks.ts';
import { House, SUBJECTS } from './probe/house.ts';
import { type ProbeReport, runProbe } from './probe/llmprobe.ts';

const flags = scriptOptions(import.meta.url, {
  json: { type: 'boolean', default: false },
  sabotage: { type: 'boolean', default: false },
});

const checks = new Checks();
const figures: Record<string, unknown> = {};
if (flags.sabotage) await proveSabotages();
else {
  for (const { title, report, unexplained, unneeded } of await probed()) {
    checks.that(
      `${title}: there were checks`,
      report.passed > 0,
      `${report.passed} of ${report.total} assertions hold`,
    );
    checks.none(`${title}: every check that fails is explained`, unexplained, `${report.failures.length} explained`);
    checks.none(`${title}: every explanation is needed`, unneeded, 'all of them');
    figures[title] = report;
  }
}
process.exitCode = conclude(checks, figures, flags.json);

interface Probed {
  readonly title: string;
  readonly report: ProbeReport;
  readonly unexplained: readonly string[];
  /** Checks that are explained and hold. */
  readonly unneeded: readonly string[];
}

async function probed(sabotage?: string): Promise<readonly Probed[]> {
  await using house = await House.start(sabotage);
  const found: Probed[] = [];
  for (const { over, model } of SUBJECTS) {
    const report = await runProbe({ baseUrl: house.baseUrl, key: house.key, model });
    const explained = explainedChecks.filter((each) => each.over.includes(over)).map(({ check }) => check);
    const failed = new Set(report.failures.map(({ id }) => id));
    const unexplained = report.failures
      .filter(({ id }) => !explained.includes(id))
      .map(({ id, said }) => `${id}: ${said}`);
    const unneeded = explained.filter((check) => !failed.has(check));
    found.push({ title: `over ${over}`, report, unexplained, unneeded });
    if (sabotage !== undefined && unexplained.length > 0) break;
  }
  return found;
}

async function proveSabotages(): Promise<void> {
  const own = SABOTAGES.filter(({ caughtBy }) => caughtBy.includes('probe'));
  checks.that('there are sabotages', own.length > 0, `${own.length}`);
  for (const { name } of own) {
    const found = await probed(name);
    const noticed = found.flatMap(({ title, unexplained }) => unexplained.map((said) => `${title}: ${said}`));
    const ran = found.some(({ report }) => report.total > 0);
    checks.that(`${name} turns the proof red`, ran && noticed.length > 0, noticed[0]?.slice(0, 200) ?? 'not noticed');
    figures[name] = noticed;
  }
}
