import { closeSync, openSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import { systemClock, VirtualClock } from '../../kernel/clock.ts';
import type { AttemptStart } from '../../protocol/attempt-record.ts';
import { checkpointRecord, collectedLog, endRecord, scratchDirectory, startRecord } from '../testing/scratch.ts';
import { RECORD_BYTES_MAX } from './frame.ts';
import { JournalReader, type ReadItem } from './journal-reader.ts';
import { JournalWriter } from './journal-writer.ts';
import { SEGMENT_BYTES } from './position.ts';
import { parseRecord } from './record-parser.ts';
import { listSegments, preallocateSegment, segmentPath } from './segment-files.ts';

function readAll(directory: string, writer: JournalWriter): ReadItem[] {
  const reader = new JournalReader(directory, { segment: writer.firstSegment, offset: 0 });
  const items: ReadItem[] = [];
  for (let more = true; more; ) {
    const part = reader.read(writer.shared.head, 1_000);
    items.push(...part);
    more = part.length > 0;
  }
  reader.close();
  return items;
}

async function until(condition: () => boolean): Promise<void> {
  for (let turns = 0; !condition(); turns++) {
    if (turns > 2_000) throw new Error('it did not come true within two seconds');
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

test('a record is in the file when append returns, before any other process or turn of the event loop', async () => {
  await using scratch = await scratchDirectory();
  const writer = await JournalWriter.open({ directory: scratch.path, clock: systemClock, log: collectedLog() });
  const start = startRecord({ metadata: { team: 'rot "grün" \\' }, tags: ['a', 'b'] });
  writer.append(start);
  const [item] = readAll(scratch.path, writer);
  expect(item?.kind === 'record' && parseRecord(item.json)).toEqual(start);
  await writer.stop();
});

test('records staged in one turn go out together at its end, and each is heard of after that', async () => {
  await using scratch = await scratchDirectory();
  const writer = await JournalWriter.open({ directory: scratch.path, clock: systemClock, log: collectedLog() });
  const heard: [string, number][] = [];
  const starts = Array.from({ length: 40 }, () => startRecord({ metadata: { filler: 'x'.repeat(7_000) } }));
  for (const start of starts) {
    writer.stage(start, () => heard.push([start.callId, writer.shared.head.offset]));
    writer.stage(endRecord(start), () => heard.push([start.callId, writer.shared.head.offset]));
  }
  await until(() => heard.length === 80);
  expect(heard.map(([callId]) => callId)).toEqual(starts.flatMap(({ callId }) => [callId, callId]));
  // More than one write can hold, so that it took two; each was heard of when all of it was there.
  expect(new Set(heard.map(([, offset]) => offset)).size).toBe(2);
  const items = readAll(scratch.path, writer);
  expect(items.map((item) => item.kind === 'record' && parseRecord(item.json).callId)).toEqual(
    starts.flatMap(({ callId }) => [callId, callId]),
  );
  await writer.stop();
});

test('checkpoints wait for each other for a moment, and for no longer than the next start or end', async () => {
  await using scratch = await scratchDirectory();
  const clock = new VirtualClock();
  const writer = await JournalWriter.open({ directory: scratch.path, clock, log: collectedLog() });
  const start = startRecord();
  writer.append(start);
  await clock.advance(0);
  const kinds = () =>
    readAll(scratch.path, writer).map((item) => item.kind === 'record' && parseRecord(item.json).kind);
  writer.stage(checkpointRecord(start, { outputTokens: 1 }), () => undefined);
  await clock.advance(60);
  writer.stage(checkpointRecord(start, { outputTokens: 2 }), () => undefined);
  expect(kinds()).toEqual(['start']);
  await clock.advance(40);
  expect(kinds()).toEqual(['start', 'checkpoint', 'checkpoint']);
  writer.stage(checkpointRecord(start, { outputTokens: 3 }), () => undefined);
  writer.stage(endRecord(start), () => undefined);
  await clock.advance(0);
  expect(kinds()).toEqual(['start', 'checkpoint', 'checkpoint', 'checkpoint', 'end']);
  expect(clock.pendingTimers).toBe(0);
  writer.stage(checkpointRecord(startRecord(), { outputTokens: 4 }), () => undefined);
  await writer.stop();
  expect(kinds()).toHaveLength(6);
  expect(clock.pendingTimers).toBe(0);
});

test('what a failing disk did not take: starts are refused, their ends forgotten, other ends kept and written later', async () => {
  await using scratch = await scratchDirectory();
  const clock = new VirtualClock();
  const writer = await JournalWriter.open({ directory: scratch.path, clock, log: collectedLog() });
  const running = startRecord();
  writer.append(running);
  const path = segmentPath(scratch.path, writer.firstSegment);
  const descriptor = descriptorOf(path);
  closeSync(descriptor);
  const fresh = startRecord();
  const heard: unknown[] = [];
  writer.stage(fresh, (refused) => heard.push(refused?.code));
  writer.stage(endRecord(fresh), (refused) => heard.push(refused));
  writer.stage(endRecord(running), (refused) => heard.push(refused));
  await until(() => heard.length === 3);
  expect(heard).toEqual(['budget_unavailable', undefined, undefined]);
  expect(writer.running).toBe(0);
  expect(readAll(scratch.path, writer)).toHaveLength(1);
  // The same number again: the disk works.
  const others: number[] = [];
  for (let opened = openSync(path, 'r+'); opened !== descriptor; opened = openSync(path, 'r+')) others.push(opened);
  for (const other of others) closeSync(other);
  await clock.advance(1_000);
  const items = readAll(scratch.path, writer).map((item) => item.kind === 'record' && parseRecord(item.json));
  expect(items).toMatchObject([
    { kind: 'start', callId: running.callId },
    { kind: 'end', callId: running.callId },
  ]);
  await writer.stop();
  expect(clock.pendingTimers).toBe(0);
});

function descriptorOf(path: string): number {
  const found = readdirSync('/proc/self/fd').find((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`) === path;
    } catch {
      // The listing's own descriptor is closed by now.
      return false;
    }
  });
  if (found === undefined) throw new Error(`${path} is not open`);
  return Number(found);
}

test('records go on in the next segment when one is full, without a gap in their sequence', async () => {
  await using scratch = await scratchDirectory();
  const writer = await JournalWriter.open({ directory: scratch.path, clock: systemClock, log: collectedLog() });
  const metadata = { filler: 'x'.repeat(7_000) };
  for (let index = 0; index < 1_500; index++) {
    const start = startRecord({ metadata });
    if (!writer.canAdmit()) await until(() => writer.canAdmit());
    writer.append(start);
    writer.append(endRecord(start));
  }
  expect(writer.shared.head.segment).toBe(writer.firstSegment + 1);
  const items = readAll(scratch.path, writer);
  expect(items.map((item) => item.kind === 'record' && item.sequence)).toEqual(
    Array.from({ length: 3_000 }, (_, index) => index + 1),
  );
  await writer.stop();
});

test('when no more space can be made, new starts are refused and every running attempt can still end', async () => {
  await using scratch = await scratchDirectory();
  const clock = new VirtualClock();
  const log = collectedLog();
  const writer = await JournalWriter.open({ directory: scratch.path, clock, log });
  // A file where the next segments would be made: their making fails as it does on a full disk.
  const blocked = [3, 4, 5, 6].map((segment) => segmentPath(scratch.path, segment));
  for (const segment of [3, 4, 5, 6]) closeSync(await preallocateSegment(scratch.path, segment));

  const running: AttemptStart[] = [];
  while (writer.canAdmit()) {
    const start = startRecord({ endUser: 'u'.repeat(200) });
    writer.append(start);
    running.push(start);
    if (running.length % 50 === 0) await new Promise((resolve) => setTimeout(resolve, 0));
  }
  expect(() => writer.append(startRecord())).toThrow(
    expect.objectContaining({ code: 'budget_unavailable', status: 503, retryAfterMs: 1_000 }),
  );
  expect(running.length).toBeGreaterThan(900);
  expect(running.length * RECORD_BYTES_MAX).toBeLessThan(2 * SEGMENT_BYTES);
  for (const start of running) writer.append(endRecord(start, { errorMessage: '\u0001'.repeat(9_000) }));
  expect(writer.running).toBe(0);
  const items = readAll(scratch.path, writer);
  expect(items.filter((item) => item.kind === 'record')).toHaveLength(running.length * 2);

  for (const path of blocked) rmSync(path);
  for (let tries = 0; tries < 10 && !(writer.canAdmit() && writer.problem === undefined); tries++) {
    await clock.advance(1_000);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  writer.append(startRecord());
  expect(log.lines.map((line) => line.message)).toEqual([
    'the journal cannot be extended',
    'the journal has room again',
  ]);
  await writer.stop();
  expect(clock.pendingTimers).toBe(0);
});

test('a start larger than a record is the caller’s fault; an end is cut to fit, whatever the upstream sent', async () => {
  await using scratch = await scratchDirectory();
  const writer = await JournalWriter.open({ directory: scratch.path, clock: systemClock, log: collectedLog() });
  expect(() => writer.append(startRecord({ metadata: { filler: 'é'.repeat(5_000) } }))).toThrow(
    expect.objectContaining({ code: 'invalid_request', param: 'x-leeward-metadata' }),
  );
  expect(writer.running).toBe(0);
  const start = startRecord();
  writer.append(start);
  writer.append(endRecord(start, { errorMessage: '\u0000'.repeat(20_000), finishReason: 'f'.repeat(9_000) }));
  const [, end] = readAll(scratch.path, writer);
  expect(end?.kind === 'record' && parseRecord(end.json)).toMatchObject({ kind: 'end', outcome: 'ok' });
  await writer.stop();
});

test('the next process begins a new segment and removes those that were made ahead and never used', async () => {
  await using scratch = await scratchDirectory();
  const options = { directory: scratch.path, clock: systemClock, log: collectedLog() };
  const first = await JournalWriter.open(options);
  first.append(startRecord());
  const before = listSegments(scratch.path);
  // As after a kill: nothing is stopped.
  const second = await JournalWriter.open(options);
  expect(second.firstSegment).toBe(Math.max(...before) + 1);
  expect(listSegments(scratch.path)).toContain(first.firstSegment);
  expect(listSegments(scratch.path)).not.toContain(first.firstSegment + 1);
  await second.stop();
  await first.stop();
  expect(readdirSync(scratch.path)).toEqual(['segment-000000000001.log']);
});
