import type { Row } from '../row.ts';
import type { FinishedCall } from './call-row.ts';
import { ANSWERED, FAILED, STREAMED, TIMED_OUT, TRUNCATED } from './expectations.ts';
import { everyLane, isNative, type Lane } from './lanes.ts';

/** What the record says of a stream that the provider ended with an error. */
const SAID_ERROR = { outcome: 'failed', recorded: 'upstream_error' } as const;

const noFinish = ({ seen }: FinishedCall) => (seen.finishReason === undefined ? [] : ['a finish was made up']);
const someContent = (call: FinishedCall) => [
  ...noFinish(call),
  ...(call.seen.events >= 2 ? [] : [`only ${call.seen.events} events came through`]),
];

/** In some dialects a picture, or an answer as a whole, is a single event, so that it may be large. */
const hasGreatEvents = ({ provider }: Lane) => provider === 'responses' || provider === 'gemini';
/** Who has to understand the bytes says that these cannot be; who passes them on, that they end there. */
const overlong = (lane: Lane) => (isNative(lane) ? TRUNCATED : { ...TRUNCATED, ...SAID_ERROR, code: 'upstream_error' });

/** The same faults on every lane: whichever dialect the client speaks, and whichever the provider. */
export const laneFaults: readonly Row[] = [
  ...everyLane({ row: 0, fault: 'none (control)', streamed: true, expect: STREAMED }),
  ...everyLane({ row: 0, fault: 'none (control)', streamed: false, expect: ANSWERED }),
  ...everyLane({
    row: 1,
    fault: 'FIN in mid-stream',
    streamed: true,
    sim: { kind: 'cut', afterEvents: 16, framing: 'clean' },
    model: 'sim-large',
    everyPair: true,
    expect: TRUNCATED,
    also: someContent,
  }),
  ...everyLane({
    row: 1,
    fault: 'FIN inside an event',
    streamed: true,
    sim: { kind: 'cut', afterEvents: 16, atByte: 30 },
    model: 'sim-large',
    expect: TRUNCATED,
    also: someContent,
  }),
  ...everyLane({
    row: 1,
    fault: 'FIN inside the body',
    streamed: false,
    sim: { kind: 'cut', afterEvents: 0, atByte: 40 },
    everyPair: true,
    expect: FAILED,
  }),
  ...everyLane({
    row: 2,
    fault: 'RST in mid-stream',
    streamed: true,
    sim: { kind: 'reset', afterEvents: 16 },
    model: 'sim-large',
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
    only: (lane) => !hasGreatEvents(lane),
    expect: overlong,
    growthMiBMax: 40,
    also: noFinish,
  }),
  ...everyLane({
    row: 14,
    fault: 'a single event of 40 MiB',
    streamed: true,
    sim: { kind: 'huge-event', bytes: 40 << 20, afterEvents: 8 },
    only: hasGreatEvents,
    expect: overlong,
    growthMiBMax: 120,
    also: noFinish,
  }),
  ...everyLane({
    row: 17,
    fault: 'an error event after content',
    streamed: true,
    sim: { kind: 'error-event', afterEvents: 16 },
    model: 'sim-large',
    everyPair: true,
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
