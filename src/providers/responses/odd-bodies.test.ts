import fc from 'fast-check';
import { expect, test } from 'vitest';
import { collectedAnswer } from '../../../test/support/chat/collected-answer.ts';
import { oddJson } from '../../../test/support/chat/odd-json.ts';
import { bytesOf, eventsOf, streamOf, type Wire } from '../../../test/support/responses-stream.ts';
import { GatewayError } from '../../kernel/errors.ts';
import type { StreamEvent } from '../../protocol/chat/answer.ts';
import { responsesProvider } from './codec.ts';

const TOKEN = { token: 't', logprob: -1, bytes: [1], top_logprobs: [{ token: 'u', logprob: -2, bytes: null }] };
const TEXT = {
  type: 'output_text',
  text: 'text',
  annotations: [{ type: 'url_citation', url: 'u', title: 't', start_index: 0, end_index: 1 }],
  logprobs: [TOKEN],
};
const ANSWER = {
  id: 'resp_1',
  object: 'response',
  created_at: 1,
  status: 'completed',
  error: null,
  incomplete_details: null,
  model: 'm',
  output: [
    {
      type: 'reasoning',
      id: 'rs_1',
      summary: [{ type: 'summary_text', text: 'so' }],
      content: [{ type: 'reasoning_text', text: 'that' }],
      encrypted_content: 'gA',
    },
    { type: 'web_search_call', id: 'ws_1', action: { type: 'search', query: 'q' } },
    { type: 'message', id: 'msg_1', role: 'assistant', content: [TEXT, { type: 'refusal', refusal: 'no' }] },
    { type: 'function_call', id: 'fc_1', call_id: 'a', name: 'f', arguments: '{}' },
    { type: 'custom_tool_call', id: 'ctc_1', call_id: 'b', name: 'g', input: 'x' },
    { type: 'image_generation_call', id: 'ig_1', result: 'AAAA', output_format: 'png' },
  ],
  usage: { input_tokens: 1, output_tokens: 1, input_tokens_details: { cached_tokens: 1 } },
};

/** What is wrong with a provider's answer is told as that, and nothing else ever comes out. */
class Outcomes {
  understood = 0;
  refused = 0;

  of<T>(read: () => T): T | undefined {
    try {
      const value = read();
      this.understood++;
      return value;
    } catch (error) {
      expect(error).toBeInstanceOf(GatewayError);
      this.refused++;
      return undefined;
    }
  }

  /** Both happened: a test that only ever sees one of them shows nothing. */
  [Symbol.dispose](): void {
    expect(Math.min(this.understood, this.refused)).toBeGreaterThan(10);
  }
}

test('an odd answer is read or not understood', () => {
  using outcomes = new Outcomes();
  fc.assert(
    fc.property(oddJson(ANSWER), (body) => {
      outcomes.of(() => responsesProvider.readAnswer(Buffer.from(JSON.stringify(body) ?? '')));
    }),
    { numRuns: 600 },
  );
});

test('an odd stream is read or not understood, and what is read of it is in order', () => {
  using outcomes = new Outcomes();
  const events = fc.tuple(...streamOf(ANSWER, 2).map((event) => oddJson(event)));
  fc.assert(
    fc.property(events, (odd) => {
      const bytes = bytesOf(odd.map((event) => ({ ...(event as Wire) })));
      outcomes.of(() => {
        const told = eventsOf([bytes]);
        if (told.some(({ type }) => type === 'answer-end')) collectedAnswer(told);
        else inOrder(told);
        const failed = told.find((event) => event.type === 'answer-error');
        if (failed !== undefined) throw failed.error;
      });
    }),
    { numRuns: 400 },
  );
});

/** Events of a stream without an end come in the same order as those of every other one. */
function inOrder(told: readonly StreamEvent[]): void {
  const end: StreamEvent[] = [{ type: 'choice-finish', choice: 0, finish: { reason: 'stop' } }, { type: 'answer-end' }];
  const fine = told.filter(({ type }) => type !== 'answer-error');
  expect(() => collectedAnswer([...fine, ...end])).not.toThrow(/is not open|begins where/);
}
