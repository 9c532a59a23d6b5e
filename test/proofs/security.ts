/**
 * Proof that the gateway keeps what it is told to keep: who may use which
 * route, what hostile text can do, what a path can be taken for, what the time
 * of a refusal tells, where secrets go, where calls go, which headers travel,
 * what a browser can be made to do, and who may read the files. What is asked
 * comes from the running gateway's own table of routes.
 *
 *     npm run proof:security -- [--quick] [--json] [--sabotage] [--only part,…]
 *
 * `--quick` tries fewer hostile texts and takes fewer samples. `--sabotage`
 * proves the proof: each deliberate fault of the product has to turn it red.
 * What each part looks at, and what it does not, is in docs/security.md.
 */

import { errorCode } from '../../src/kernel/errors.ts';
import { scriptOptions } from '../support/script-options.ts';
import { Checks, conclude } from './parts/checks.ts';
import { House, type HouseOptions } from './security/house.ts';
import { PARTS, type PartName } from './security/parts.ts';
import { BREAKS, type Break } from './security/sabotages.ts';

const flags = scriptOptions(import.meta.url, {
  quick: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  sabotage: { type: 'boolean', default: false },
  only: { type: 'string' },
});

// What was started is killed as this process exits, however it comes to that.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(130));

/** Breaks that are tried at the same time: most of each is the start of a gateway. */
const LANES = 2;

const checks = new Checks();
const figures = await (flags.sabotage ? proveSabotages() : prove(checks, chosenParts())).catch((error: unknown) => {
  checks.that(
    'the proof comes to its end',
    false,
    error instanceof Error ? (error.stack ?? error.message) : String(error),
  );
  return {};
});
if (!flags.json)
  for (const [name, figure] of Object.entries(figures)) console.log(`${name.padEnd(34)} ${String(figure)}`);
process.exitCode = conclude(checks, figures, flags.json);

function chosenParts(): PartName[] {
  const all = Object.keys(PARTS) as PartName[];
  const wanted = flags.only?.split(',');
  return wanted === undefined ? all : all.filter((name) => wanted.includes(name));
}

/** The parts one after the other; those that need the same kind of house share one. */
async function prove(into: Checks, names: readonly PartName[], sabotage?: string): Promise<Record<string, unknown>> {
  const figures: Record<string, unknown> = {};
  for (const mode of ['serve', 'dev'] as const satisfies readonly HouseOptions['mode'][]) {
    const parts = names.filter((name) => PARTS[name].mode === mode);
    if (parts.length === 0) continue;
    await using house = await House.start({ mode, sabotage });
    for (const name of parts) {
      try {
        Object.assign(figures, await PARTS[name].prove(house, into, flags.quick || sabotage !== undefined));
      } catch (error) {
        // Whoever dies of an error closes its door first.
        if (!house.gateway.dead && errorCode(error) !== 'ECONNREFUSED') throw error;
        into.that(`the gateway survives what is asked of it (${name})`, false, house.gateway.lines.at(-1) ?? '');
        break;
      }
    }
  }
  return figures;
}

async function proveSabotages(): Promise<Record<string, string>> {
  const noticed: Record<string, string> = {};
  const chosen = chosenParts();
  const wanted = BREAKS.filter(({ part }) => chosen.includes(part));
  const lane = async (left: Break[]) => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) await proveBreak(next, noticed);
  };
  const side = wanted.filter(({ part }) => part !== 'timing');
  await Promise.all(Array.from({ length: LANES }, () => lane(side)));
  // Times are measured with nobody beside.
  await lane(wanted.filter(({ part }) => part === 'timing'));
  return noticed;
}

async function proveBreak({ name, part }: Break, noticed: Record<string, string>): Promise<void> {
  const quiet = new Checks(() => undefined);
  // A gateway that does not even start proves nothing about the proof.
  const unproven = await prove(quiet, [part], name).then(() => undefined, String);
  noticed[name] = quiet.failed.map(({ title }) => title).join('; ');
  const [first] = quiet.failed;
  if (unproven !== undefined) {
    checks.that(`${name} can be tried`, false, unproven.slice(0, 300));
    return;
  }
  checks.that(
    `${name} turns the proof red`,
    first !== undefined,
    first === undefined ? '' : `${first.title}: ${first.detail.slice(0, 160)}`,
  );
}
