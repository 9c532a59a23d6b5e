import { answerBytes, chunk, LAST_CHUNK, STREAM_HEAD, streamBytes } from '../harness/http-bytes.ts';
import type { Row } from '../row.ts';
import { type CallCase, type ClientDialect, callRow, type Expectation, type FinishedCall } from './call-row.ts';
import { ANSWERED, FAILED, STREAMED, TIMED_OUT, TRUNCATED } from './expectations.ts';

/** Which dialect the client speaks, and which one the provider that `wire` and `raw` name. */
interface Lane {
  readonly name: string;
  readonly client: ClientDialect;
  readonly sim: string;
  readonly quick: string;
}

const NATIVE: Lane = { name: 'Messages', client: 'messages', sim: 'claude', quick: 'claude-quick' };
const LANES: readonly Lane[] = [
  NATIVE,
  { name: 'Messages → chat', client: 'messages', sim: 'sim1', quick: 'sim1-quick' },
  { name: 'chat → Messages', client: 'chat', sim: 'claude', quick: 'claude-quick' },
];

interface LaneCase extends Omit<CallCase, 'client' | 'model' | 'expect'> {
  readonly expect: Expectation | ((lane: Lane) => Expectation);
}

/** What the record says of a stream that the provider ended with an error. */
const SAID_ERROR = { outcome: 'failed', recorded: 'upstream_error' } as const;

/** The same call in each lane; `quick` for the provider that has little patience. */
function everyLane(facts: LaneCase, patience: 'sim' | 'quick' = 'sim'): Row[] {
  return LANES.map((lane) => {
    const expect = typeof facts.expect === 'function' ? facts.expect(lane) : facts.expect;
    return callRow({
      ...facts,
      fault: `${lane.name}: ${facts.fault}`,
      client: lane.client,
      model: `${lane[patience]}/sim-small`,
      expect: lane.client === 'messages' ? asAnthropicSays(expect) : expect,
    });
  });
}

/** Anthropic's API has no 502: a failure behind it is an internal one. */
function asAnthropicSays(expect: Expectation): Expectation {
  return expect.status === 502 ? { ...expect, status: 500 } : expect;
}

const noFinish = ({ seen }: FinishedCall) => (seen.finishReason === undefined ? [] : ['a finish was made up']);
const someContent = (call: FinishedCall) => [
  ...noFinish(call),
  ...(call.seen.events >= 2 ? [] : [`only ${call.seen.events} events came through`]),
];

const faults: Row[] = [
  ...everyLane({ row: 0, fault: 'none (control)', streamed: true, expect: STREAMED }),
  ...everyLane({ row: 0, fault: 'none (control)', streamed: false, expect: ANSWERED }),
  ...everyLane({
    row: 1,
    fault: 'FIN in mid-stream',
    streamed: true,
    sim: { kind: 'cut', afterEvents: 6, framing: 'clean' },
    expect: TRUNCATED,
    also: someContent,
  }),
  ...everyLane({
    row: 1,
    fault: 'FIN inside an event',
    streamed: true,
    sim: { kind: 'cut', afterEvents: 6, atByte: 30 },
    expect: TRUNCATED,
    also: someContent,
  }),
  ...everyLane({
    row: 1,
    fault: 'FIN inside the body',
    streamed: false,
    sim: { kind: 'cut', afterEvents: 0, atByte: 40 },
    expect: FAILED,
  }),
  ...everyLane({
    row: 2,
    fault: 'RST in mid-stream',
    streamed: true,
    sim: { kind: 'reset', afterEvents: 6 },
    expect: TRUNCATED,
    also: someContent,
  }),
  ...everyLane({ row: 2, fault: 'RST before any byte', streamed: false, sim: { kind: 'reset' }, expect: FAILED }),
  ...everyLane({
    row: 4,
    fault: 'no usage',
    streamed: false,
    sim: { kind: 'no-usage' },
    expect: { ...ANSWERED, usage: false },
  }),
  ...everyLane(
    {
      row: 5,
      fault: 'silence in mid-stream, idle limit 0.5 s',
      streamed: true,
      sim: { kind: 'stall', afterEvents: 6 },
      expect: { ...TRUNCATED, withinMs: 3_000 },
      also: someContent,
    },
    'quick',
  ),
  ...everyLane(
    { row: 5, fault: 'silence before the head', streamed: true, sim: { kind: 'stall' }, expect: TIMED_OUT },
    'quick',
  ),
  ...everyLane(
    {
      row: 7,
      fault: 'pings for ever after content',
      streamed: true,
      sim: { kind: 'endless', of: 'pings', intervalMs: 20 },
      expect: { ...TRUNCATED, withinMs: 4_000 },
      also: noFinish,
    },
    'quick',
  ),
  ...everyLane({
    row: 14,
    fault: 'a single event of 10 MiB',
    streamed: true,
    sim: { kind: 'huge-event', bytes: 10 << 20, afterEvents: 3 },
    // Who has to understand the bytes says that these cannot be; who passes them on, that they end there.
    expect: (lane) => (lane === NATIVE ? TRUNCATED : { ...TRUNCATED, ...SAID_ERROR, code: 'upstream_error' }),
    growthMiBMax: 40,
    also: noFinish,
  }),
  ...everyLane({
    row: 17,
    fault: 'an error event after content',
    streamed: true,
    sim: { kind: 'error-event', afterEvents: 6 },
    expect: { status: 200, terminal: 'error', ...SAID_ERROR, usage: false },
    also: someContent,
  }),
  ...everyLane({
    row: 21,
    fault: 'a page of HTML with 502',
    streamed: true,
    sim: { kind: 'html', status: 502 },
    expect: FAILED,
  }),
];

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
  callRow({ ...facts, fault: `${NATIVE.name}: ${facts.fault}`, client: 'messages', model: 'raw-claude/m' });

/** What only the bytes of this dialect can show. */
const bytes: Row[] = [
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
    also: noFinish,
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

/** The same faults where a client or a provider speaks Anthropic's Messages, and where each speaks another dialect. */
export const messagesFaults: readonly Row[] = [...faults, ...bytes];
