import type { TextAnswerFacts } from '../../exchange/dialect.ts';
import { eventText } from './errors.ts';
import { plainResponse } from './response-object.ts';

/** An answer of the gateway's own words in the place of a model's. Its usage is none, which this dialect says in zeros. */
export function textAnswer(text: string, facts: TextAnswerFacts): { contentType: string; body: Buffer } {
  const tail = facts.id.replace(/^call_/, '');
  const identity = { id: `resp_${tail}`, createdAt: Math.floor(facts.at / 1_000), model: facts.model };
  const part = { type: 'output_text', text, annotations: [], logprobs: [] };
  const item = { id: `msg_${tail}`, type: 'message', role: 'assistant' };
  const done = { ...item, status: 'completed', content: [part] };
  const completed = plainResponse(identity, { status: 'completed', output: [done], usage: NO_USAGE });
  if (!facts.stream) return { contentType: 'application/json', body: Buffer.from(JSON.stringify(completed)) };
  const begun = plainResponse(identity, { status: 'in_progress' });
  const at = { item_id: item.id, output_index: 0 };
  const inPart = { ...at, content_index: 0 };
  const events = [
    { type: 'response.created', response: begun },
    { type: 'response.in_progress', response: begun },
    { type: 'response.output_item.added', output_index: 0, item: { ...item, status: 'in_progress', content: [] } },
    { type: 'response.content_part.added', ...inPart, part: { ...part, text: '' } },
    { type: 'response.output_text.delta', ...inPart, delta: text, logprobs: [] },
    { type: 'response.output_text.done', ...inPart, text, logprobs: [] },
    { type: 'response.content_part.done', ...inPart, part },
    { type: 'response.output_item.done', output_index: 0, item: done },
    { type: 'response.completed', response: completed },
  ];
  const written = events.map((event, sequence) => eventText({ ...event, sequence_number: sequence }));
  return { contentType: 'text/event-stream; charset=utf-8', body: Buffer.from(written.join('')) };
}

/** Of an answer that no model gave. */
export const NO_USAGE = {
  input_tokens: 0,
  input_tokens_details: { cached_tokens: 0 },
  output_tokens: 0,
  output_tokens_details: { reasoning_tokens: 0 },
  total_tokens: 0,
};
