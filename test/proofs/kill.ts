/**
 * Proof that usage rows equal the provider's own count whatever kills the
 * gateway: round after round, clients call it, streamed and not, until it is
 * killed with SIGKILL under their hands and started again on the same data
 * directory. Then its rows are compared with the books of the simulated
 * provider, which lived through all of it, and with what the clients saw.
 *
 *     npm run proof:kill -- [--rounds 20] [--quick] [--seed 1] [--json] [--sabotage]
 *                           [--store embedded|server]
 *
 * With `--store server` the store is a server Postgres that is started here, and
 * crashes in every other round as well: calls go on, and are all there afterwards.
 * `--quick` is five rounds. `--sabotage` proves the proof: each deliberate
 * fault of the product has to turn it red.
 */

import { seededRandom } from '../../src/kernel/random.ts';
import { SABOTAGES } from '../support/sabotage/list.ts';
import { scriptOptions } from '../support/script-options.ts';
import { type Books, compareBooks, sumOf } from './kill/books.ts';
import { House } from './kill/house.ts';
import { KillableServer } from './kill/killable-server.ts';
import { type Outcome, runRounds } from './kill/rounds.ts';
import { Checks, conclude } from './parts/checks.ts';

const flags = scriptOptions(import.meta.url, {
  rounds: { type: 'string', default: '20' },
  seed: { type: 'string', default: '1' },
  quick: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  sabotage: { type: 'boolean', default: false },
  store: { type: 'string', default: 'embedded' },
});
if (flags.store !== 'embedded' && flags.store !== 'server') throw new Error('--store is embedded or server');
const onServer = flags.store === 'server';
const SABOTAGED_ROUNDS = 3;
/** Fewer calls a round would mean that the kill hit an idle gateway. */
const CALLS_PER_ROUND_MIN = 20;

// What was started is killed as this process exits, however it comes to that.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(130));

const checks = new Checks();
const rounds = flags.quick ? 5 : Number(flags.rounds);
const figures = await (flags.sabotage ? proveSabotages() : prove(checks, rounds)).catch((error: unknown) => {
  checks.that('the proof comes to its end', false, String(error));
  return {};
});
if (!flags.json) for (const [name, figure] of Object.entries(figures)) console.log(`${name.padEnd(34)} ${figure}`);
process.exitCode = conclude(checks, figures, flags.json);

async function prove(into: Checks, rounds: number, sabotage?: string): Promise<Record<string, string | number>> {
  await using server = onServer ? await KillableServer.start() : undefined;
  await using house = await House.start(sabotage, server?.options.url);
  const random = seededRandom(Number(flags.seed));
  const place = server === undefined ? {} : { server };
  const outcome = await runRounds(house, { rounds, random, checks: into, ...place });
  checkLoad(outcome.books, into, rounds);
  compareBooks(outcome.books, into);
  if (server === undefined) return figuresOf(outcome);
  const back = outcome.backMs.length === 0 ? 'never' : spread(outcome.backMs);
  return { ...figuresOf(outcome), 'crashes of the server': server.crashes, 'server back to ready, ms': back };
}

/** A load that never met the hard cases would prove nothing. */
function checkLoad({ rows, upstream, answers }: Books, into: Checks, rounds: number): void {
  const cases = {
    'upstream calls': upstream.length >= rounds * CALLS_PER_ROUND_MIN,
    'streams that a client got whole': answers.some(({ stream, whole }) => stream && whole),
    'streams that a kill cut': answers.some(({ stream, whole }) => stream && !whole),
    'interrupted attempts': rows.some(({ outcome }) => outcome === 'interrupted'),
    'second attempts': answers.some(({ attempts, whole }) => attempts === 2 && whole),
    'cached tokens': upstream.some(({ cachedTokens }) => cachedTokens > 0),
  };
  const missing = Object.entries(cases).filter(([, met]) => !met);
  into.none(
    'the load met every case it is there for',
    missing.map(([name]) => `too few ${name}`),
  );
}

async function proveSabotages(): Promise<Record<string, string>> {
  const noticed: Record<string, string> = {};
  for (const { name } of SABOTAGES.filter(({ caughtBy }) => caughtBy.includes(onServer ? 'kill-on-server' : 'kill'))) {
    const quiet = new Checks(() => undefined);
    await prove(quiet, SABOTAGED_ROUNDS, name);
    noticed[name] = quiet.failed.map(({ title }) => title).join('; ');
    checks.that(`${name} turns the proof red`, quiet.failed.length > 0, noticed[name]);
  }
  return noticed;
}

function figuresOf({ books, listeningMs, readyMs, readableMs }: Outcome): Record<string, string | number> {
  const { rows, upstream, answers, rounds, sums } = books;
  const rowOf = new Map(rows.map((row) => [row.id, row]));
  const ids = new Set(upstream.map(({ clientRequestId }) => clientRequestId));
  const with_ = (outcome: string) => rows.filter((row) => row.outcome === outcome).length;
  const unbooked = upstream.filter((call) => rowOf.get(call.clientRequestId ?? '')?.outcome === 'interrupted');
  const lost = sumOf(unbooked);
  return {
    kills: rounds.filter(({ killed }) => killed).length,
    'upstream calls': upstream.length,
    rows: rows.length,
    '  ok': with_('ok'),
    '  failed (injected)': with_('failed'),
    '  interrupted': with_('interrupted'),
    '    of those never sent': rows.filter(({ id }) => !ids.has(id)).length,
    '    of those complete upstream': unbooked.filter(({ outcome }) => outcome === 'complete').length,
    'whole answers': answers.filter(({ whole }) => whole).length,
    'cut answers': answers.filter(({ whole }) => !whole).length,
    'tokens in rows (in + out)': `${sums.inputTokens} + ${sums.outputTokens}`,
    'tokens of interrupted (unknown here)': `${lost.inputTokens} + ${lost.outputTokens}`,
    'start to listening, ms': spread(listeningMs),
    'start to ready, ms': spread(readyMs),
    'last call readable after, ms': spread(readableMs),
  };
}

function spread(ms: readonly number[]): string {
  const sorted = ms.map(Math.round).sort((one, other) => one - other);
  return `min ${sorted[0]}, median ${sorted[Math.floor(sorted.length / 2)]}, max ${sorted.at(-1)}`;
}
