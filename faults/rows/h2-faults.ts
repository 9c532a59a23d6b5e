import { constants } from 'node:http2';
import { answerJson, beginStream } from '../harness/h2-upstreams.ts';
import { DELTA, DONE, FINISH, USAGE } from '../harness/http-bytes.ts';
import { pause } from '../harness/waiting.ts';
import type { Row, SharedRow } from '../row.ts';
import { bothWays, callRow, type FinishedCall, makeCall } from './call-row.ts';
import { ANSWERED, FAILED, STREAMED, TIMED_OUT, TRUNCATED } from './expectations.ts';

const { NGHTTP2_REFUSED_STREAM, NGHTTP2_INTERNAL_ERROR, NGHTTP2_NO_ERROR } = constants;

/** How often the provider was asked: what it says it has not touched may be sent again, everything else may not. */
const askedTimes =
  (times: number) =>
  ({ house }: FinishedCall): string[] => {
    const { requests } = house.h2;
    house.h2.requests = 0;
    return requests === times ? [] : [`the provider was asked ${requests} times, not ${times}`];
  };

const calls: Row[] = [
  callRow({
    row: 32,
    fault: 'HTTP/2: nothing wrong (control)',
    streamed: false,
    h2: answerJson,
    expect: ANSWERED,
    also: askedTimes(1),
  }),
  callRow({
    row: 32,
    fault: 'HTTP/2: nothing wrong (control)',
    streamed: true,
    h2: (stream) => {
      beginStream(stream, DELTA, FINISH, USAGE);
      stream.end(DONE);
    },
    expect: STREAMED,
    also: askedTimes(1),
  }),
  ...bothWays(
    {
      row: 32,
      fault: 'HTTP/2: GOAWAY that says the call was not touched, always',
      h2: (_stream, session) => {
        session.goaway(NGHTTP2_NO_ERROR, 0);
        session.destroy();
      },
      // Once more is allowed, for ever is not.
      also: ({ house }) => {
        const { requests } = house.h2;
        house.h2.requests = 0;
        return requests <= 2 ? [] : [`the provider was asked ${requests} times`];
      },
    },
    { ...FAILED, withinMs: 3_000 },
  ),
  callRow({
    row: 32,
    fault: 'HTTP/2: GOAWAY in mid-stream, which ends well',
    streamed: true,
    h2: async (stream, session) => {
      beginStream(stream, DELTA);
      session.goaway(NGHTTP2_NO_ERROR, stream.id ?? 1);
      await pause(100);
      for (const event of [DELTA, FINISH, USAGE]) stream.write(event);
      stream.end(DONE);
    },
    expect: STREAMED,
    also: askedTimes(1),
  }),
  callRow({
    row: 32,
    fault: 'HTTP/2: the session is cut in mid-stream',
    streamed: true,
    h2: async (stream, session) => {
      beginStream(stream, DELTA);
      await pause(50);
      session.goaway(NGHTTP2_INTERNAL_ERROR);
      session.destroy();
    },
    expect: TRUNCATED,
    also: askedTimes(1),
  }),
  ...bothWays(
    {
      row: 32,
      fault: 'HTTP/2: RST_STREAM before the head, INTERNAL_ERROR',
      h2: (stream) => stream.close(NGHTTP2_INTERNAL_ERROR),
      also: askedTimes(1),
    },
    FAILED,
  ),
  ...bothWays(
    {
      row: 32,
      fault: 'HTTP/2: RST_STREAM before the head, REFUSED_STREAM, always',
      h2: (stream) => stream.close(NGHTTP2_REFUSED_STREAM),
      also: ({ house }) => {
        const { requests } = house.h2;
        house.h2.requests = 0;
        return requests <= 2 ? [] : [`the provider was asked ${requests} times`];
      },
    },
    { ...FAILED, withinMs: 3_000 },
  ),
  callRow({
    row: 32,
    fault: 'HTTP/2: RST_STREAM in mid-stream',
    streamed: true,
    h2: async (stream) => {
      beginStream(stream, DELTA);
      await pause(50);
      stream.close(NGHTTP2_INTERNAL_ERROR);
    },
    expect: TRUNCATED,
    also: askedTimes(1),
  }),
  callRow({
    row: 32,
    fault: 'HTTP/2: a body that ends without its last bytes',
    streamed: false,
    h2: (stream) => {
      stream.respond({ ':status': 200, 'content-type': 'application/json', 'content-length': 1_000 });
      stream.end('{"id":"x"');
    },
    expect: FAILED,
    also: askedTimes(1),
  }),
  ...bothWays(
    { row: 32, fault: 'HTTP/2: no stream is ever allowed (SETTINGS), limit 0.5 s', model: 'h2-closed/m', raw: '' },
    TIMED_OUT,
  ),
  callRow({
    row: 32,
    fault: 'HTTP/2: silence in mid-stream, idle limit 0.5 s',
    streamed: true,
    model: 'h2-quick/m',
    h2: (stream) => beginStream(stream, DELTA),
    expect: { ...TRUNCATED, withinMs: 3_000 },
    also: askedTimes(1),
  }),
];

/** No ping is answered any more, and nothing is closed: what follows must not wait on the dead session. */
const deadSession: SharedRow = {
  house: 'wire',
  row: 32,
  fault: 'HTTP/2: the session goes dead (no ping is answered), then calls',
  streamed: false,
  async run({ house }) {
    const problems: string[] = [];
    const call = () => makeCall(house, { model: 'h2-quick/m', streamed: false });
    const before = await call();
    if (before.seen.status !== 200) problems.push(`before it a call got ${before.seen.status}`);
    house.h2Relay.freeze();
    const startedMs = performance.now();
    let made = 0;
    let status = 0;
    while (status !== 200 && made < 10) {
      status = (await call()).seen.status;
      made++;
    }
    const recoveredMs = performance.now() - startedMs;
    if (status !== 200) problems.push(`after ${made} calls the dead session is still in use`);
    if (recoveredMs > 5_000) problems.push(`it took ${recoveredMs.toFixed(0)} ms until a call was served`);
    return {
      saw: `${made - 1} timed out, then ${status}, after ${(recoveredMs / 1_000).toFixed(1)} s`,
      recorded: '-',
      problems,
      attempts: made + 1,
    };
  },
};

/** What HTTP/2 adds to what can go wrong with a connection. */
export const h2Faults: readonly Row[] = [...calls, deadSession];
