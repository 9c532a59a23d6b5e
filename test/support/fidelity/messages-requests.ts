const MARKER = { type: 'ephemeral', ttl: '1h' };

/** What can stand in a message and in the result of a tool alike, each with marks of its own. */
function blocks(where: string): object[] {
  const source = (text: string) => Buffer.from(`mark-${where}-${text}`).toString('base64');
  return [
    { type: 'text', text: `mark-${where}-text`, cache_control: MARKER },
    {
      type: 'image',
      source: { type: 'base64', media_type: 'image/png', data: source('image') },
      cache_control: MARKER,
    },
    { type: 'image', source: { type: 'url', url: `https://mark-${where}.example/a.png` } },
    {
      type: 'document',
      title: `mark-${where}-title.pdf`,
      context: `mark-${where}-context`,
      citations: { enabled: false },
      source: { type: 'base64', media_type: 'application/pdf', data: source('pdf') },
      cache_control: MARKER,
    },
    { type: 'document', source: { type: 'url', url: `https://mark-${where}-far.example/a.pdf` } },
    { type: 'document', source: { type: 'text', media_type: 'text/plain', data: `mark-${where}-plain` } },
    {
      type: 'document',
      source: {
        type: 'content',
        content: [
          { type: 'text', text: `mark-${where}-inside`, cache_control: MARKER },
          {
            type: 'image',
            source: { type: 'base64', media_type: 'image/png', data: source('in') },
            cache_control: MARKER,
          },
          { type: 'image', source: { type: 'url', url: `https://mark-${where}-in.example/a.png` } },
        ],
      },
    },
    {
      type: 'search_result',
      title: `mark-${where}-found`,
      source: `mark-${where}-source`,
      content: [{ type: 'text', text: `mark-${where}-passage`, cache_control: MARKER }],
    },
    {
      type: 'search_result',
      title: `mark-${where}-found-two`,
      source: `mark-${where}-source-two`,
      content: [{ type: 'text', text: `mark-${where}-passage-two` }],
      cache_control: MARKER,
    },
  ];
}

/** The same for Messages requests. */
export const messagesRequests: readonly Readonly<Record<string, unknown>>[] = [
  {
    model: 'asked',
    stream: true,
    max_tokens: 7_001,
    metadata: { user_id: 'mark-who' },
    service_tier: 'auto',
    stop_sequences: ['mark-stop'],
    temperature: 0.437,
    top_p: 0.963,
    top_k: 41,
    system: [{ type: 'text', text: 'mark-system', cache_control: MARKER }],
    cache_control: MARKER,
    thinking: { type: 'enabled', budget_tokens: 5_003, display: 'summarized' },
    output_config: { format: { type: 'json_schema', schema: { title: 'mark-schema' } } },
    tools: [
      {
        name: 'mark-weather',
        description: 'mark-tool',
        strict: true,
        input_schema: { type: 'object', title: 'mark-arguments' },
        eager_input_streaming: true,
        cache_control: MARKER,
      },
      { type: 'custom', name: 'mark-other', input_schema: { type: 'object' } },
    ],
    tool_choice: { type: 'auto', disable_parallel_tool_use: true },
    messages: [
      { role: 'user', content: blocks('user') },
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: 'mark-thought', signature: 'sig' },
          { type: 'redacted_thinking', data: 'mark-sealed' },
          { type: 'text', text: 'mark-said' },
          {
            type: 'tool_use',
            id: 'mark-call-1',
            name: 'mark-called',
            input: { a: 'mark-argument' },
            caller: { type: 'direct' },
          },
          { type: 'tool_use', id: 'mark-call-2', name: 'mark-called-too', input: {} },
          { type: 'tool_use', id: 'mark-call-3', name: 'mark-called-last', input: {} },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'mark-call-1', content: blocks('result') },
          {
            type: 'tool_result',
            tool_use_id: 'mark-call-2',
            is_error: true,
            content: [{ type: 'tool_reference', tool_name: 'mark-reference', cache_control: MARKER }],
          },
          { type: 'tool_result', tool_use_id: 'mark-call-3', content: 'mark-plain-result', cache_control: MARKER },
          { type: 'text', text: 'mark-more' },
        ],
      },
      { role: 'system', content: 'mark-later' },
      { role: 'user', content: 'mark-last' },
    ],
  },
  {
    model: 'asked',
    max_tokens: 6_003,
    system: 'mark-instructions',
    thinking: { type: 'adaptive', display: 'omitted' },
    output_config: { effort: 'low' },
    output_format: { type: 'json_schema', schema: { title: 'mark-beta-schema' } },
    tools: [{ name: 'mark-tool', input_schema: {} }],
    tool_choice: { type: 'any', disable_parallel_tool_use: false },
    messages: [{ role: 'user', content: 'mark-question' }],
  },
  {
    model: 'asked',
    max_tokens: 67,
    thinking: { type: 'disabled' },
    tools: [{ name: 'mark-chosen', input_schema: {} }],
    tool_choice: { type: 'tool', name: 'mark-chosen', disable_parallel_tool_use: true },
    messages: [{ role: 'user', content: 'x' }],
  },
  {
    model: 'asked',
    max_tokens: 67,
    tools: [{ name: 'mark-unused', input_schema: {} }],
    tool_choice: { type: 'none' },
    messages: [{ role: 'user', content: 'x' }],
  },
  {
    model: 'asked',
    max_tokens: 67,
    tools: [
      {
        type: 'web_search_20250305',
        name: 'web_search',
        allowed_domains: ['mark-domain.example'],
        user_location: { type: 'approximate', city: 'mark-city' },
      },
      { type: 'code_execution_20250825', name: 'code_execution' },
    ],
    messages: [{ role: 'user', content: 'mark-search' }],
  },
  {
    model: 'asked',
    max_tokens: 67,
    tools: [{ type: 'web_fetch_20250910', name: 'web_fetch' }],
    messages: [{ role: 'user', content: 'mark-fetch' }],
  },
];
