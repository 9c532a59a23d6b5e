/** An answer of the Chat Completions family in which each value that a client would miss stands nowhere else. */
export const chatAnswer = {
  id: 'chatcmpl-mark-id',
  object: 'chat.completion',
  created: 1_700_000_003,
  model: 'mark-model',
  metadata: { a: 'mark-metadata' },
  service_tier: 'priority',
  system_fingerprint: 'mark-fingerprint',
  choices: [
    {
      index: 0,
      finish_reason: 'tool_calls',
      logprobs: { content: [{ token: 'mark-token', logprob: -0.5, bytes: null, top_logprobs: [] }], refusal: null },
      message: {
        role: 'assistant',
        content: 'mark-text',
        refusal: 'mark-refusal',
        annotations: [
          {
            type: 'url_citation',
            url_citation: { url: 'https://mark-url.example', title: 'mark-title', start_index: 0, end_index: 4 },
          },
        ],
        reasoning_content: 'mark-thought',
        tool_calls: [
          { id: 'call_mark-1', type: 'function', function: { name: 'mark-tool', arguments: '{"a":"mark-argument"}' } },
          { id: 'call_mark-2', type: 'custom', custom: { name: 'mark-custom', input: 'mark-input' } },
        ],
      },
    },
  ],
  usage: {
    prompt_tokens: 3_519,
    completion_tokens: 311,
    total_tokens: 3_830,
    prompt_tokens_details: { cached_tokens: 2_003, cache_write_tokens: 507, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 57, accepted_prediction_tokens: 0 },
  },
};
