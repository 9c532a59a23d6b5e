import type { TokenCounter } from '../exchange/token-counter.ts';
import type { Clock } from '../kernel/clock.ts';
import { errorMessage } from '../kernel/errors.ts';
import { IdMaker } from '../kernel/ids.ts';
import { seededRandom } from '../kernel/random.ts';
import { BudgetIndex } from '../money/budget-index.ts';
import { Cashier } from '../money/cashier.ts';
import { Applications } from './applications.ts';
import { CallBook } from './call-book.ts';
import { partSeed } from './draws.ts';
import { EventClock } from './event-clock.ts';
import { GuardedLedger } from './guarded-ledger.ts';
import type { House, SimulationSetup } from './setup.ts';
import { SimulatedProvider } from './simulated-provider.ts';
import type { SimulationReport } from './simulation-report.ts';
import { Tallies } from './tallies.ts';
import { Watchman } from './watchman.ts';

const ATTEMPTS_MAX = 3;
const CALL_MS_MAX = 900_000;
const CHARS_PER_TOKEN = 4;
const HOLDS_LOOKED_AT = 10;
const NO_MODELS: readonly string[] = [];

/**
 * Runs the real exchange, routing, policies and money on a virtual clock
 * against simulated providers, and checks at every step what must always hold.
 *
 * @throws the signal's reason when it is aborted
 */
export async function runSimulation(setup: SimulationSetup): Promise<SimulationReport> {
  const { seed, expect = {} } = setup;
  const clock = new EventClock(setup.startAt);
  const watchman = new Watchman();
  const tallies = new Tallies(setup.sliceMs);
  const providers = providersOf(setup, clock);
  const exact = expect.exactCaps ?? setup.providers.every(({ overrunShare = 0 }) => overrunShare === 0);
  const ledger = new GuardedLedger(watchman, exact);
  const index = new BudgetIndex(setup.budgets ?? []);
  const cashier = cashierOf(setup, index, { clock, ledger, watchman });
  const book = new CallBook(clock, watchman, tallies, (start, atMs) => {
    const spender = { ...start, at: start.callStartedAt, models: NO_MODELS };
    if (!ledger.isHeld(start.callId) && index.accountsOf(spender).length > 0) {
      watchman.accuse(`${start.callId} was sent without a hold, though it has a budget`);
    }
    setup.onAttempt?.(start, atMs);
  });
  const house = setup.house({
    clock,
    random: seededRandom(partSeed(seed, 'gateway')),
    holds: cashier,
    tokens: countedByLength,
    events: book,
    transportOf: (name) => providerOf(providers, name).transport,
  });
  const applications = new Applications({
    setup,
    clock,
    house,
    book,
    tallies,
    attemptsMax: expect.attemptsMax ?? ATTEMPTS_MAX,
    deadlineMs: expect.deadlineMs ?? CALL_MS_MAX,
    ids: new IdMaker(clock, seededRandom(partSeed(seed, 'ids'))),
    random: seededRandom(partSeed(seed, 'applications')),
    retryRandom: seededRandom(partSeed(seed, 'retries')),
    accuse: (what) => watchman.accuse(what),
    note: (line) => watchman.note(line),
  });
  const watching = watch(clock, setup, house);
  const half = halfTime(clock, setup, tallies);
  applications.start();
  await clock.run(() => applications.over, setup.signal);
  cashier.close();
  const atHalf = half();
  watching.stop();
  const weather = house.weather();
  await checkEmptiness({ clock, house, providers: [...providers.values()], ledger, watchman });
  checkAmplification(setup, atHalf, tallies, watchman);
  return {
    seed,
    overMs: clock.monotonicMs(),
    totals: tallies.totals(),
    slices: tallies.slices(),
    targets: tallies.targets(),
    weather,
    traceHash: watchman.traceHash(),
    violations: watchman.violations,
    violationCount: watchman.violationCount,
  };
}

/** Counting is a matter of a thread, which a simulation has none of. Made-up text has four characters to a token. */
const countedByLength: TokenCounter = {
  count: async (texts) => texts.map(({ length }) => Math.ceil(length / CHARS_PER_TOKEN)),
  exactly: async (texts) => texts.map(({ length }) => Math.ceil(length / CHARS_PER_TOKEN)),
};

interface Till {
  readonly clock: Clock;
  readonly ledger: GuardedLedger;
  readonly watchman: Watchman;
}

function cashierOf(setup: SimulationSetup, index: BudgetIndex, { clock, ledger, watchman }: Till): Cashier {
  return new Cashier({
    ledger,
    clock,
    accountsOf: (payer) => index.accountsOf(payer),
    policy: () => setup.chargePolicy ?? 'winner_only',
    onSettled: () => undefined,
    onTrouble: (error, what) => watchman.accuse(`the ledger was in trouble: ${what}: ${errorMessage(error)}`),
  });
}

function providersOf({ providers, seed }: SimulationSetup, clock: Clock): Map<string, SimulatedProvider> {
  return new Map(
    providers.map((profile) => [
      profile.name,
      new SimulatedProvider(profile, { clock, random: seededRandom(partSeed(seed, `provider ${profile.name}`)) }),
    ]),
  );
}

function providerOf(providers: ReadonlyMap<string, SimulatedProvider>, name: string): SimulatedProvider {
  const found = providers.get(name);
  if (found === undefined) throw new Error(`no profile says how the provider ${name} behaves`);
  return found;
}

/** Looks at what has been counted when half of the time is over. */
function halfTime(clock: Clock, { durationMs }: SimulationSetup, tallies: Tallies): () => Tallies['soFar'] {
  let seen = { requests: 0, attempts: 0 };
  const timer = clock.after(durationMs / 2, () => {
    seen = tallies.soFar;
  });
  return () => {
    timer.cancel();
    return seen;
  };
}

/** Looks at the weather again and again, as long as requests arrive. */
function watch(clock: Clock, { watch: watcher, durationMs }: SimulationSetup, house: House): { stop(): void } {
  if (watcher === undefined) return { stop: () => undefined };
  const again = () => {
    const atMs = clock.monotonicMs();
    watcher.look(atMs, house.weather());
    if (atMs + watcher.everyMs < durationMs) timer = clock.after(watcher.everyMs, again);
  };
  let timer = clock.after(watcher.everyMs, again);
  return { stop: () => timer.cancel() };
}

function checkAmplification(
  { expect }: SimulationSetup,
  half: Tallies['soFar'],
  { soFar }: Tallies,
  watchman: Watchman,
): void {
  if (expect?.amplificationMax === undefined) return;
  const requests = soFar.requests - half.requests;
  const times = (soFar.attempts - half.attempts) / requests;
  if (requests > 0 && times <= expect.amplificationMax) return;
  watchman.accuse(`${times.toFixed(3)} attempts for each of ${requests} requests, at most ${expect.amplificationMax}`);
}

interface Rest {
  readonly clock: EventClock;
  readonly house: House;
  readonly providers: readonly SimulatedProvider[];
  readonly ledger: GuardedLedger;
  readonly watchman: Watchman;
}

/** Once everybody has what they wanted, nothing is left: no exchange, no stream, no hold, no timer. */
async function checkEmptiness({ clock, house, providers, ledger, watchman }: Rest): Promise<void> {
  house.close();
  const { running } = house.exchanges;
  if (running > 0) watchman.accuse(`${running} exchanges are still under way`);
  for (const { key, inFlight } of house.weather()) {
    if (inFlight > 0) watchman.accuse(`${key} is thought to have ${inFlight} calls under way`);
  }
  const streams = providers.reduce((sum, { open }) => sum + open, 0);
  if (streams > 0) watchman.accuse(`${streams} streams are still open`);
  const ownTimers = providers.reduce((sum, provider) => sum + provider.ownTimers, 0);
  const timers = clock.pendingTimers - ownTimers;
  if (timers > 0) watchman.accuse(`${timers} timers are still set`);
  const holds = await ledger.openHolds({ limit: HOLDS_LOOKED_AT });
  for (const { holdId } of holds) watchman.accuse(`the hold of ${holdId} is still open`);
}
