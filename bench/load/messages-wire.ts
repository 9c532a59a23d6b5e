import { ANSWER_TEXT, type StreamWire } from './wire.ts';

/** What goes over the wire in Anthropic's Messages: the same texts and counts as in Chat Completions. */
const HEAD = { id: 'msg_bench0123456789', type: 'message', role: 'assistant', model: 'gpt-4o-mini' } as const;
const USAGE = { cache_creation_input_tokens: 0, cache_read_input_tokens: 0, service_tier: 'standard' } as const;

export const MESSAGES_ANSWER = JSON.stringify({
  ...HEAD,
  content: [{ type: 'text', text: ANSWER_TEXT }],
  stop_reason: 'end_turn',
  stop_sequence: null,
  usage: { input_tokens: 19, ...USAGE, output_tokens: 36 },
});

function event(data: { readonly type: string; readonly [member: string]: unknown }): string {
  return `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;
}

export const MESSAGES_STREAM: StreamWire = {
  opening: [
    event({
      type: 'message_start',
      message: {
        ...HEAD,
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: { input_tokens: 9, ...USAGE, output_tokens: 1 },
      },
    }),
    event({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }),
  ],
  frameHead:
    'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"',
  frameTail: '"}}\n\n',
  closing: () => [
    event({ type: 'content_block_stop', index: 0 }),
    event({
      type: 'message_delta',
      delta: { stop_reason: 'end_turn', stop_sequence: null },
      usage: { output_tokens: 100 },
    }),
    event({ type: 'message_stop' }),
  ],
};
