import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { collectedLog, openScratchStore, scratchDirectory } from './testing/scratch.ts';
import { recountedHours, summedHours } from './testing/usage-recount.ts';

const DOOMED = new URL('./testing/doomed-process.ts', import.meta.url);
const ROUNDS = 5;

interface Told {
  readonly starts: Set<string>;
  readonly ends: Set<string>;
}

/** Runs the process, kills it `lifeMs` after its store opened (or while it opens), and takes down what it told. */
async function liveAndDie(dataDir: string, told: Told, lifeMs: number, whileOpening: boolean): Promise<void> {
  const child = spawn(process.execPath, [DOOMED.pathname, dataDir], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  const killSoon = () => setTimeout(() => child.kill('SIGKILL'), lifeMs);
  if (whileOpening) killSoon();
  else child.stdout.once('data', killSoon);
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  await once(child, 'close');
  expect(child.signalCode).toBe('SIGKILL');
  for (const line of output.split('\n').slice(0, -1)) {
    const [word, callId = ''] = line.split(' ');
    if (word === 'start') told.starts.add(callId);
    if (word === 'end') told.ends.add(callId);
  }
}

test('killed at any moment, a process loses no start and no end, none becomes two rows, and usage counts each once', {
  timeout: 180_000,
}, async () => {
  await using scratch = await scratchDirectory();
  const told: Told = { starts: new Set(), ends: new Set() };
  for (let round = 0; round < ROUNDS; round++) {
    await liveAndDie(scratch.path, told, 50 + Math.random() * 900, false);
    if (round % 2 === 0) await liveAndDie(scratch.path, told, 150 + Math.random() * 600, true);
  }
  const log = collectedLog();
  const store = await openScratchStore(scratch.path, { log });
  await store.journal.flush();
  const { rows } = await store.pool.query(
    'select call_id, outcome, count(*) over (partition by call_id) from attempts',
  );
  const outcomes = new Map(rows.map((row) => [String(row['call_id']), row['outcome']]));
  expect(rows.filter((row) => row['count'] !== 1n)).toEqual([]);
  expect(told.starts.size).toBeGreaterThan(200);
  expect([...told.starts].filter((callId) => !outcomes.has(callId))).toEqual([]);
  expect([...told.ends].filter((callId) => outcomes.get(callId) !== 'ok')).toEqual([]);
  const open = [...told.starts].filter((callId) => !told.ends.has(callId));
  // The kill may fall between an end's append and its telling: such an end is one more, never one less.
  const untold = open.filter((callId) => outcomes.get(callId) !== 'interrupted');
  expect(untold.length).toBeLessThanOrEqual(ROUNDS * 2);
  expect(rows.filter((row) => row['outcome'] === null)).toEqual([]);
  expect(rows.length - told.starts.size).toBeLessThanOrEqual(ROUNDS * 2);
  const hours = await summedHours(store.pool);
  expect(hours).toEqual(await recountedHours(store.pool));
  const counted = hours
    .filter((hour) => hour['kind'] === 'all')
    .reduce((sum, hour) => sum + Number(hour['attempts']), 0);
  expect(counted).toBe(rows.length);
  expect(store.journal.lag()).toMatchObject({ records: 0, rejected: 0 });
  await store.close();
});
