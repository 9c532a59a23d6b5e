import { describe, expect, test } from 'vitest';
import { GEMINI_ANSWER, GEMINI_STREAM } from '../load/gemini-wire.ts';
import { MESSAGES_ANSWER, MESSAGES_STREAM } from '../load/messages-wire.ts';
import { RESPONSES_ANSWER, RESPONSES_STREAM } from '../load/responses-wire.ts';
import {
  ANSWER,
  CHAT_STREAM_WIRE,
  DONE_EVENT,
  FINISH_EVENT,
  frameEvent,
  type StreamWire,
  USAGE_EVENT,
} from '../load/wire.ts';
import { judgeAnswer, judgeStream } from './judge.ts';

const mark = (number: number) => `${String(number).padStart(6, '0')}:${'7'.repeat(16)}`;
const streamOf = (wire: StreamWire) => [
  ...wire.opening,
  ...[0, 1, 2].map((number) => frameEvent(wire, number, mark(number))),
  ...wire.closing(true, [0, 1, 2].map(mark)),
];
const chat = streamOf(CHAT_STREAM_WIRE);
const messages = streamOf(MESSAGES_STREAM);
const responses = streamOf(RESPONSES_STREAM);
const gemini = streamOf(GEMINI_STREAM);

describe('what the mocks say by themselves', () => {
  test.each([
    ['chat', ANSWER, chat],
    ['messages', MESSAGES_ANSWER, messages],
    ['responses', RESPONSES_ANSWER, responses],
    ['gemini', GEMINI_ANSWER, gemini],
  ] as const)('is right in %s', (client, answer, stream) => {
    expect(judgeAnswer(client, answer)).toBeUndefined();
    expect(judgeStream(client, stream, 3)).toBeUndefined();
  });

  test('is right in no other dialect', () => {
    expect(judgeAnswer('chat', MESSAGES_ANSWER)).toContain('none of chat');
    expect(judgeAnswer('messages', ANSWER)).toContain('none of messages');
    expect(judgeStream('chat', messages, 3)).toContain('no chunk');
    expect(judgeStream('messages', chat, 3)).toContain('not named');
  });
});

describe('an answer is wrong', () => {
  test.each([
    ['with another text', ANSWER.replace('Hello!', 'Hallo!'), 'says "Hallo!'],
    ['with another count', ANSWER.replace('36,"total_tokens":55', '35,"total_tokens":54'), '19 and 35 tokens'],
    ['with a sum that is none', ANSWER.replace('"total_tokens":55', '"total_tokens":54'), 'usage'],
    ['without usage', ANSWER.replace(/,"usage":.*/, '}'), 'usage'],
    ['when it was cut short', ANSWER.replace('"stop"', '"length"'), 'finish_reason'],
    ['when it is no JSON', ANSWER.slice(0, -1), 'none of chat'],
  ])('%s', (_, body, says) => {
    expect(judgeAnswer('chat', body)).toContain(says);
  });
});

describe('a stream of chunks is wrong', () => {
  test.each([
    ['with a frame less', chat.toSpliced(1, 1), 'lost frames: 2 of 3'],
    ['with a frame twice', chat.toSpliced(1, 0, chat[1] ?? ''), 'lost frames: 4 of 3'],
    ['without its usage', chat.filter((event) => event !== USAGE_EVENT), 'no usage'],
    ['without a reason for its end', chat.filter((event) => event !== FINISH_EVENT), 'says of its end: nothing'],
    ['with two reasons for its end', [FINISH_EVENT, ...chat], 'stop,stop'],
    ['without an end', chat.slice(0, -1), 'none'],
    ['with two ends', [...chat, DONE_EVENT], '5,6'],
    ['with something behind its end', [...chat, USAGE_EVENT], 'those that end the stream are 5'],
  ])('%s', (_, events, says) => {
    expect(judgeStream('chat', events, 3)).toContain(says);
  });
});

describe('a stream of messages is wrong', () => {
  const edited = (find: string, replace: string) => messages.map((event) => event.replace(find, replace));
  test.each([
    ['with a frame less', messages.toSpliced(3, 1), 'lost frames: 2 of 3'],
    ['without a start', messages.slice(1), 'the events come as content_block_start'],
    ['without an end', messages.slice(0, -1), 'the events come as'],
    ['with two ends', [...messages, ...messages.slice(-1)], 'the events come as'],
    ['with an event that is misnamed', edited('event: message_stop', 'event: message_end'), 'not named as its data'],
    ['with nothing but the placeholder for its usage', edited('"output_tokens":100', '"note":0'), '9 and 1 tokens'],
    ['with another reason for its end', edited('end_turn', 'max_tokens'), 'max_tokens'],
    ['with a delta of another block', edited('"index":0,"delta"', '"index":1,"delta"'), 'none of text'],
  ])('%s', (_, events, says) => {
    expect(judgeStream('messages', events, 3)).toContain(says);
  });
});

describe('a stream of a response is wrong', () => {
  const edited = (find: string, replace: string) => responses.map((event) => event.replace(find, replace));
  test.each([
    ['with a frame less', responses.toSpliced(5, 1), 'not counted'],
    ['with a number twice', edited('"sequence_number":5', '"sequence_number":4'), 'not counted'],
    ['without an end', responses.slice(0, -1), 'the events come as'],
    ['with an event that is misnamed', edited('event: response.completed', 'event: response.done'), 'not named as'],
    [
      'when it was cut short',
      edited('"status":"completed","error"', '"status":"incomplete","error"'),
      'its end is none',
    ],
    [
      'with another text at its end',
      edited('000001:7777777777777777000002', '000001:7777777777777777000003'),
      'another text',
    ],
    ['without its usage', edited('"output_tokens":100', '"note":0'), 'its end is none'],
  ])('%s', (_, events, says) => {
    expect(judgeStream('responses', events, 3)).toContain(says);
  });
});

describe('a stream of pieces is wrong', () => {
  const edited = (find: string, replace: string) => gemini.map((event) => event.replace(find, replace));
  test.each([
    ['with a frame less', gemini.toSpliced(1, 1), 'lost frames: 2 of 3'],
    ['without an end', gemini.slice(0, -1), 'end the stream are none'],
    ['with something behind its end', [...gemini, gemini[0] ?? ''], 'lost frames: 4 of 3'],
    ['with another reason for its end', edited('STOP', 'MAX_TOKENS'), 'MAX_TOKENS'],
    ['without its usage', edited('"candidatesTokenCount":100', '"note":0'), 'no usage'],
    ['with lines of another kind', gemini.map((event) => event.replaceAll('\r\n', '\n')), 'no piece'],
  ])('%s', (_, events, says) => {
    expect(judgeStream('gemini', events, 3)).toContain(says);
  });
});
