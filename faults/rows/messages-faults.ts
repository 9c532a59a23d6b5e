import { answerBytes, chunk, LAST_CHUNK, STREAM_HEAD, streamBytes } from '../harness/http-bytes.ts';
import type { Row } from '../row.ts';
import { type CallCase, callRow } from './call-row.ts';
import { FAILED, STREAMED, TRUNCATED } from './expectations.ts';

const event = (fields: { readonly type: string } & Record<string, unknown>) =>
  `event: ${fields.type}\ndata: ${JSON.stringify(fields)}\n\n`;
const START = event({
  type: 'message_start',
  message: {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    content: [],
    usage: { input_tokens: 4, output_tokens: 9 },
  },
});
const BLOCK = event({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } });
const SAID = event({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'hi' } });
const CLOSED = event({ type: 'content_block_stop', index: 0 });
const FINISH = event({ type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 2 } });
const STOP = event({ type: 'message_stop' });
const OVERLOADED = JSON.stringify({ type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } });

const raw = (facts: Omit<CallCase, 'client' | 'model'>): Row =>
  callRow({ ...facts, fault: `Messages: ${facts.fault}`, client: 'messages', model: 'raw-claude/m' });

/** What only the bytes of Anthropic's Messages can show. */
export const messagesFaults: readonly Row[] = [
  raw({
    row: 0,
    fault: 'none, byte by byte (control)',
    streamed: true,
    raw: streamBytes([...`${START}${BLOCK}${SAID}${CLOSED}${FINISH}${STOP}`]),
    expect: STREAMED,
    also: ({ seen }) =>
      seen.text === `${START}${BLOCK}${SAID}${CLOSED}${FINISH}${STOP}` ? [] : ['the bytes are not the provider’s'],
  }),
  raw({
    row: 3,
    fault: 'no message_stop after the stop reason',
    streamed: true,
    raw: streamBytes([START, BLOCK, SAID, CLOSED, FINISH]),
    expect: { ...TRUNCATED, usage: true },
    also: ({ seen }) => (seen.text.includes('message_stop') ? ['an end was made up'] : []),
  }),
  raw({
    row: 4,
    fault: 'the placeholder for the output is no count',
    streamed: true,
    raw: (socket) => void socket.end(Buffer.concat([Buffer.from(STREAM_HEAD), ...[START, BLOCK, SAID].map(chunk)])),
    expect: TRUNCATED,
    also: ({ seen }) => (seen.finishReason === undefined ? [] : ['a finish was made up']),
  }),
  raw({
    row: 15,
    fault: 'an error with status 200',
    streamed: false,
    raw: answerBytes(200, 'application/json', OVERLOADED),
    expect: { ...FAILED, status: 529 },
  }),
  raw({
    row: 16,
    fault: 'the first event is an error: relayed as it came',
    streamed: true,
    raw: streamBytes([`event: error\ndata: ${OVERLOADED}\n\n`]),
    expect: { status: 200, terminal: 'error', outcome: 'failed', recorded: 'upstream_error', usage: false },
    also: ({ seen }) => (seen.text === `event: error\ndata: ${OVERLOADED}\n\n` ? [] : ['the error was not relayed']),
  }),
  raw({
    row: 18,
    fault: '529, relayed as it came',
    streamed: false,
    raw: answerBytes(529, 'application/json', OVERLOADED, 'retry-after: 7\r\n'),
    expect: { status: 529, terminal: 'error', outcome: 'failed', recorded: 'upstream_error', usage: false },
    also: ({ seen, answer }) => [
      ...(seen.text === OVERLOADED ? [] : ['the error was not relayed']),
      ...(answer.headers.get('retry-after') === '7' ? [] : ['the wait was not told']),
    ],
  }),
  raw({
    row: 10,
    fault: 'malformed JSON in one event: relayed as it came',
    streamed: true,
    raw: Buffer.concat([
      Buffer.from(STREAM_HEAD),
      ...[START, BLOCK, 'event: content_block_delta\ndata: {oops\n\n', SAID, CLOSED, FINISH, STOP].map(chunk),
      Buffer.from(LAST_CHUNK),
    ]),
    expect: STREAMED,
    also: ({ seen }) => (seen.text.includes('data: {oops\n\n') ? [] : ['the malformed event was not relayed']),
  }),
];
