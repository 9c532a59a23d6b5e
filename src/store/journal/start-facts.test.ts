import { expect, test } from 'vitest';
import type { AttemptStart } from '../../protocol/attempt-record.ts';
import { endRecord, startRecord } from '../testing/scratch.ts';
import { asJournalStart, RecordParser } from './start-facts.ts';

test.each<Partial<AttemptStart>>([
  {},
  { traceId: '0af7651916cd43dd8448eb211c80319c' },
  { clientRequestId: 'req-1.a:b' },
  { traceId: 't', clientRequestId: 'r' },
  { traceId: '', clientRequestId: 'quote " backslash \\ ü \n' },
  { tags: ['a', ',"traceId":"'], metadata: { traceId: 'inner', 'x"}': '}' }, endUser: '{"kind":"start"}' },
  { metadata: { clientRequestId: 'inner' }, priceVersion: 'p","traceId":"t' },
  { callId: 'not "a word"', attempt: 70_000 },
  { attempt: 2, callStartedAt: -1.5, startedAt: 8.64e15 },
])('a start says the same the first time and the second, with facts that are one object (%#)', (given) => {
  const parser = new RecordParser();
  const [one, other] = [startRecord(given), startRecord(given)];
  const [first, second] = [one, other].map((start) => parser.parse(JSON.stringify(start)));
  expect(first).toEqual(asJournalStart(one));
  expect(second).toEqual(asJournalStart(other));
});

test('starts of one kind share their facts, whoever traces them', () => {
  const parser = new RecordParser();
  const facts = ['a', 'b', undefined].map((traceId) => {
    const start = parser.parse(JSON.stringify(startRecord(traceId === undefined ? {} : { traceId })));
    return start.kind === 'start' ? start.facts : undefined;
  });
  expect(facts[1]).toBe(facts[0]);
  expect(facts[2]).toBe(facts[0]);
});

test('facts that stand after the usual ones are shared too, whatever they look like', () => {
  const parser = new RecordParser();
  const more = {
    credential: 'primary',
    task: 't',
    tags: ['a', ',"traceId":"x"'],
    metadata: { a: 'b', c: '","clientRequestId":"x"}' },
  };
  const parsed = ['a', 'b'].map((traceId) => {
    const start = { ...startRecord(), ...more, traceId, clientRequestId: `req-${traceId}` };
    const record = parser.parse(JSON.stringify(start));
    expect(record).toEqual(asJournalStart(start));
    return record.kind === 'start' ? record.facts : undefined;
  });
  expect(parsed[1]).toBe(parsed[0]);
});

test('an id of the client that looks otherwise never becomes that of another start', () => {
  const parser = new RecordParser();
  const last = { ...startRecord(), metadata: { x: 'y' } };
  for (const clientRequestId of ['"ü', 'x'.repeat(600), 'plain', '"ü', 'x'.repeat(600)]) {
    const start = { ...last, callId: `call_${clientRequestId.length}`, clientRequestId };
    expect(parser.parse(JSON.stringify(start))).toEqual(asJournalStart(start));
  }
});

test('facts of more kinds than are remembered come out right', () => {
  const parser = new RecordParser();
  for (let round = 0; round < 2; round++) {
    for (let index = 0; index < 1_100; index++) {
      const start = startRecord({ endUser: `user ${index}` });
      expect(parser.parse(JSON.stringify(start))).toEqual(asJournalStart(start));
    }
  }
});

test('a start whose facts hold a field twice, or what no column can, is checked whole', () => {
  const parser = new RecordParser();
  const start = startRecord();
  const line = JSON.stringify(start);
  const twice = line.replace(/\}$/, ',"callId":"call_other"}');
  for (const _ of [1, 2]) expect(parser.parse(twice)).toMatchObject({ callId: 'call_other' });
  const tried = line.replace(/\}$/, ',"attempt":7}');
  for (const _ of [1, 2]) expect(parser.parse(tried)).toMatchObject({ attempt: 7 });
  const wrong = line.replace('"stream":true', '"stream":1');
  for (const _ of [1, 2]) expect(() => parser.parse(wrong)).toThrow('stream is 1');
  expect(() => parser.parse(line.slice(0, -1))).toThrow();
});

test('an end is what was written', () => {
  const end = endRecord(startRecord(), { errorMessage: ',"traceId":"x"}' });
  expect(new RecordParser().parse(JSON.stringify(end))).toEqual(end);
});
