type Delta = Readonly<Record<string, unknown>>;

function chunk(delta: Delta, more: Delta = {}, beside: Delta = {}): { readonly data: object } {
  const choice = { index: 0, delta, finish_reason: null, ...more };
  return {
    data: { id: 'chatcmpl-1', object: 'chat.completion.chunk', model: 'mark-model', choices: [choice], ...beside },
  };
}

/** The chunks of a streamed Chat Completions answer with values that stand nowhere else. */
export const chatStream: readonly { readonly data: object }[] = [
  chunk(
    { role: 'assistant', content: '' },
    {},
    { system_fingerprint: 'mark-fingerprint', obfuscation: 'mark-padding' },
  ),
  chunk({ reasoning_content: 'mark-thought' }),
  chunk({ content: 'mark-text' }),
  chunk(
    { content: 'mark-probable' },
    { logprobs: { content: [{ token: 'mark-token', logprob: -1, bytes: null, top_logprobs: [] }] } },
  ),
  chunk({
    annotations: [{ type: 'url_citation', url_citation: { url: 'https://mark-url.example', title: 'mark-title' } }],
  }),
  chunk({ refusal: 'mark-refusal' }),
  chunk({
    tool_calls: [{ index: 0, id: 'call-1', type: 'function', function: { name: 'mark-tool', arguments: '{"a":' } }],
  }),
  chunk({ tool_calls: [{ index: 0, function: { arguments: '"mark-argument"}' } }] }),
  chunk({
    tool_calls: [{ index: 1, id: 'call-2', type: 'function', function: { name: 'mark-tool-two', arguments: '{}' } }],
  }),
  chunk({}, { finish_reason: 'tool_calls' }),
  {
    data: {
      id: 'chatcmpl-1',
      model: 'mark-model',
      choices: [],
      usage: { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 },
    },
  },
];
