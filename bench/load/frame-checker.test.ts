import { describe, expect, test } from 'vitest';
import { ChunkedReader } from './chunked-reader.ts';
import { FrameChecker } from './frame-checker.ts';
import { GEMINI_STREAM } from './gemini-wire.ts';
import { MESSAGES_STREAM } from './messages-wire.ts';
import { RESPONSES_STREAM } from './responses-wire.ts';
import { CHAT_STREAM, formOfEvents, GEMINI_FORM, MESSAGES_FORM, RESPONSES_FORM } from './stream-form.ts';
import { DONE_EVENT, FINISH_EVENT, FRAME_HEAD, FRAME_TAIL, frameEvent, USAGE_EVENT } from './wire.ts';

const frame = (number: number, instant = 7) =>
  `${FRAME_HEAD}${String(number).padStart(6, '0')}:${String(instant).padStart(16, '0')}${FRAME_TAIL}`;
const whole = [frame(0), frame(1), frame(2), FINISH_EVENT, DONE_EVENT];

function verdictOf(events: readonly string[], cutAt?: number, form = CHAT_STREAM.form): string | undefined {
  const checker = new FrameChecker(form, 3, () => undefined);
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
    const checker = new FrameChecker(CHAT_STREAM.form, 2, (at) => instants.push(at));
    checker.push(Buffer.from(frame(0, 123) + frame(1, 9_007_199_254_740_991)));
    expect(instants).toEqual([123, 9_007_199_254_740_991]);
  });

  test.each([
    ['a frame less in the middle', [frame(0), frame(2), FINISH_EVENT, DONE_EVENT], 'lost frames'],
    ['a frame less at the end', [frame(0), frame(1), FINISH_EVENT, DONE_EVENT], 'lost frames'],
    ['a frame twice', [frame(0), frame(0), frame(1), frame(2), FINISH_EVENT, DONE_EVENT], 'lost frames'],
    ['a frame after the finish', [frame(0), frame(1), FINISH_EVENT, frame(2), DONE_EVENT], 'lost frames'],
    ['no [DONE]', [frame(0), frame(1), frame(2), FINISH_EVENT], 'no end'],
    ['half a [DONE]', [...whole.slice(0, 4), 'data: [DO'], 'inside an event'],
    ['a second [DONE]', [...whole, DONE_EVENT], 'a byte difference'],
    ['no finish', [frame(0), frame(1), frame(2), DONE_EVENT], 'a byte difference'],
    ['an event that nobody asked for', [...whole.slice(0, 4), USAGE_EVENT, DONE_EVENT], 'a byte difference'],
    ['one other byte', [frame(0).replace('gpt-4o', 'gpt-4x'), ...whole.slice(1)], 'a byte difference'],
    ['a byte more', [`${frame(0).slice(0, -2)} \n\n`, ...whole.slice(1)], 'a byte difference'],
  ])('notices %s', (_, events, says) => {
    expect(verdictOf(events)).toContain(says);
  });
});

describe('a stream that opens with something', () => {
  const delta = (number: number) =>
    `${MESSAGES_STREAM.frameHead}${String(number).padStart(6, '0')}:${'0'.repeat(16)}${MESSAGES_STREAM.frameTail}`;
  const { opening, closing } = MESSAGES_STREAM;
  const events = [...opening, delta(0), delta(1), delta(2), ...closing(true)];

  test('is whole wherever it is cut', () => {
    for (let cutAt = 0; cutAt <= events.join('').length; cutAt++) {
      expect(verdictOf(events, cutAt, MESSAGES_FORM)).toBeUndefined();
    }
  });

  test.each([
    ['nothing to open it', events.slice(1), 'a byte difference'],
    ['only half of its opening', events.toSpliced(1, 1), 'a byte difference'],
    ['two ends', [...events, ...closing(true).slice(-1)], 'a byte difference'],
    ['no last event', events.slice(0, -1), 'no end: 2 of 3'],
    ['a frame less', events.toSpliced(3, 1), 'lost frames'],
  ])('is noticed with %s', (_, broken, says) => {
    expect(verdictOf(broken, undefined, MESSAGES_FORM)).toContain(says);
  });
});

describe('a stream of which one was read before', () => {
  const translated = (id: string, frames: readonly number[], created = '1760000000') => {
    const event = (rest: string) => `data: {"id":"chatcmpl-${id}","created":${created},${rest}}\n\n`;
    const texts = frames.map((number) => event(`"text":"${String(number).padStart(6, '0')}:${'1'.repeat(16)}"`));
    return [event('"role":"assistant"'), ...texts, event('"finish":"stop"'), 'data: [DONE]\n\n'];
  };
  const form = formOfEvents(translated('01aa', [0, 1, 2]));

  test('may have an id of its own, and has it to its end', () => {
    expect(verdictOf(translated('01bb', [0, 1, 2], '1760000001'), undefined, form)).toBeUndefined();
    const mixed = [...translated('01bb', [0, 1]).slice(0, 3), ...translated('01cc', [2]).slice(1)];
    expect(verdictOf(mixed, undefined, form)).toBe('one stream has two of id: 01bb and 01cc');
  });

  test('differs in nothing else', () => {
    expect(verdictOf(translated('01bb', [0, 2]), undefined, form)).toContain('lost frames');
    expect(verdictOf(translated('much-longer', [0, 1, 2]), undefined, form)).toContain('a byte difference');
    expect(verdictOf(translated('0"bb', [0, 1, 2]), undefined, form)).toContain('a byte difference');
  });

  test('has no form without frames, nor with frames of several kinds', () => {
    expect(() => formOfEvents(['data: {}\n\n'])).toThrow('without frames');
    const [first = '', second = '', third = ''] = translated('01aa', [0, 1]);
    expect(() => formOfEvents([first, second, third.replace('text', 'more')])).toThrow('differ');
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

describe.each([
  ['counts its events, and ends by saying all once more', RESPONSES_STREAM, RESPONSES_FORM],
  ['has lines of another kind', GEMINI_STREAM, GEMINI_FORM],
] as const)('a stream that %s', (_, wire, form) => {
  const mark = (number: number) => `${String(number).padStart(6, '0')}:${String(7 + number).padStart(16, '0')}`;
  const frames = [0, 1, 2].map((number) => frameEvent(wire, number, mark(number)));
  const closing = wire.closing(true, [0, 1, 2].map(mark));
  const events = [...wire.opening, ...frames, ...closing];

  test('is whole wherever it is cut, by its wire and by what was read of it', () => {
    for (let cutAt = 0; cutAt <= events.join('').length; cutAt += 7) {
      expect(verdictOf(events, cutAt, form)).toBeUndefined();
    }
    expect(verdictOf(events, undefined, formOfEvents(events))).toBeUndefined();
  });

  test('is not whole with a frame less, without its end, or with another byte', () => {
    expect(verdictOf(events.toSpliced(wire.opening.length + 1, 1), undefined, form)).toContain('lost frames');
    expect(verdictOf(events.slice(0, -1), undefined, form)).toContain('no end');
    const other = events.map((event) => event.replace('gpt-4o-mini', 'gpt-4x-mini'));
    expect(verdictOf(other, undefined, form)).toContain('a byte difference');
  });
});
