import type { House } from '../harness/house.ts';
import {
  answerBytes,
  chunk,
  DELTA,
  DONE,
  event,
  FINISH,
  LAST_CHUNK,
  STREAM_HEAD,
  streamBytes,
  USAGE,
} from '../harness/http-bytes.ts';
import { pause } from '../harness/waiting.ts';
import type { Row } from '../row.ts';
import { bothWays, callRow, type FinishedCall } from './call-row.ts';
import { ANSWERED, FAILED, STREAMED, TIMED_OUT, TRUNCATED } from './expectations.ts';

/** Whatever a cut stream had said, it had not said that it was finished. */
const noFinish = ({ seen }: FinishedCall) =>
  seen.finishReason === undefined && !seen.text.includes('[DONE]') ? [] : ['a finish was made up'];
const someContent = ({ seen }: FinishedCall) => (seen.events >= 3 ? [] : [`only ${seen.events} events came through`]);
const noFinishButContent = (call: FinishedCall) => [...noFinish(call), ...someContent(call)];

/** What the simulator's own books say of the call it served last. */
async function simSays(house: House, outcome: 'cancelled' | 'cut' | 'complete' | 'error'): Promise<string[]> {
  const counts = await house.simCounts();
  return counts[outcome] > 0 ? [] : [`the provider has no ${outcome} call in its books`];
}

const cuts: Row[] = [
  ...(['broken', 'clean'] as const).map((framing) =>
    callRow({
      row: 1,
      fault: `FIN in mid-stream, ${framing} framing`,
      streamed: true,
      sim: { kind: 'cut', afterEvents: 4, framing },
      expect: TRUNCATED,
      also: noFinishButContent,
    }),
  ),
  callRow({
    row: 1,
    fault: 'FIN inside an event',
    streamed: true,
    sim: { kind: 'cut', afterEvents: 4, atByte: 30 },
    expect: TRUNCATED,
    also: noFinishButContent,
  }),
  callRow({
    row: 1,
    fault: 'FIN inside the body',
    streamed: false,
    sim: { kind: 'cut', afterEvents: 0, atByte: 40 },
    expect: FAILED,
  }),
  ...bothWays({ row: 1, fault: 'FIN before any byte', sim: { kind: 'empty' } }, FAILED),
  callRow({
    row: 2,
    fault: 'RST in mid-stream',
    streamed: true,
    sim: { kind: 'reset', afterEvents: 4 },
    expect: TRUNCATED,
    also: noFinishButContent,
  }),
  callRow({
    row: 2,
    fault: 'RST inside an event',
    streamed: true,
    sim: { kind: 'reset', afterEvents: 4, atByte: 30 },
    expect: TRUNCATED,
    also: noFinishButContent,
  }),
  ...bothWays({ row: 2, fault: 'RST before any byte', sim: { kind: 'reset' } }, FAILED),
];

const endings: Row[] = [
  callRow({
    row: 3,
    fault: 'no [DONE] after the finish reason',
    streamed: true,
    sim: { kind: 'no-done' },
    expect: STREAMED,
    also: ({ seen }) => (seen.text.endsWith(DONE) ? [] : ['[DONE] was not supplied as the last event']),
  }),
  callRow({
    row: 4,
    fault: 'the usage event is lost',
    streamed: true,
    sim: { kind: 'no-usage' },
    expect: { ...STREAMED, usage: false },
  }),
  callRow({
    row: 4,
    fault: 'FIN between finish reason and usage',
    streamed: true,
    raw: (socket) => void socket.end(Buffer.concat([Buffer.from(STREAM_HEAD), chunk(DELTA), chunk(FINISH)])),
    expect: { ...STREAMED, usage: false },
  }),
  callRow({
    row: 17,
    fault: 'an error event after content',
    streamed: true,
    sim: { kind: 'error-event', afterEvents: 4 },
    expect: { status: 200, terminal: 'error', outcome: 'failed', recorded: 'upstream_error', usage: false },
    also: noFinishButContent,
  }),
  callRow({
    row: 16,
    fault: 'the first event is an error',
    streamed: true,
    sim: { kind: 'error-event', afterEvents: 0, error: { message: 'Overloaded', type: 'overloaded_error' } },
    expect: { status: 200, terminal: 'error', outcome: 'failed', recorded: 'upstream_error', usage: false },
    also: ({ seen }) =>
      seen.text.includes('overloaded_error') ? noFinish({ seen } as FinishedCall) : ['the error was not relayed'],
  }),
  callRow({
    row: 45,
    fault: 'a tool call cut in its arguments',
    streamed: true,
    sim: { kind: 'cut', afterEvents: 2 },
    fields: {
      tools: [
        {
          type: 'function',
          function: {
            name: 'weather',
            parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
          },
        },
      ],
      tool_choice: 'required',
    },
    expect: TRUNCATED,
    also: (call) => [
      ...noFinish(call),
      ...(call.seen.text.includes('tool_calls') ? [] : ['no tool call came through']),
    ],
  }),
];

/** A tool call whose arguments are no JSON: that is for whoever runs the tool to see. */
const BAD_ARGUMENTS = '{"city": "Ber';
const TOOL_CALL = { index: 0, id: 'call_1', type: 'function', function: { name: 'weather', arguments: BAD_ARGUMENTS } };
const toolDelta = event({ choices: [{ index: 0, delta: { tool_calls: [TOOL_CALL] }, finish_reason: null }] });
const finishedBy = (reason: string) => event({ choices: [{ index: 0, delta: {}, finish_reason: reason }] });

const toolCalls: Row[] = [
  ...['tool_calls', 'length'].map((reason) =>
    callRow({
      row: 45,
      fault: `tool arguments that are no JSON, finish reason ${reason}`,
      streamed: true,
      raw: streamBytes([toolDelta, finishedBy(reason), USAGE, DONE]),
      expect: STREAMED,
      also: ({ seen, record }) => [
        ...(seen.text.includes(JSON.stringify(BAD_ARGUMENTS)) ? [] : ['the arguments did not come as they were']),
        ...(seen.finishReason === reason && record?.attempts[0]?.finish_reason === reason
          ? []
          : [`the finish reason is ${seen.finishReason}`]),
      ],
    }),
  ),
  callRow({
    row: 45,
    fault: 'tool arguments that are no JSON',
    streamed: false,
    raw: answerBytes(
      200,
      'application/json',
      JSON.stringify({
        choices: [{ index: 0, message: { role: 'assistant', tool_calls: [TOOL_CALL] }, finish_reason: 'length' }],
        usage: { prompt_tokens: 4, completion_tokens: 2, total_tokens: 6 },
      }),
    ),
    expect: ANSWERED,
    also: ({ seen }) =>
      seen.text.includes(JSON.stringify(BAD_ARGUMENTS)) ? [] : ['the arguments did not come as they were'],
  }),
  callRow({
    row: 45,
    fault: 'FIN inside tool arguments, after a whole event',
    streamed: true,
    raw: (socket) => void socket.end(Buffer.concat([Buffer.from(STREAM_HEAD), chunk(toolDelta)])),
    expect: TRUNCATED,
    also: noFinish,
  }),
];

const silences: Row[] = [
  callRow({
    row: 5,
    fault: 'silence in mid-stream, idle limit 0.5 s',
    streamed: true,
    model: 'sim1-quick/sim-small',
    sim: { kind: 'stall', afterEvents: 4 },
    expect: { ...TRUNCATED, withinMs: 3_000 },
    also: async (call) => [...noFinishButContent(call), ...(await simSays(call.house, 'cancelled'))],
  }),
  ...bothWays(
    { row: 5, fault: 'silence before the head, limit 0.5 s', model: 'sim1-quick/sim-small', sim: { kind: 'stall' } },
    TIMED_OUT,
  ),
  callRow({
    row: 5,
    fault: 'silence after the head of a body, limit 0.5 s',
    streamed: false,
    model: 'sim1-quick/sim-small',
    sim: { kind: 'stall', afterEvents: 0 },
    expect: TIMED_OUT,
  }),
  callRow({
    row: 6,
    fault: 'silent for 1.5 s, then on',
    streamed: true,
    raw: async (socket) => {
      socket.write(Buffer.concat([Buffer.from(STREAM_HEAD), chunk(DELTA)]));
      await pause(1_500);
      socket.write(Buffer.concat([...[DELTA, FINISH, USAGE, DONE].map(chunk), Buffer.from(LAST_CHUNK)]));
    },
    expect: STREAMED,
  }),
  callRow({
    row: 7,
    fault: 'pings for ever after content',
    streamed: true,
    model: 'sim1-quick/sim-small',
    sim: { kind: 'endless', of: 'pings', intervalMs: 20 },
    expect: { ...TRUNCATED, withinMs: 4_000 },
    also: noFinishButContent,
  }),
  callRow({
    row: 7,
    fault: 'tokens for ever, provider total 0.9 s',
    streamed: true,
    model: 'sim1-short/sim-small',
    sim: { kind: 'endless', of: 'tokens', intervalMs: 10 },
    expect: { ...TRUNCATED, withinMs: 4_000 },
    also: async (call) => [...noFinishButContent(call), ...(await simSays(call.house, 'cancelled'))],
  }),
  callRow({
    row: 7,
    fault: 'tokens for ever, client deadline 0.7 s',
    streamed: true,
    headers: ['x-leeward-timeout-ms: 700'],
    sim: { kind: 'endless', of: 'tokens', intervalMs: 10 },
    expect: { ...TIMED_OUT, status: 200 },
    also: noFinishButContent,
  }),
  ...bothWays(
    {
      row: 8,
      fault: 'the head at 1 byte/s',
      model: 'sim1-quick/sim-small',
      sim: { kind: 'slow-headers', bytesPerSecond: 1 },
    },
    TIMED_OUT,
  ),
  callRow({
    row: 9,
    fault: 'one event at 20 bytes/s, idle limit 0.5 s',
    streamed: true,
    model: 'sim1-quick/sim-small',
    sim: { kind: 'drip', intervalMs: 50 },
    expect: TIMED_OUT,
    also: noFinish,
  }),
  callRow({
    row: 9,
    fault: 'one event without end, 60 s per event',
    streamed: true,
    slow: true,
    raw: (socket) => {
      socket.write(
        Buffer.concat([Buffer.from(STREAM_HEAD), chunk(DELTA), chunk('data: {"choices":[{"delta":{"content":"')]),
      );
      const drip = setInterval(() => socket.write(chunk('x')), 1_000);
      socket.on('close', () => clearInterval(drip));
    },
    expect: { ...TRUNCATED, withinMs: 70_000 },
    also: noFinish,
  }),
];

const shapes: Row[] = [
  callRow({
    row: 10,
    fault: 'malformed JSON in one event: relayed as it came',
    streamed: true,
    sim: { kind: 'malformed-event', event: 2 },
    expect: STREAMED,
    also: ({ seen }) =>
      seen.text.split('\n\n').filter(isBrokenEvent).length === 1 ? [] : ['the malformed event was not relayed'],
  }),
  callRow({
    row: 14,
    fault: 'a single event of 10 MiB',
    streamed: true,
    sim: { kind: 'huge-event', bytes: 10 << 20, afterEvents: 3 },
    expect: TRUNCATED,
    growthMiBMax: 40,
    also: noFinish,
  }),
  callRow({
    row: 14,
    fault: '64 MiB without a line end',
    streamed: true,
    raw: endlessLine,
    expect: TRUNCATED,
    growthMiBMax: 40,
    also: noFinish,
  }),
  ...(['negative', 'nan', 'string', 'huge', 'fraction', 'null'] as const).flatMap((form) =>
    bothWays(
      { row: 46, fault: `usage that is ${form}`, sim: { kind: 'bad-usage', form } },
      // A bare NaN is no JSON: without a stream the whole answer cannot be read.
      form === 'nan' ? FAILED : { ...ANSWERED, usage: false },
      { ...STREAMED, usage: false },
    ),
  ),
];

function isBrokenEvent(event: string): boolean {
  if (!event.startsWith('data: {')) return false;
  try {
    JSON.parse(event.slice(6));
    return false;
  } catch {
    // That is what the row looks for.
    return true;
  }
}

function endlessLine(socket: import('node:net').Socket): void {
  socket.write(Buffer.concat([Buffer.from(STREAM_HEAD), chunk(DELTA)]));
  const part = chunk(Buffer.alloc(65_536, 'x'));
  let left = 1_024;
  const more = () => {
    while (left > 0 && !socket.destroyed) {
      left--;
      if (!socket.write(part)) return;
    }
  };
  socket.on('drain', more);
  setTimeout(more, 50);
}

/** What can happen to an answer on its way from the provider, told by what the stream shows. */
export const streamFaults: readonly Row[] = [
  ...cuts,
  ...endings,
  ...toolCalls,
  ...silences,
  ...shapes,
  streamBytesControl(),
];

/** The control: without a fault the same call is served, so that no row passes because nothing works. */
function streamBytesControl(): Row {
  return callRow({
    row: 0,
    fault: 'none (control)',
    streamed: true,
    raw: streamBytes([DELTA, FINISH, USAGE, DONE]),
    expect: STREAMED,
  });
}
