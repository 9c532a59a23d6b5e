import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { undoAtExit } from '../harness/at-exit.ts';
import type { House } from '../harness/house.ts';
import { answerBytes, OK_ANSWER } from '../harness/http-bytes.ts';
import { ask, askJson } from '../harness/http-json.ts';
import { recordOf } from '../harness/record.ts';
import { seenText } from '../harness/seen.ts';
import { comesTrue, pause } from '../harness/waiting.ts';
import type { OwnRow, OwnStage, Row, Witness } from '../row.ts';
import { makeCall } from './call-row.ts';

const RECOVERED_MS_MAX = 10_000;
const CALLS = 20;

interface StoreFault {
  readonly fault: string;
  /** What the store's thread is told to do, and how long it then is away. */
  readonly order: string;
  readonly awayMs: number;
}

/**
 * While the store is away: calls with a known key go on, an unknown key is
 * refused or waits its turn and is never let in, and afterwards every call is
 * in the store.
 */
function storeRow({ fault, order, awayMs }: StoreFault): OwnRow {
  return {
    house: 'own',
    row: 43,
    fault,
    streamed: false,
    async run(stage: OwnStage): Promise<Witness> {
      const folder = mkdtempSync(join(tmpdir(), 'leeward-store-'));
      stage.defer(undoAtExit(() => rmSync(folder, { recursive: true, force: true })));
      const orders = join(folder, 'orders');
      const house = await stage.open({
        nodeArgs: ['--import', './faults/harness/store-hook.ts'],
        env: { LEEWARD_FAULTS_STORE: orders },
      });
      house.raw.answer = (socket) => void socket.end(answerBytes(200, 'application/json', OK_ANSWER));
      const fresh = await askJson(`${house.url}/admin/keys`, {
        bearer: house.adminToken,
        body: { name: 'not yet seen' },
      });
      const first = await makeCall(house, { model: 'raw/m', streamed: false });
      const problems = first.seen.status === 200 ? [] : [`before it a call got ${seenText(first.seen)}`];
      writeFileSync(orders, order);
      await pause(100);
      const startedMs = performance.now();
      const stranger = ask(`${house.url}/v1/models`, { bearer: String(fresh['key']) });
      const { ids, slowestMs, wrong } = await callsMeanwhile(house);
      problems.push(...wrong);
      if (slowestMs > 1_000) problems.push(`the slowest call took ${slowestMs.toFixed(0)} ms`);
      const { status } = await stranger;
      if (status !== 200 && status !== 503) problems.push(`a key that is not known yet got ${status}`);
      const back = await comesTrue(async () => (await keysAreListed(house)) === 200, awayMs + RECOVERED_MS_MAX);
      const backMs = performance.now() - startedMs;
      if (!back) problems.push('the store did not come back');
      problems.push(...(await missingAfterRestart(house, ids)));
      return {
        saw: `${ids.length} served, the slowest in ${slowestMs.toFixed(0)} ms; an unknown key got ${status}`,
        recorded: `${ids.length} found after a restart`,
        baseline: `store back after ${(backMs / 1_000).toFixed(1)} s`,
        problems,
      };
    },
  };
}

async function callsMeanwhile(house: House): Promise<{ ids: string[]; slowestMs: number; wrong: string[] }> {
  const ids: string[] = [];
  const wrong: string[] = [];
  let slowestMs = 0;
  for (let made = 0; made < CALLS; made++) {
    const startedMs = performance.now();
    // The record is in memory: nothing of this asks the store.
    const { seen } = await makeCall(house, { model: 'raw/m', streamed: false });
    slowestMs = Math.max(slowestMs, performance.now() - startedMs);
    if (seen.status !== 200) wrong.push(`a call with a known key got ${seenText(seen)}`);
    else if (seen.callId !== undefined) ids.push(seen.callId);
  }
  return { ids, slowestMs, wrong: wrong.slice(0, 3) };
}

async function keysAreListed(house: House): Promise<number> {
  return (await ask(`${house.url}/admin/keys`, { bearer: house.adminToken })).status;
}

async function missingAfterRestart(house: House, ids: readonly string[]): Promise<string[]> {
  await house.gateway.stop();
  await house.startGateway();
  const missing: string[] = [];
  for (const id of ids) {
    const record = await recordOf(house, id);
    if (record?.attempts[0]?.outcome !== 'ok') missing.push(id);
  }
  return missing.length === 0 ? [] : [`${missing.length} of ${ids.length} calls are not in the store`];
}

/** What becomes of calls while Postgres is away. */
export const storeFaults: readonly Row[] = [
  storeRow({ fault: 'the store hangs for 5 s', order: 'sleep 5000', awayMs: 5_000 }),
  storeRow({ fault: "the store's thread dies", order: 'exit', awayMs: 0 }),
];
