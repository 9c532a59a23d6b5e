const call = { type: 'direct' };

/** An answer of Messages in which each value that a client would miss stands nowhere else. */
export const messagesAnswer = {
  id: 'msg_mark-id',
  type: 'message',
  role: 'assistant',
  model: 'mark-model',
  container: null,
  diagnostics: null,
  stop_reason: 'tool_use',
  stop_sequence: 'mark-sequence',
  stop_details: null,
  content: [
    { type: 'thinking', thinking: 'mark-thought', signature: 'mark-signature' },
    { type: 'redacted_thinking', data: 'mark-sealed' },
    {
      type: 'text',
      text: 'mark-text',
      citations: [
        {
          type: 'web_search_result_location',
          url: 'https://mark-url.example',
          title: 'mark-title',
          cited_text: 'mark-cited',
          encrypted_index: 'mark-index',
        },
        {
          type: 'char_location',
          cited_text: 'mark-quoted',
          document_index: 0,
          document_title: 'mark-document',
          start_char_index: 1,
          end_char_index: 5,
          file_id: null,
        },
      ],
    },
    { type: 'server_tool_use', id: 'srvtoolu_mark', name: 'web_search', input: { query: 'mark-query' }, caller: call },
    {
      type: 'web_search_tool_result',
      tool_use_id: 'srvtoolu_mark',
      caller: call,
      content: [
        {
          type: 'web_search_result',
          url: 'https://mark-found.example',
          title: 'mark-found',
          encrypted_content: 'mark-page',
          page_age: null,
        },
      ],
    },
    { type: 'tool_use', id: 'toolu_mark-call', name: 'mark-tool', input: { a: 'mark-argument' }, caller: call },
  ],
  usage: {
    input_tokens: 1_009,
    cache_read_input_tokens: 2_003,
    cache_creation_input_tokens: 507,
    cache_creation: { ephemeral_5m_input_tokens: 406, ephemeral_1h_input_tokens: 101 },
    output_tokens: 311,
    output_tokens_details: { thinking_tokens: 57 },
    server_tool_use: { web_search_requests: 1, web_fetch_requests: 0 },
    service_tier: 'standard',
    inference_geo: 'mark-geo',
    speed: null,
  },
};
