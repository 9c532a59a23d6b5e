import { expect, test } from 'vitest';
import { createMessage, streamIdIn } from './socket-request.ts';

const read = (text: string) => createMessage(Buffer.from(text), false);

test('a message is the request of the same fields, streamed, with every other byte as it came', () => {
  const cases: [string, string][] = [
    ['{"type":"response.create","model":"m","input":"x"}', '{"stream":true,"model":"m","input":"x"}'],
    ['{ "model" : "m" , "type" : "response.create" }', '{ "model" : "m" , "stream":true }'],
    [
      '{"stream":false, "stream_id":"a","generate":true,"type":"response.create","input":[{"type":"message","stream":1}]}',
      '{ "stream":true,"input":[{"type":"message","stream":1}]}',
    ],
    ['{"type":"response.create","stream_id":"a","stream":true,"x":1}', '{"stream":true,"x":1}'],
    ['{"x":1,"type":"response.create","generate":true}', '{"x":1,"stream":true}'],
  ];
  for (const [message, request] of cases) expect(read(message).body.toString()).toBe(request);
});

test('its envelope is read, and what is not one is refused', () => {
  expect(read('{"type":"response.create","stream_id":"a\\"b","generate":false}')).toMatchObject({
    streamId: 'a"b',
    generate: false,
  });
  expect(streamIdIn(Buffer.from('{"stream_id" : "a\\"b", oh'))).toBe('a"b');
  for (const wrong of [
    '{"type":"response.steer"}',
    '{"model":"m"}',
    '{"type":"response.create","generate":1}',
    '{"type":"response.create","stream_id":7}',
    '{"type":"response.create","type":"response.create"}',
    '[]',
    '{',
    '',
  ]) {
    expect(() => read(wrong), wrong).toThrow(expect.objectContaining({ code: 'invalid_request' }));
  }
  expect(() => createMessage(Buffer.from('{"type":"response.create"}'), true)).toThrow('text');
});
