/**
 * Proof that money is counted: a cap is a cap whatever happens at once, every
 * attempt that a provider began to bill has its one line whatever kills the
 * gateway, and what it costs is what it costs by hand. Everything is compared
 * with the bill that a simulated provider writes as a process of its own, on
 * the embedded engine and on a server Postgres that is started here.
 *
 *     npm run proof:money -- [--quick] [--json] [--store embedded|server|both]
 *                            [--only M1,M4] [--rounds 200] [--sabotage]
 *
 * `--rounds` is how often M4 kills the gateway. `--sabotage` proves the proof:
 * each deliberate fault of the product has to turn its own part red.
 */
import { scriptOptions } from '../support/script-options.ts';
import type { StoreKind } from './money/house.ts';
import { PARTS } from './money/parts.ts';
import { proveParts } from './money/prove.ts';
import { proveBreaks } from './money/sabotages.ts';
import { Stores } from './money/stores.ts';
import { Checks, conclude } from './parts/checks.ts';

const flags = scriptOptions(import.meta.url, {
  quick: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  sabotage: { type: 'boolean', default: false },
  store: { type: 'string', default: 'both' },
  only: { type: 'string' },
  rounds: { type: 'string' },
});

// What was started is killed as this process exits, however it comes to that.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(130));
// A house says itself which store it is on.
delete process.env['DATABASE_URL'];

const checks = new Checks();
const figures = await run().catch((error: unknown) => {
  checks.that(
    'the proof comes to its end',
    false,
    error instanceof Error ? (error.stack ?? error.message) : String(error),
  );
  return {};
});
if (!flags.json)
  for (const [name, figure] of Object.entries(figures)) console.log(`${name.padEnd(44)} ${String(figure)}`);
process.exitCode = conclude(checks, figures, flags.json);

async function run(): Promise<Record<string, unknown>> {
  const kinds = chosenStores();
  const names = chosenParts();
  await using stores = new Stores();
  await stores.start(kinds);
  if (flags.sabotage) return await proveBreaks({ stores, kinds, names, checks });
  const size = { name: flags.quick ? 'quick' : 'full', rounds: chosenRounds() } as const;
  return await proveParts({ stores, kinds, names, checks, size });
}

function chosenStores(): StoreKind[] {
  if (flags.store === 'both') return ['embedded', 'server'];
  if (flags.store === 'embedded' || flags.store === 'server') return [flags.store];
  throw new Error(`--store is embedded, server or both, not ${flags.store}`);
}

function chosenParts(): string[] {
  const wanted = flags.only?.split(',').map((name) => name.trim().toUpperCase());
  const unknown = wanted?.filter((name) => !(name in PARTS)) ?? [];
  if (unknown.length > 0) throw new Error(`--only knows ${Object.keys(PARTS).join(', ')}, not ${unknown.join(', ')}`);
  return wanted ?? Object.keys(PARTS);
}

function chosenRounds(): number | undefined {
  if (flags.rounds === undefined) return undefined;
  const rounds = Number(flags.rounds);
  if (Number.isSafeInteger(rounds) && rounds > 0) return rounds;
  throw new Error(`--rounds is a whole number above 0, not ${flags.rounds}`);
}
