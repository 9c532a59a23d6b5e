import type { Answerer } from '../../test/support/raw-upstream.ts';
import { answerBytes, streamBytes } from '../harness/http-bytes.ts';
import type { Row } from '../row.ts';
import { type CallCase, callRow } from './call-row.ts';
import { ANSWERED, FAILED, STREAMED, TRUNCATED } from './expectations.ts';
import { heldEnd } from './held-end.ts';

const USAGE = { promptTokenCount: 4, candidatesTokenCount: 2, totalTokenCount: 6 };

const answer = (text: string, more: Record<string, unknown> = {}, usageMetadata: unknown = undefined) => ({
  candidates: [{ content: { parts: [{ text }], role: 'model' }, index: 0, ...more }],
  ...(usageMetadata === undefined ? {} : { usageMetadata }),
  modelVersion: 'm',
  responseId: 'r1',
});
const event = (value: unknown) => `data: ${JSON.stringify(value)}\r\n\r\n`;

const SAID = event(answer('hi'));
const MORE = event(answer(' there'));
const STOP = event(answer('', { finishReason: 'STOP' }, USAGE));
const BLOCKED = {
  promptFeedback: { blockReason: 'SAFETY' },
  usageMetadata: { promptTokenCount: 4, totalTokenCount: 4 },
};
const GAVE_UP = answer('', { content: {}, finishReason: 'MALFORMED_FUNCTION_CALL' }, USAGE);
const OVERLOADED = JSON.stringify({
  error: { code: 503, message: 'The model is overloaded. Please try again later.', status: 'UNAVAILABLE' },
});
const EXHAUSTED = JSON.stringify({
  error: {
    code: 429,
    message: 'You exceeded your current quota.',
    status: 'RESOURCE_EXHAUSTED',
    details: [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '7s' }],
  },
});

const raw = (facts: CallCase): Row =>
  callRow({ client: 'gemini', model: 'raw-google/m', ...facts, fault: `Gemini: ${facts.fault}` });

const noFinish: CallCase['also'] = ({ seen }) => (seen.finishReason === undefined ? [] : ['a finish was made up']);
/** Events, of which the rest comes later, so that the first have been passed on by then. */
const inTwo = (first: readonly string[], rest: readonly string[]): Answerer => {
  return (socket) => {
    socket.write(streamBytes(first).subarray(0, -'0\r\n\r\n'.length));
    setTimeout(() => socket.end(streamBytes(rest, '')), 50);
  };
};

/** Nothing marks the end of Gemini's streams but the reason in its last event and the end of the bytes. */
const endings: readonly Row[] = [
  ...(['gemini', 'gemini-array', 'chat', 'messages', 'responses'] as const).map((client) =>
    raw({
      client,
      row: 3,
      fault: `no finishReason before the end of the body, to a client of ${client}`,
      streamed: true,
      raw: inTwo([SAID], [MORE]),
      expect: TRUNCATED,
      also: noFinish,
    }),
  ),
  raw({
    row: 3,
    fault: 'a prompt that is blocked is answered, with nothing',
    streamed: true,
    raw: streamBytes([event(BLOCKED)]),
    expect: STREAMED,
    also: ({ seen }) => (seen.finishReason === 'SAFETY' ? [] : [`the finish reason is ${seen.finishReason}`]),
  }),
  raw({
    row: 4,
    fault: 'the last usage holds, however many there are',
    streamed: true,
    raw: streamBytes([
      event(answer('hi', {}, { promptTokenCount: 4, candidatesTokenCount: 1, totalTokenCount: 5 })),
      STOP,
    ]),
    expect: STREAMED,
    also: ({ record }) => {
      const usage = record?.attempts[0]?.usage;
      return usage?.input_tokens === 4 && usage.output_tokens === 2 ? [] : ['the usage is not that of the last event'];
    },
  }),
];

const errors: readonly Row[] = [
  ...(['gemini', 'gemini-array', 'chat', 'messages', 'responses'] as const).map((client) =>
    raw({
      client,
      row: 17,
      fault: `an error in the midst of the stream, to a client of ${client}`,
      streamed: true,
      raw: inTwo([SAID], [`data: ${OVERLOADED}\r\n\r\n`]),
      expect: { status: 200, terminal: 'error', outcome: 'failed', recorded: 'upstream_error', usage: false },
      also: noFinish,
    }),
  ),
  raw({
    row: 18,
    fault: '429, relayed as it came',
    // Which is left alone for a while, as its answer asks.
    model: 'raw-google/throttled',
    streamed: false,
    raw: answerBytes(429, 'application/json', EXHAUSTED),
    expect: { status: 429, terminal: 'error', outcome: 'failed', recorded: 'rate_limited', usage: false },
    also: ({ seen }) => (seen.text === EXHAUSTED ? [] : ['the error was not relayed']),
  }),
  raw({
    row: 15,
    fault: 'an error with status 200',
    streamed: false,
    raw: answerBytes(200, 'application/json', OVERLOADED),
    expect: { ...FAILED, status: 503 },
  }),
  raw({
    client: 'chat',
    row: 15,
    fault: 'an answer that its provider gave up, to a client of chat',
    streamed: false,
    raw: answerBytes(200, 'application/json', JSON.stringify(GAVE_UP)),
    expect: FAILED,
  }),
  raw({
    row: 0,
    fault: 'none, whole (control)',
    streamed: false,
    raw: answerBytes(200, 'application/json', JSON.stringify(answer('hi', { finishReason: 'STOP' }, USAGE))),
    expect: ANSWERED,
  }),
];

/** What only the bytes of Google's Gemini can show. */
export const geminiFaults: readonly Row[] = [
  raw({
    row: 0,
    fault: 'none, byte by byte (control)',
    streamed: true,
    raw: streamBytes([...`${SAID}${MORE}${STOP}`]),
    expect: STREAMED,
    also: ({ seen }) => (seen.text === `${SAID}${MORE}${STOP}` ? [] : ['the bytes are not the provider’s']),
  }),
  ...endings,
  ...(
    [
      ['Gemini', 'gemini'],
      ['Gemini array', 'gemini-array'],
    ] as const
  ).map(([name, client]) =>
    heldEnd({ name, client, model: 'raw-google/m', events: [SAID, MORE, STOP], before: ' there', end: 'finishReason' }),
  ),
  ...errors,
  raw({
    row: 10,
    fault: 'malformed JSON in one event: relayed as it came',
    streamed: true,
    raw: streamBytes([SAID, 'data: {oops\r\n\r\n', STOP]),
    expect: STREAMED,
    also: ({ seen }) => (seen.text.includes('data: {oops\r\n\r\n') ? [] : ['the malformed event was not relayed']),
  }),
  raw({
    client: 'gemini-array',
    row: 10,
    fault: 'malformed JSON has no place in an array',
    streamed: true,
    raw: inTwo([SAID], ['data: {oops\r\n\r\n', STOP]),
    expect: TRUNCATED,
    also: noFinish,
  }),
];
