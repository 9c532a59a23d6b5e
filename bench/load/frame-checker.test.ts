import { describe, expect, test } from 'vitest';
import { ChunkedReader } from './chunked-reader.ts';
import { FrameChecker } from './frame-checker.ts';
import { DONE_EVENT, FINISH_EVENT, FRAME_HEAD, FRAME_TAIL, USAGE_EVENT } from './wire.ts';

const frame = (number: number, instant = 7) =>
  `${FRAME_HEAD}${String(number).padStart(6, '0')}:${String(instant).padStart(16, '0')}${FRAME_TAIL}`;
const whole = [frame(0), frame(1), frame(2), FINISH_EVENT, DONE_EVENT];

function verdictOf(events: readonly string[], cutAt?: number): string | undefined {
  const checker = new FrameChecker(3, () => undefined);
  const bytes = Buffer.from(events.join(''));
  checker.push(bytes.subarray(0, cutAt ?? bytes.length));
  if (cutAt !== undefined) checker.push(bytes.subarray(cutAt));
  return checker.verdict;
}

describe('the checker of frames', () => {
  test('finds nothing wrong with a whole stream, wherever it is cut', () => {
    for (let cutAt = 0; cutAt <= whole.join('').length; cutAt++) expect(verdictOf(whole, cutAt)).toBeUndefined();
  });

  test('hears the instant at which each frame left', () => {
    const instants: number[] = [];
    new FrameChecker(2, (at) => instants.push(at)).push(Buffer.from(frame(0, 123) + frame(1, 9_007_199_254_740_991)));
    expect(instants).toEqual([123, 9_007_199_254_740_991]);
  });

  test.each([
    ['a frame less in the middle', [frame(0), frame(2), FINISH_EVENT, DONE_EVENT], 'lost frames'],
    ['a frame less at the end', [frame(0), frame(1), FINISH_EVENT, DONE_EVENT], 'lost frames'],
    ['a frame twice', [frame(0), frame(0), frame(1), frame(2), FINISH_EVENT, DONE_EVENT], 'lost frames'],
    ['a frame after the finish', [frame(0), frame(1), FINISH_EVENT, frame(2), DONE_EVENT], 'lost frames'],
    ['no [DONE]', [frame(0), frame(1), frame(2), FINISH_EVENT], 'no [DONE]'],
    ['no finish', [frame(0), frame(1), frame(2), DONE_EVENT], 'a byte difference'],
    ['an event that nobody asked for', [...whole.slice(0, 4), USAGE_EVENT, DONE_EVENT], 'a byte difference'],
    ['one other byte', [frame(0).replace('gpt-4o', 'gpt-4x'), ...whole.slice(1)], 'a byte difference'],
    ['a byte more', [`${frame(0).slice(0, -2)} \n\n`, ...whole.slice(1)], 'a byte difference'],
  ])('notices %s', (_, events, says) => {
    expect(verdictOf(events)).toContain(says);
  });
});

describe('the reader of chunks', () => {
  const bytes = Buffer.from('5\r\nhello\r\n1;note=x\r\n \r\nA\r\nwide world\r\n0\r\n\r\n');

  test('gives the payload, wherever the bytes are cut', () => {
    for (let cutAt = 0; cutAt <= bytes.length; cutAt++) {
      let payload = '';
      const reader = new ChunkedReader((part) => (payload += part.toString()));
      reader.push(bytes.subarray(0, cutAt));
      reader.push(bytes.subarray(cutAt));
      expect(payload).toBe('hello wide world');
      expect(reader.over).toBe(true);
    }
  });

  test('is not over before the last chunk', () => {
    const reader = new ChunkedReader(() => undefined);
    reader.push(bytes.subarray(0, bytes.length - 5));
    expect(reader.over).toBe(false);
  });
});
