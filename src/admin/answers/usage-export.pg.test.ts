import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../kernel/clock.ts';
import type { Store } from '../../store/store.ts';
import {
  endRecord,
  openScratchStore,
  type ScratchDirectory,
  scratchDirectory,
  startRecord,
} from '../../store/testing/scratch.ts';
import type { UsageParts } from './usage.ts';
import { exportAnswer } from './usage-export.ts';
import { linesAnswer, usageHoursAnswer } from './usage-lines.ts';

let scratch: ScratchDirectory;
let store: Store;
let parts: UsageParts;

const HOUR_MS = 3_600_000;
const from = Date.UTC(2027, 5, 1);
const range = { from, to: from + 24 * HOUR_MS };
const ATTEMPTS = 1_203;

beforeAll(async () => {
  scratch = await scratchDirectory();
  store = await openScratchStore(scratch.path);
  for (let index = 0; index < ATTEMPTS; index++) {
    // Two of a kind share an instant, and each its hour with many.
    const start = startRecord({
      callStartedAt: from + (index >> 1),
      task: `=task ${index}, "x"`,
      tags: ['a', 'b'],
      ...(index % 3 === 0 ? { callStartedAt: from + HOUR_MS } : {}),
    });
    store.journal.append(start);
    store.journal.append(endRecord(start, { costNanoUsd: '9007199254740993', chargeNanoUsd: '0' }));
  }
  parts = {
    clock: systemClock,
    store: { state: () => store.state(), restarts: 0, database: store.database },
    journal: Object.assign(store.journal, {}),
    warn: (error) => {
      throw error;
    },
  };
  await store.journal.flush();
}, 60_000);

afterAll(async () => {
  await store.close();
  await scratch[Symbol.asyncDispose]();
});

const asked = { params: undefined, body: undefined };
const question = { ...range, by: 'all', what: 'hours', format: 'csv' } as const;

async function exported(query: Partial<Parameters<typeof exportAnswer>[1]['query']>): Promise<string[]> {
  const { parts: texts } = await exportAnswer(parts, { ...asked, query: { ...question, ...query } });
  let text = '';
  for await (const part of texts) text += part;
  return text.split('\n').slice(0, -1);
}

test('every line of the ledger is exported once, exact, whatever pages it takes', async () => {
  const lines = await exported({ what: 'lines', format: 'jsonl' });
  const rows = lines.map((line) => JSON.parse(line) as Record<string, string>);
  expect(rows).toHaveLength(ATTEMPTS);
  expect(new Set(rows.map((row) => `${row['call']}/${row['attempt']}`)).size).toBe(ATTEMPTS);
  const instants = rows.map((row) => row['call_started_at']);
  expect(instants).toEqual([...instants].sort());
  expect(new Set(rows.map((row) => row['cost_usd']))).toEqual(new Set(['9007199.254740993']));
  expect(new Set(rows.map((row) => row['charge_nano_usd']))).toEqual(new Set(['0']));
  expect(await exported({ what: 'lines', format: 'jsonl', task: '=task 7, "x"' })).toHaveLength(1);
});

test('hours by task are exported once each, and no cell is a formula', async () => {
  const [head = '', ...rows] = await exported({ by: 'task' });
  expect(head).toMatch(/^hour,organisation,project,key,provider,model,operation,route,name,calls/);
  expect(rows).toHaveLength(ATTEMPTS);
  expect(rows.every((row) => row.includes(',"\'=task '))).toBe(true);
  const [all = '', ...more] = (await exported({})).slice(1);
  expect(more).toHaveLength(1);
  expect(all).toContain(
    '2027-06-01T00:00:00.000Z,org_default,proj_default,key_1,sim,fast,chat,default,,802,802,0,8020',
  );
  expect((await exported({ by: 'tag' })).slice(1)).toHaveLength(4);
});

test('pages of hours and of lines meet without a gap', async () => {
  const hours = new Set<string>();
  const lines = new Set<string>();
  let cursor: string | null = null;
  do {
    const query = { ...range, by: 'task', limit: 200, ...(cursor === null ? {} : { cursor }) } as const;
    const page: Awaited<ReturnType<typeof usageHoursAnswer>> = await usageHoursAnswer(parts, { ...asked, query });
    for (const { hour, name } of page.data) hours.add(`${hour} ${name}`);
    cursor = page.next_cursor;
  } while (cursor !== null);
  expect(hours.size).toBe(ATTEMPTS);
  do {
    const query = { ...range, limit: 200, ...(cursor === null ? {} : { cursor }) };
    const page: Awaited<ReturnType<typeof linesAnswer>> = await linesAnswer(parts, { ...asked, query });
    for (const { call } of page.data) lines.add(call);
    cursor = page.next_cursor;
  } while (cursor !== null);
  expect(lines.size).toBe(ATTEMPTS);
});

test('what hours cannot tell apart is refused before anything is sent', async () => {
  await expect(exported({ by: 'task', tag: 'a' })).rejects.toMatchObject({ code: 'invalid_request', param: 'tag' });
});
