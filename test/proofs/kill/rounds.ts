import { comesTrue, pause } from '../../../faults/harness/waiting.ts';
import { systemClock } from '../../../src/kernel/clock.ts';
import type { Random } from '../../../src/kernel/random.ts';
import { recentCalls, usageTotals } from '../../../src/store/attempt-queries.ts';
import { openStore } from '../../../src/store/open-store.ts';
import type { ServerOptions, Store } from '../../../src/store/store.ts';
import type { Checks } from '../parts/checks.ts';
import type { Books, Round, Row, Sums } from './books.ts';
import type { House } from './house.ts';
import type { KillableServer } from './killable-server.ts';
import { Load, type Seen } from './load.ts';

export interface RoundsOptions {
  readonly rounds: number;
  readonly random: Random;
  readonly checks: Checks;
  /** Where the store is, when it is not embedded: it crashes in every other round, under the gateway's hands. */
  readonly server?: KillableServer;
}

/** Everything the rounds left behind, and how long the gateway took to come back each time. */
export interface Outcome {
  readonly books: Books;
  readonly listeningMs: number[];
  readonly readyMs: number[];
  readonly readableMs: number[];
  /** From the server's return until the gateway is ready again. */
  readonly backMs: number[];
  readonly notBack: string[];
}

/** The most clients at once; each round draws a number from half of it up. */
const CLIENTS = 32;
const READABLE_MS = 5_000;
const CUT_LOOKED_AT_MAX = 200;
const AWAY_MS = 600;
const LONG_AWAY_MS = 7_000;
/** A gateway tries again at least every five seconds, and a server that crashed recovers first. */
const BACK_MS_MAX = 15_000;
const ROWS_PER_PAGE = 1_000;
/** Every so many rounds a gateway is also killed while it opens its store, before the one that serves. */
const KILL_OPENING_EVERY = 4;

/** Kills the gateway under load, round after round, then lets one more round end in peace and opens the books. */
export async function runRounds(house: House, options: RoundsOptions): Promise<Outcome> {
  const { rounds, random, checks, server } = options;
  const seen: Seen = { asked: [], answers: [], troubles: [] };
  const lives: Round[] = [];
  const times = {
    listeningMs: [] as number[],
    readyMs: [] as number[],
    readableMs: [] as number[],
    backMs: [] as number[],
    notBack: [] as string[],
  };
  const unread: string[] = [];
  for (let round = 0; round <= rounds; round++) {
    const { listeningMs, readyMs } = await house.startGateway();
    times.listeningMs.push(listeningMs);
    times.readyMs.push(readyMs);
    const lastWhole = seen.answers.findLast(({ whole }) => whole)?.callId;
    if (lastWhole !== undefined) await noteReadable(house, lastWhole, times.readableMs, unread);
    const killed = round < rounds;
    lives.push({ startedAt: systemClock.now(), killed });
    const load = new Load({
      url: `${house.url}/v1/chat/completions`,
      key: house.key,
      clients: CLIENTS / 2 + Math.floor(random.float() * (CLIENTS / 2 + 1)),
      seed: round,
      name: `round-${round}`,
    });
    await pause(300 + random.float() * 1_200);
    const away = await crashServer(house, server, round, times);
    if (killed) {
      load.expectDeath();
      await house.killGateway();
    }
    if (away) await server?.comeBack();
    gather(seen, await load.stop());
    if (killed && round % KILL_OPENING_EVERY === 1) await house.killWhileOpening(100 + random.float() * 500);
  }
  await noteCutReadable(house, seen, checks);
  const { code } = await house.stopGateway();
  checks.that('after the last round a signal ends the gateway with 0', code === 0, `exit code ${code}`);
  checks.none('every call was answered with 200, or cut by a kill', seen.troubles, `${seen.asked.length} calls`);
  checks.none('the last whole answer of a killed gateway is readable from the next one', unread);
  if (server !== undefined) checks.none('the gateway is ready again after its server came back', times.notBack);
  checks.that('the journal rejected nothing', !house.journalRejects);
  return { ...times, books: await openBooks(house, seen, lives, server?.options) };
}

/**
 * In every other round the store's server crashes: for longer than a key is
 * remembered without being asked for, for a moment, or until the gateway is dead too.
 *
 * @returns whether it is still away
 */
async function crashServer(
  house: House,
  server: KillableServer | undefined,
  round: number,
  times: Pick<Outcome, 'backMs' | 'notBack'>,
): Promise<boolean> {
  if (server === undefined || round % 2 === 1) return false;
  await server.crash();
  if (round % 4 === 2) {
    await pause(AWAY_MS);
    return true;
  }
  await pause(round === 0 ? LONG_AWAY_MS : AWAY_MS);
  await server.comeBack();
  const backMs = performance.now();
  if (await comesTrue(() => house.isReady(), BACK_MS_MAX)) times.backMs.push(performance.now() - backMs);
  else times.notBack.push(`round ${round}: not within ${BACK_MS_MAX} ms`);
  return false;
}

async function noteReadable(house: House, callId: string, readableMs: number[], unread: string[]): Promise<void> {
  const askedMs = performance.now();
  const readable = await comesTrue(() => house.isReadable(callId), READABLE_MS);
  if (readable) readableMs.push(performance.now() - askedMs);
  else unread.push(`${callId} not within ${READABLE_MS} ms`);
}

/** What a kill cut is over for whoever asks a later gateway: a call that runs for ever would be a lie. */
async function noteCutReadable(house: House, { answers }: Seen, checks: Checks): Promise<void> {
  const cut = answers.filter(({ whole }) => !whole).slice(-CUT_LOOKED_AT_MAX);
  const stillRunning: string[] = [];
  for (const { callId } of cut) {
    if (!(await comesTrue(() => house.isReadable(callId), 0))) stillRunning.push(callId);
  }
  checks.none(
    'each call that a kill cut is readable from a later gateway, as ended',
    stillRunning,
    `${cut.length} calls`,
  );
}

async function openBooks(
  house: House,
  seen: Seen,
  rounds: readonly Round[],
  server: ServerOptions | undefined,
): Promise<Books> {
  const upstream = await house.upstreamCalls();
  const silent = { info: () => undefined, warn: console.error, error: console.error };
  const place = server === undefined ? {} : { server };
  const store = await openStore({ dataDir: house.dataDir, clock: systemClock, log: silent, ...place });
  try {
    return {
      rows: await readRows(store),
      sums: await readSums(store, rounds),
      upstream,
      answers: seen.answers,
      asked: new Set(seen.asked),
      rounds,
      clients: CLIENTS,
    };
  } finally {
    await store.close();
  }
}

async function readRows({ database }: Store): Promise<Row[]> {
  const rows: Row[] = [];
  let before: { startedAt: number; id: string } | undefined;
  for (;;) {
    const calls = await recentCalls(database, { limit: ROWS_PER_PAGE, ...(before === undefined ? {} : { before }) });
    for (const call of calls) {
      for (const { attempt, startedAt, outcome, usage, costNanoUsd } of call.attempts) {
        const id = `${call.id}-${attempt}`;
        rows.push({
          id,
          callId: call.id,
          startedAt,
          outcome,
          usage,
          costNanoUsd,
          clientRequestId: call.clientRequestId,
        });
      }
    }
    before = calls.at(-1);
    if (calls.length < ROWS_PER_PAGE) return rows;
  }
}

async function readSums({ database }: Store, rounds: readonly Round[]): Promise<Sums> {
  const totals = await usageTotals(database, { since: rounds[0]?.startedAt ?? 0 });
  return {
    rows: Number(totals.attempts),
    inputTokens: Number(totals.inputTokens ?? 0n),
    outputTokens: Number(totals.outputTokens ?? 0n),
  };
}

function gather(into: Seen, from: Seen): void {
  into.asked.push(...from.asked);
  into.answers.push(...from.answers);
  into.troubles.push(...from.troubles);
}
