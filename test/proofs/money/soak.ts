/**
 * A process of its own, so that a fault of the product can be loaded into it:
 *
 *     node test/proofs/money/soak.ts <data directory> <transfers> [<URL of a database>]
 *
 * One line of JSON tells what was found.
 */
import { systemClock } from '../../../src/kernel/clock.ts';
import { systemRandom } from '../../../src/kernel/random.ts';
import { openStore } from '../../../src/store/open-store.ts';
import { soakLedger } from '../../support/ledger-soak.ts';

const [, , dataDir = '', transfers = '0', url] = process.argv;

const log = { info: () => undefined, warn: console.error, error: console.error };
const store = await openStore({
  dataDir,
  clock: systemClock,
  log,
  ...(url === undefined ? {} : { server: { url, source: 'the proof', random: systemRandom() } }),
});
try {
  const {
    transfers: booked,
    bookMs,
    verifyMs,
    verification,
    problems,
  } = await soakLedger(store, {
    transfers: Number(transfers),
  });
  const { debits, credits, openHolds } = verification;
  const sums = { debits: String(debits), credits: String(credits) };
  console.log(JSON.stringify({ booked, bookMs, verifyMs, openHolds, problems, ...sums }));
} finally {
  await store.close();
}
