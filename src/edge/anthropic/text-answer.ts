import type { TextAnswerFacts } from '../../exchange/dialect.ts';

/** An answer of the gateway's own words in the place of a model's. Its usage is none, which this dialect says in zeros. */
export function textAnswer(text: string, facts: TextAnswerFacts): { contentType: string; body: Buffer } {
  const message = {
    id: `msg_${facts.id.replace(/^call_/, '')}`,
    type: 'message',
    role: 'assistant',
    model: facts.model,
    container: null,
    diagnostics: null,
    stop_details: null,
  };
  const block = { type: 'text', text };
  if (!facts.stream) {
    const ended = { ...message, content: [block], stop_reason: 'end_turn', stop_sequence: null, usage: USAGE };
    return { contentType: 'application/json', body: Buffer.from(JSON.stringify(ended)) };
  }
  const begun = { ...message, content: [], stop_reason: null, stop_sequence: null, usage: USAGE };
  const events = [
    { type: 'message_start', message: begun },
    { type: 'content_block_start', index: 0, content_block: { ...block, text: '' } },
    { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } },
    { type: 'content_block_stop', index: 0 },
    {
      type: 'message_delta',
      delta: { stop_reason: 'end_turn', stop_sequence: null, stop_details: null, container: null },
      usage: USAGE,
    },
    { type: 'message_stop' },
  ];
  const written = events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
  return { contentType: 'text/event-stream; charset=utf-8', body: Buffer.from(written.join('')) };
}

const USAGE = {
  input_tokens: 0,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: 0,
  cache_creation: null,
  output_tokens: 0,
  output_tokens_details: null,
  server_tool_use: null,
  service_tier: null,
  inference_geo: null,
  speed: null,
};
