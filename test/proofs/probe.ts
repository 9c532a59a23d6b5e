/**
 * What llmprobe, a suite of conformance checks by others, says of Leeward over
 * the simulated provider: natively, and with each dialect translated into the
 * other one.
 *
 *     npm run probe -- [--json]
 *
 * Natively no check may fail; one that fails where a dialect is translated must
 * be explained in `tools/fidelity/explained-checks.ts`,
 * from where `docs/fidelity.md` tells it. What llmprobe says of how clever a
 * model is, is nothing to Leeward.
 */
import { parseArgs } from 'node:util';
import { explainedChecks } from '../../tools/fidelity/explained-checks.ts';
import { Checks, conclude } from './parts/checks.ts';
import { House, SUBJECTS } from './probe/house.ts';
import { runProbe } from './probe/llmprobe.ts';

const { values: flags } = parseArgs({ options: { json: { type: 'boolean', default: false } } });

const explained = new Set(explainedChecks.map(({ check }) => check));
const checks = new Checks();
const figures: Record<string, unknown> = {};
{
  await using house = await House.start();
  for (const { title, model, translated } of SUBJECTS) {
    const report = await runProbe({ baseUrl: house.baseUrl, key: house.key, model });
    const unexplained = report.failures.filter(({ id }) => !(translated && explained.has(id)));
    checks.that(
      `${title}: there were checks`,
      report.passed > 0,
      `${report.passed} of ${report.total} assertions hold`,
    );
    checks.none(
      `${title}: every check that fails is explained`,
      unexplained.map(({ id, said }) => `${id}: ${said}`),
      `${report.failures.length} explained`,
    );
    figures[title] = report;
  }
}
process.exitCode = conclude(checks, figures, flags.json);
