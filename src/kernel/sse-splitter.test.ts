import fc from 'fast-check';
import { expect, test } from 'vitest';
import { eventData, SseSplitter } from './sse-splitter.ts';

function split(chunks: Buffer[]): { events: string[]; rest: string } {
  const splitter = new SseSplitter();
  const events: string[] = [];
  for (const chunk of chunks) splitter.push(chunk, (event) => events.push(event.toString()));
  return { events, rest: splitter.rest()?.toString() ?? '' };
}

const streams: Record<string, { text: string; events: string[]; rest?: string }> = {
  'LF lines, comments and several data lines': {
    text: ': hello\n\ndata: {"a":1}\n\nevent: x\ndata: 1\ndata: 2\n\n',
    events: [': hello\n\n', 'data: {"a":1}\n\n', 'event: x\ndata: 1\ndata: 2\n\n'],
  },
  'CRLF lines': { text: 'data: é\r\n\r\ndata: b\r\n\r\n', events: ['data: é\r\n\r\n', 'data: b\r\n\r\n'] },
  'CR lines': { text: 'data: a\r\rdata: b\r\r', events: ['data: a\r\r', 'data: b\r\r'] },
  'an event that never ends': { text: 'data: a\n\ndata: b\n', events: ['data: a\n\n'], rest: 'data: b\n' },
  'a last event whose CRLF stream stops at its CR': {
    text: 'data: a\r\n\r\ndata: b\r\n\r',
    events: ['data: a\r\n\r\n'],
    rest: 'data: b\r\n\r',
  },
};

for (const [name, { text, events, rest }] of Object.entries(streams)) {
  test(`${name}: the same events however the bytes are cut`, () => {
    const bytes = Buffer.from(text);
    const whole = { events, rest: rest ?? '' };
    expect(split([bytes])).toEqual(whole);
    expect(split([...bytes].map((byte) => Buffer.from([byte])))).toEqual(whole);
    for (let cut = 0; cut <= bytes.length; cut++) {
      expect(split([bytes.subarray(0, cut), bytes.subarray(cut)])).toEqual(whole);
    }
  });
}

test.each([
  ['nothing yet', '', true],
  ['a whole event', 'data: a\n\n', true],
  ['blank lines', '\n\n', true],
  ['half an event', 'data: a\n\ndata: b\n', false],
  ['a carriage return, of which a line end may still come', 'data: a\r\r', false],
])('after %s it knows whether the next byte begins an event', (_, text, known) => {
  const splitter = new SseSplitter();
  splitter.push(Buffer.from(text), () => undefined);
  expect(splitter.betweenEvents).toBe(known);
});

test('reads data in every form the standard allows', () => {
  const read = (text: string) => eventData(Buffer.from(text));
  expect(read('data: {"a":1}\n\n')).toBe('{"a":1}');
  expect(read('data:{"a":1}\n\n')).toBe('{"a":1}');
  expect(read('data: 1\ndata: 2\n\n')).toBe('1\n2');
  expect(read('\uFEFFdata: x\r\n\r\n')).toBe('x');
  expect(read('id: 1\nevent: a\ndata: y\n\n')).toBe('y');
  expect(read(': ping\n\n')).toBeUndefined();
  expect(read('data: tail without a blank line')).toBe('tail without a blank line');
});

test('the data of any event is what its lines say, whichever of them stand there and however they end', () => {
  const line = fc.constantFrom(
    'event: x',
    'event:',
    'eabcd:',
    'event',
    'data: {"a":1}',
    'data:b',
    'data',
    ': c',
    'id: 1',
    'datax: 1',
  );
  const lineEnd = fc.constantFrom('\n', '\r\n');
  fc.assert(
    fc.property(
      fc.array(line, { minLength: 1, maxLength: 4 }),
      lineEnd,
      fc.constantFrom('\n', '\r\n'),
      (lines, one, last) => {
        const said = lines.filter((each) => /^data(:|$)/.test(each)).map((each) => each.replace(/^data:? ?/, ''));
        const text = `${lines.join(one)}${last}${last}`;
        expect(eventData(Buffer.from(text))).toBe(said.length === 0 ? undefined : said.join('\n'));
      },
    ),
    { numRuns: 500 },
  );
});
