import { expect, test } from 'vitest';
import type { CallRecord } from '../../../src/sim/counts.ts';
import { Checks } from '../parts/checks.ts';
import { type Answer, type Books, compareBooks, type Row } from './books.ts';

const row = (callId: string, given: Partial<Row> = {}): Row => ({
  id: `${callId}-1`,
  callId,
  startedAt: 1_500,
  outcome: 'ok',
  usage: { inputTokens: 9, cachedInputTokens: 0, outputTokens: 5 },
  costNanoUsd: 4_350n,
  clientRequestId: `name of ${callId}`,
  ...given,
});

const upstream = (callId: string, given: Partial<CallRecord> = {}): CallRecord => ({
  n: 1,
  method: 'POST',
  path: '/v1/chat/completions',
  stream: true,
  status: 200,
  requestId: 'req_1',
  read: true,
  reasoningTokens: 0,
  promptTokens: 9,
  cachedTokens: 0,
  completionTokens: 5,
  bytesSent: 100,
  startedAt: 1_500,
  outcome: 'complete',
  authorized: true,
  clientRequestId: `${callId}-1`,
  ...given,
});

const answer = (callId: string, given: Partial<Answer> = {}): Answer => ({
  callId,
  attempts: 1,
  stream: true,
  whole: true,
  usage: { inputTokens: 9, outputTokens: 5 },
  ...given,
});

const unsent: Row = row('b', { outcome: 'interrupted', usage: undefined, costNanoUsd: undefined });

/** One call that went well, and one that a kill took between journal and socket. */
const AGREEING: Books = {
  rows: [row('a'), unsent],
  sums: { rows: 2, inputTokens: 9, outputTokens: 5 },
  upstream: [upstream('a')],
  answers: [answer('a')],
  asked: new Set(['name of a', 'name of b']),
  rounds: [{ startedAt: 1_000, killed: true }],
  clients: 1,
};

function failures(given: Partial<Books>): string[] {
  const checks = new Checks(() => undefined);
  compareBooks({ ...AGREEING, ...given }, checks);
  return checks.failed.map(({ title }) => title);
}

test('books that agree are left alone', () => {
  expect(failures({})).toEqual([]);
});

test.each<[string, Partial<Books>, string]>([
  ['an upstream call without a row', { upstream: [upstream('a'), upstream('z')] }, 'each upstream call has its row'],
  [
    'an upstream call sent twice',
    { upstream: [upstream('a'), upstream('a')] },
    'each upstream call carries an id of its own',
  ],
  ['a row twice', { rows: [row('a'), row('a'), unsent] }, 'no attempt has two rows'],
  ['a row that nobody asked for', { asked: new Set(['name of a']) }, 'each row belongs to a call that a client made'],
  [
    'a whole answer that is not ok',
    { answers: [answer('b')] },
    'each answer that a client got whole is recorded as ok',
  ],
  ['a head without a row', { answers: [answer('y', { whole: false })] }, 'each call whose head a client saw has a row'],
  [
    'a failure that upstream does not know',
    { rows: [row('a', { outcome: 'failed', usage: undefined }), unsent] },
    'each failed attempt failed upstream',
  ],
  [
    'a row that still runs',
    { rows: [row('a'), { ...unsent, outcome: undefined }] },
    'no row is left running, or ended in a way that nobody caused',
  ],
  [
    'one token too many',
    { upstream: [upstream('a', { completionTokens: 6 })] },
    'tokens of each ok row equal the provider’s, to the token',
  ],
  [
    'cached tokens that got lost',
    { upstream: [upstream('a', { cachedTokens: 4 })] },
    'tokens of each ok row equal the provider’s, to the token',
  ],
  [
    'a client that was told otherwise',
    { answers: [answer('a', { usage: { inputTokens: 9, outputTokens: 4 } })] },
    'tokens of each ok row equal what its client was told',
  ],
  ['an ok row without a price', { rows: [row('a', { costNanoUsd: undefined }), unsent] }, 'each ok row has its price'],
  [
    'zeros where nothing is known',
    { rows: [row('a'), { ...unsent, usage: { inputTokens: 0 } }] },
    'no other row claims tokens',
  ],
  [
    'sums that are off by one',
    { sums: { rows: 2, inputTokens: 9, outputTokens: 4 } },
    'the database’s own sums equal the provider’s over the same calls',
  ],
  [
    'an ok row that upstream never saw',
    { upstream: [] },
    'rows without an upstream call are only such as a kill interrupted',
  ],
  [
    'an attempt that a peaceful stop interrupted',
    { rounds: [{ startedAt: 1_000, killed: false }] },
    'a kill interrupts at most one attempt per client, and a stop none',
  ],
])('%s is noticed', (_, given, title) => {
  expect(failures(given)).toContain(title);
});
