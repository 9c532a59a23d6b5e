import { describe, expect, test } from 'vitest';
import { ChatReader } from './chat-reader.ts';

const event = (value: unknown) => `data: ${typeof value === 'string' ? value : JSON.stringify(value)}\n\n`;
const delta = (content: string) => event({ choices: [{ delta: { content } }] });

function read(stream: string, step: number) {
  const texts: string[] = [];
  const reader = new ChatReader((text) => texts.push(text));
  const bytes = Buffer.from(stream);
  for (let at = 0; at < bytes.length; at += step) reader.push(bytes.subarray(at, at + step));
  return { ...reader.soFar, texts };
}

describe('an event stream', () => {
  const stream =
    delta('Grüß') +
    ': a comment\n\n' +
    delta(' dich ☂') +
    event({ choices: [{ delta: {}, finish_reason: 'stop' }], usage: null }) +
    event({ choices: [], usage: { prompt_tokens: 1, completion_tokens: 2 } }) +
    event('[DONE]');

  test.each([1, 2, 3, 7, 10_000])('cut into pieces of %i bytes says the same', (step) => {
    const { text, texts, finishReason, usage, done, error } = read(stream, step);
    expect({ text, texts, finishReason, usage, done, error }).toEqual({
      text: 'Grüß dich ☂',
      texts: ['Grüß', ' dich ☂'],
      finishReason: 'stop',
      usage: { prompt_tokens: 1, completion_tokens: 2 },
      done: true,
      error: undefined,
    });
  });

  test('that ends in an error event is not done', () => {
    const { done, error, text } = read(
      delta('half') + event({ error: { message: 'gone', code: 'stream_truncated', request_id: 'call_1' } }),
      5,
    );
    expect({ done, error, text }).toEqual({
      done: false,
      text: 'half',
      error: { message: 'gone', code: 'stream_truncated', requestId: 'call_1' },
    });
  });

  test('puts the parts of each tool call together', () => {
    const part = (call: unknown) => event({ choices: [{ delta: { tool_calls: [call] } }] });
    const { toolCalls } = read(
      part({ index: 0, id: 'a', function: { name: 'look', arguments: '' } }) +
        part({ index: 1, id: 'b', function: { name: 'listen', arguments: '{}' } }) +
        part({ index: 0, function: { arguments: '{"at":' } }) +
        part({ index: 0, function: { arguments: '"sea"}' } }),
      11,
    );
    expect(toolCalls).toEqual([
      { id: 'a', name: 'look', arguments: '{"at":"sea"}' },
      { id: 'b', name: 'listen', arguments: '{}' },
    ]);
  });

  test('with things in it that nobody knows is read past them', () => {
    expect(read(event('not json') + event([]) + event({ choices: 'none' }) + event(null) + delta('ok'), 4).text).toBe(
      'ok',
    );
  });

  test('with an event that never ends is given up', () => {
    const reader = new ChatReader(() => undefined);
    expect(() => {
      for (let at = 0; at < 6; at++) reader.push(Buffer.alloc(2 ** 20, 'x'));
    }).toThrow('4194304 bytes');
  });
});

test('a whole answer is read like a stream', () => {
  const reader = new ChatReader(() => undefined);
  reader.whole({
    choices: [{ message: { content: 'hello' }, finish_reason: 'length' }],
    usage: { completion_tokens: 1 },
  });
  expect(reader.soFar).toMatchObject({ text: 'hello', finishReason: 'length', done: true });
});
