type Fields = Readonly<Record<string, unknown>>;

const RESPONSE = {
  id: 'resp_mark-id',
  object: 'response',
  created_at: 1_700_000_003,
  status: 'in_progress',
  error: null,
  incomplete_details: null,
  model: 'mark-model',
  output: [],
  usage: null,
};

const THOUGHT = { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'mark-sealed' };
const SEARCH = { type: 'web_search_call', id: 'ws_1', status: 'completed' };
const MESSAGE = { type: 'message', id: 'msg_1', role: 'assistant', status: 'in_progress', content: [] };
const CALL = { type: 'function_call', id: 'fc_1', status: 'in_progress', call_id: 'call_1', arguments: '' };
const CUSTOM = { type: 'custom_tool_call', id: 'ctc_1', call_id: 'call_2', input: '' };

const part = (text: string) => ({ type: 'output_text', annotations: [], logprobs: [], text });

/** The events of a streamed answer of the Responses API with values that stand nowhere else. */
const EVENTS: readonly (readonly [string, Fields])[] = [
  ['response.created', { response: RESPONSE }],
  ['response.in_progress', { response: RESPONSE }],
  ['response.output_item.added', { output_index: 0, item: { type: 'reasoning', id: 'rs_1', summary: [] } }],
  [
    'response.reasoning_summary_part.added',
    { item_id: 'rs_1', output_index: 0, summary_index: 0, part: { type: 'summary_text', text: '' } },
  ],
  [
    'response.reasoning_summary_text.delta',
    { item_id: 'rs_1', output_index: 0, summary_index: 0, delta: 'mark-summary', obfuscation: 'mark-padding' },
  ],
  [
    'response.reasoning_summary_text.done',
    { item_id: 'rs_1', output_index: 0, summary_index: 0, text: 'mark-summary' },
  ],
  [
    'response.reasoning_summary_part.done',
    { item_id: 'rs_1', output_index: 0, summary_index: 0, part: { type: 'summary_text', text: 'mark-summary' } },
  ],
  [
    'response.output_item.done',
    { output_index: 0, item: { ...THOUGHT, summary: [{ type: 'summary_text', text: 'mark-summary' }] } },
  ],
  ['response.output_item.added', { output_index: 1, item: { ...SEARCH, status: 'in_progress' } }],
  ['response.web_search_call.searching', { item_id: 'ws_1', output_index: 1 }],
  ['response.output_item.done', { output_index: 1, item: SEARCH }],
  ['response.output_item.added', { output_index: 2, item: MESSAGE }],
  ['response.content_part.added', { item_id: 'msg_1', output_index: 2, content_index: 0, part: part('') }],
  [
    'response.output_text.delta',
    {
      item_id: 'msg_1',
      output_index: 2,
      content_index: 0,
      delta: 'mark-text',
      logprobs: [{ token: 'mark-token', logprob: -0.5, top_logprobs: [] }],
    },
  ],
  [
    'response.output_text.annotation.added',
    {
      item_id: 'msg_1',
      output_index: 2,
      content_index: 0,
      annotation_index: 0,
      annotation: {
        type: 'url_citation',
        url: 'https://mark-url.example',
        title: 'mark-title',
        start_index: 0,
        end_index: 4,
      },
    },
  ],
  [
    'response.output_text.done',
    { item_id: 'msg_1', output_index: 2, content_index: 0, text: 'mark-text', logprobs: [] },
  ],
  ['response.content_part.done', { item_id: 'msg_1', output_index: 2, content_index: 0, part: part('mark-text') }],
  [
    'response.content_part.added',
    { item_id: 'msg_1', output_index: 2, content_index: 1, part: { type: 'refusal', refusal: '' } },
  ],
  ['response.refusal.delta', { item_id: 'msg_1', output_index: 2, content_index: 1, delta: 'mark-refusal' }],
  ['response.refusal.done', { item_id: 'msg_1', output_index: 2, content_index: 1, refusal: 'mark-refusal' }],
  [
    'response.content_part.done',
    { item_id: 'msg_1', output_index: 2, content_index: 1, part: { type: 'refusal', refusal: 'mark-refusal' } },
  ],
  [
    'response.output_item.done',
    {
      output_index: 2,
      item: {
        ...MESSAGE,
        status: 'completed',
        content: [part('mark-text'), { type: 'refusal', refusal: 'mark-refusal' }],
      },
    },
  ],
  ['response.output_item.added', { output_index: 3, item: { ...CALL, name: 'mark-tool' } }],
  ['response.function_call_arguments.delta', { item_id: 'fc_1', output_index: 3, delta: '{"a":"mark-argument"}' }],
  ['response.function_call_arguments.done', { item_id: 'fc_1', output_index: 3, arguments: '{"a":"mark-argument"}' }],
  [
    'response.output_item.done',
    {
      output_index: 3,
      item: { ...CALL, status: 'completed', name: 'mark-tool', arguments: '{"a":"mark-argument"}' },
    },
  ],
  ['response.output_item.added', { output_index: 4, item: { ...CUSTOM, name: 'mark-custom' } }],
  ['response.custom_tool_call_input.delta', { item_id: 'ctc_1', output_index: 4, delta: 'mark-input' }],
  ['response.custom_tool_call_input.done', { item_id: 'ctc_1', output_index: 4, input: 'mark-input' }],
  ['response.output_item.done', { output_index: 4, item: { ...CUSTOM, name: 'mark-custom', input: 'mark-input' } }],
  [
    'response.completed',
    {
      response: {
        ...RESPONSE,
        status: 'completed',
        usage: {
          input_tokens: 11,
          input_tokens_details: { cached_tokens: 0, cache_write_tokens: 0 },
          output_tokens: 7,
          output_tokens_details: { reasoning_tokens: 0 },
          total_tokens: 18,
        },
      },
    },
  ],
];

export const responsesStream: readonly { readonly name: string; readonly data: object }[] = EVENTS.map(
  ([type, members], at) => ({ name: type, data: { type, sequence_number: at, ...members } }),
);
