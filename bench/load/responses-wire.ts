import { ANSWER_TEXT, type StreamWire } from './wire.ts';

/** What goes over the wire in OpenAI's Responses: the same texts and counts as in Chat Completions. */
const ID = 'resp_bench0123456789';
const ITEM_ID = 'msg_bench0123456789';
const CREATED_AT = 1_760_000_000;

const REST = {
  error: null,
  incomplete_details: null,
  instructions: null,
  max_output_tokens: 1_000,
  model: 'gpt-4o-mini',
  parallel_tool_calls: true,
  previous_response_id: null,
  reasoning: { effort: null, summary: null },
  service_tier: 'default',
  store: false,
  temperature: 0.7,
  text: { format: { type: 'text' }, verbosity: 'medium' },
  tool_choice: 'auto',
  tools: [],
  top_p: 1,
  truncation: 'disabled',
  metadata: {},
} as const;

function part(text: string): object {
  return { type: 'output_text', annotations: [], logprobs: [], text };
}

function item(status: string, content: readonly object[]): object {
  return { id: ITEM_ID, type: 'message', status, content, role: 'assistant' };
}

function usage(input: number, output: number): object {
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: input + output,
  };
}

const BEGUN = {
  id: ID,
  object: 'response',
  created_at: CREATED_AT,
  status: 'in_progress',
  ...REST,
  output: [],
  usage: null,
};

function completed(text: string, used: object): object {
  return { ...BEGUN, status: 'completed', output: [item('completed', [part(text)])], usage: used };
}

export const RESPONSES_ANSWER = JSON.stringify(completed(ANSWER_TEXT, usage(19, 36)));

const PLACE = { item_id: ITEM_ID, output_index: 0, content_index: 0 } as const;
const OPENING_EVENTS = 4;

function event(number: number, type: string, members: object): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...members, sequence_number: number })}\n\n`;
}

export const RESPONSES_STREAM: StreamWire = {
  opening: [
    event(0, 'response.created', { response: BEGUN }),
    event(1, 'response.in_progress', { response: BEGUN }),
    event(2, 'response.output_item.added', { output_index: 0, item: item('in_progress', []) }),
    event(3, 'response.content_part.added', { ...PLACE, part: part('') }),
  ],
  frameHead: `event: response.output_text.delta\ndata: {"type":"response.output_text.delta","item_id":"${ITEM_ID}","output_index":0,"content_index":0,"delta":"`,
  frameTail: '","logprobs":[],"sequence_number":',
  counted: { from: OPENING_EVENTS, after: '}\n\n' },
  closing: (_, marks = []) => {
    const text = marks.join('');
    const first = OPENING_EVENTS + marks.length;
    return [
      event(first, 'response.output_text.done', { ...PLACE, text, logprobs: [] }),
      event(first + 1, 'response.content_part.done', { ...PLACE, part: part(text) }),
      event(first + 2, 'response.output_item.done', { output_index: 0, item: item('completed', [part(text)]) }),
      event(first + 3, 'response.completed', { response: completed(text, usage(9, 100)) }),
    ];
  },
};
