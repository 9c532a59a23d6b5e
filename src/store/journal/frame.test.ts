import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeFrame, RECORD_BYTES_MAX, readFrame } from './frame.ts';

function segment(lines: readonly string[], bytes = 64 * 1024): { bytes: Buffer; starts: number[]; end: number } {
  const buffer = Buffer.alloc(bytes);
  const frame = Buffer.alloc(RECORD_BYTES_MAX);
  const starts: number[] = [];
  let end = 0;
  for (const [index, line] of lines.entries()) {
    const length = encodeFrame(frame, line, index + 1);
    if (length === undefined) throw new Error('too large');
    starts.push(end);
    frame.copy(buffer, end, 0, length);
    end += length;
  }
  return { bytes: buffer, starts, end };
}

function readAll(bytes: Buffer, end = bytes.length): { lines: string[]; damaged: number } {
  const lines: string[] = [];
  let damaged = 0;
  for (let at = 0; ; ) {
    const frame = readFrame(bytes, at, end);
    if (frame.kind === 'nothing') return { lines, damaged };
    if (frame.kind === 'record') lines.push(frame.json);
    else damaged++;
    expect(frame.next).toBeGreaterThan(at);
    at = frame.next;
  }
}

const someLines = fc.array(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }).map((text) => JSON.stringify({ text })),
  { minLength: 1, maxLength: 12 },
);

test('what was written is what is read, in order, and the zeros after it are nothing', () => {
  fc.assert(
    fc.property(someLines, (lines) => {
      expect(readAll(segment(lines).bytes)).toEqual({ lines, damaged: 0 });
    }),
  );
});

test('a segment cut at any byte gives every whole record before the cut', () => {
  const lines = ['{"a":1}', '{"b":"zwei"}', '{"c":[3]}'];
  const { bytes, starts, end } = segment(lines);
  for (let cut = 0; cut <= end; cut++) {
    const torn = Buffer.alloc(bytes.length);
    bytes.copy(torn, 0, 0, cut);
    const whole = lines.filter((_, index) => (starts[index + 1] ?? end) <= cut);
    expect(readAll(torn).lines, `cut at ${cut}`).toEqual(whole);
  }
});

test('a flipped byte costs the record it is in, and no other', () => {
  const lines = ['{"a":1}', '{"b":"zwei"}', '{"c":[3]}', '{"d":4}'];
  const { starts, end } = segment(lines);
  for (let at = 0; at < end; at++) {
    const { bytes } = segment(lines);
    bytes[at] = (bytes[at] ?? 0) ^ 0x41;
    const hit = starts.findLastIndex((start) => start <= at);
    const read = readAll(bytes);
    const spared = lines.filter((_, index) => index !== hit);
    expect(read.lines, `flipped at ${at}`).toEqual(spared);
    expect(read.damaged, `flipped at ${at}`).toBe(1);
  }
});

test('records behind a page of zeros, as a power cut leaves it, are found', () => {
  const lines = Array.from({ length: 200 }, (_, index) => `{"number":${index}}`);
  const { bytes } = segment(lines);
  bytes.fill(0, 512, 1024);
  const read = readAll(bytes);
  expect(read.lines.at(0)).toBe(lines.at(0));
  expect(read.lines.at(-1)).toBe(lines.at(-1));
  expect(read.damaged).toBe(1);
});

test('a record of the largest size fits and one byte more is refused, however many bytes its characters need', () => {
  const frame = Buffer.alloc(RECORD_BYTES_MAX);
  const room = RECORD_BYTES_MAX - 13;
  expect(encodeFrame(frame, 'x'.repeat(room), 1)).toBe(RECORD_BYTES_MAX);
  expect(encodeFrame(frame, 'x'.repeat(room + 1), 1)).toBeUndefined();
  expect(encodeFrame(frame, 'é'.repeat(room / 2 + 1), 1)).toBeUndefined();
  expect(encodeFrame(frame, '愛'.repeat(Math.floor(room / 3)), 1)).toBeLessThanOrEqual(RECORD_BYTES_MAX);
});
