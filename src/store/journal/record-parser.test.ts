import { expect, test } from 'vitest';
import { endRecord, startRecord } from '../testing/scratch.ts';
import { parseRecord } from './record-parser.ts';

const parsed = (record: object) => parseRecord(JSON.stringify(record));

test('complete records are taken as they are, with fields that a later version added', () => {
  const start = startRecord({ tags: ['a'], metadata: { team: 'x' }, traceId: 't' });
  expect(parsed({ ...start, addedLater: 1 })).toEqual({ ...start, addedLater: 1 });
  const end = endRecord(start, { costNanoUsd: '999999999999999999', firstTokenMs: 3.5 });
  expect(parsed(end)).toEqual(end);
});

test.each([
  [{ ...startRecord(), callId: 7 }, 'callId is 7'],
  [{ ...startRecord(), attempt: 1.5 }, 'attempt is 1.5'],
  [{ ...startRecord(), callStartedAt: 9e15 }, 'callStartedAt is 9000000000000000'],
  [{ ...startRecord(), metadata: { nested: {} } }, 'metadata is {"nested":{}}'],
  [{ ...startRecord(), model: undefined }, 'model is missing'],
  [{ ...endRecord(startRecord()), costNanoUsd: '1.5' }, 'costNanoUsd is "1.5"'],
  [{ ...endRecord(startRecord()), usage: { inputTokens: -1 } }, 'usage is {"inputTokens":-1}'],
  [{ ...endRecord(startRecord()), totalMs: null }, 'totalMs is null'],
  [{ kind: 'other' }, 'kind is "other"'],
  [[], 'not an object'],
])('a record whose column could not hold it is refused with the field and its value (%#)', (record, message) => {
  expect(() => parsed(record)).toThrow(message);
});
