import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../kernel/clock.ts';
import { IdMaker } from '../kernel/ids.ts';
import { systemRandom } from '../kernel/random.ts';
import { findCall } from './find-call.ts';
import type { Store } from './store.ts';
import {
  endRecord,
  openScratchStore,
  type ScratchDirectory,
  scratchDirectory,
  startRecord,
} from './testing/scratch.ts';

const ids = new IdMaker(systemClock, systemRandom());
const longAgo = new IdMaker({ ...systemClock, now: () => systemClock.now() - 61_000 }, systemRandom());
let scratch: ScratchDirectory;
let store: Store;
let flushed = 0;

const places = () => ({
  database: store.database,
  clock: systemClock,
  journal: {
    flush: () => {
      flushed++;
      return store.journal.flush();
    },
  },
});

beforeAll(async () => {
  scratch = await scratchDirectory();
  store = await openScratchStore(scratch.path);
});

afterAll(async () => {
  await store.close();
  await scratch[Symbol.asyncDispose]();
});

test('a call is found the moment it stands in the journal, for its own project', async () => {
  for (let round = 0; round < 20; round++) {
    const callStartedAt = systemClock.now();
    const start = startRecord({ callId: ids.next('call'), callStartedAt, startedAt: callStartedAt });
    store.journal.append(start);
    store.journal.append(endRecord(start, {}));
    expect(await findCall(places(), start.callId)).toMatchObject({ id: start.callId, attempts: [{ outcome: 'ok' }] });
    expect(await findCall(places(), start.callId, start.project)).toBeDefined();
    expect(await findCall(places(), start.callId, 'proj_other')).toBeUndefined();
  }
  expect(flushed).toBeGreaterThan(0);
});

test('one that nobody made is waited for only while it could be on its way', async () => {
  flushed = 0;
  expect(await findCall(places(), ids.next('call'))).toBeUndefined();
  expect(flushed).toBe(1);
  expect(await findCall(places(), longAgo.next('call'))).toBeUndefined();
  expect(await findCall(places(), 'no id at all')).toBeUndefined();
  expect(flushed).toBe(1);
});
