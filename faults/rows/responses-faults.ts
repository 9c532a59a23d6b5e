import { answerBytes, streamBytes } from '../harness/http-bytes.ts';
import type { Row } from '../row.ts';
import { type CallCase, callRow } from './call-row.ts';
import { FAILED, STREAMED, TRUNCATED } from './expectations.ts';
import { heldEnd } from './held-end.ts';

const event = (fields: { readonly type: string } & Record<string, unknown>) =>
  `event: ${fields.type}\ndata: ${JSON.stringify(fields)}\n\n`;

const response = (fields: Record<string, unknown>) => ({
  id: 'resp_1',
  object: 'response',
  created_at: 1,
  model: 'm',
  output: [],
  error: null,
  incomplete_details: null,
  ...fields,
});
const USAGE = { input_tokens: 4, output_tokens: 2, total_tokens: 6 };
const TEXT = { type: 'output_text', text: 'hi', annotations: [] };
const MESSAGE = { id: 'msg_1', type: 'message', role: 'assistant', status: 'completed', content: [TEXT] };
const WHOLE = response({ status: 'completed', output: [MESSAGE], usage: USAGE });
const BROKEN = response({ status: 'failed', error: { code: 'server_error', message: 'It broke.' } });

const place = { item_id: 'msg_1', output_index: 0, content_index: 0 };
const START = event({ type: 'response.created', sequence_number: 0, response: response({ status: 'in_progress' }) });
const ITEM = event({
  type: 'response.output_item.added',
  sequence_number: 1,
  output_index: 0,
  item: { ...MESSAGE, status: 'in_progress', content: [] },
});
const SAID = event({ type: 'response.output_text.delta', sequence_number: 2, ...place, delta: 'hi', logprobs: [] });
const ITEM_DONE = event({ type: 'response.output_item.done', sequence_number: 3, output_index: 0, item: MESSAGE });
const COMPLETED = event({ type: 'response.completed', sequence_number: 4, response: WHOLE });
const FAILED_EVENT = event({ type: 'response.failed', sequence_number: 4, response: BROKEN });
const CUT_SHORT = event({
  type: 'response.incomplete',
  sequence_number: 4,
  response: { ...WHOLE, status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } },
});

const STREAM = [START, ITEM, SAID, ITEM_DONE, COMPLETED];
const BEGUN = [START, ITEM, SAID, ITEM_DONE];

const raw = (facts: Omit<CallCase, 'model'>): Row =>
  callRow({ client: 'responses', ...facts, fault: `Responses: ${facts.fault}`, model: 'raw-gpt/m' });

/** Whose end has come is whole, however the connection ends. */
const wholeAnyway: Row = raw({
  row: 3,
  fault: 'response.completed, and then a reset before the end of the body',
  streamed: true,
  raw: (socket) => {
    socket.write(streamBytes(STREAM).subarray(0, -'0\r\n\r\n'.length));
    setTimeout(() => socket.resetAndDestroy(), 50);
  },
  expect: STREAMED,
});

/** What only the bytes of OpenAI's Responses can show. */
export const responsesFaults: readonly Row[] = [
  raw({
    row: 0,
    fault: 'none, byte by byte (control)',
    streamed: true,
    raw: streamBytes([...STREAM.join('')]),
    expect: STREAMED,
    also: ({ seen }) => (seen.text === STREAM.join('') ? [] : ['the bytes are not the provider’s']),
  }),
  raw({
    row: 3,
    fault: 'no response.completed after the last item',
    streamed: true,
    raw: streamBytes(BEGUN),
    expect: TRUNCATED,
    also: ({ seen }) => (seen.text.includes('response.completed') ? ['an end was made up'] : []),
  }),
  wholeAnyway,
  heldEnd({
    name: 'Responses',
    client: 'responses',
    model: 'raw-gpt/m',
    events: STREAM,
    before: 'output_item.done',
    end: 'response.completed',
  }),
  raw({
    row: 3,
    fault: 'response.incomplete is an end, and says why',
    streamed: true,
    raw: streamBytes([...BEGUN, CUT_SHORT]),
    expect: STREAMED,
    also: ({ seen, record }) =>
      seen.finishReason === 'max_output_tokens' && record?.attempts[0]?.finish_reason === 'max_output_tokens'
        ? []
        : [`the finish reason is ${seen.finishReason}`],
  }),
  raw({
    row: 17,
    fault: 'response.failed after content: relayed as it came',
    streamed: true,
    raw: streamBytes([...BEGUN, FAILED_EVENT]),
    expect: { status: 200, terminal: 'error', outcome: 'failed', recorded: 'upstream_error', usage: false },
    also: ({ seen }) => (seen.text === BEGUN.join('') + FAILED_EVENT ? [] : ['the failure was not relayed']),
  }),
  ...(['chat', 'messages', 'gemini'] as const).map((client) =>
    raw({
      client,
      row: 17,
      fault: `response.failed after content, to a client of ${client}`,
      streamed: true,
      raw: (socket) => {
        socket.write(Buffer.from(streamBytes(BEGUN).subarray(0, -'0\r\n\r\n'.length)));
        setTimeout(() => socket.end(streamBytes([FAILED_EVENT], '')), 50);
      },
      expect: { ...TRUNCATED, outcome: 'failed', recorded: 'upstream_error', code: 'upstream_error' },
      also: ({ seen }) => (seen.finishReason === undefined ? [] : ['a finish was made up']),
    }),
  ),
  raw({
    row: 15,
    fault: 'a response that failed, with status 200',
    streamed: false,
    raw: answerBytes(200, 'application/json', JSON.stringify(BROKEN)),
    expect: FAILED,
  }),
  raw({
    row: 10,
    fault: 'malformed JSON in one event: relayed as it came',
    streamed: true,
    raw: streamBytes([START, ITEM, 'event: response.output_text.delta\ndata: {oops\n\n', SAID, ITEM_DONE, COMPLETED]),
    expect: STREAMED,
    also: ({ seen }) => (seen.text.includes('data: {oops\n\n') ? [] : ['the malformed event was not relayed']),
  }),
];
