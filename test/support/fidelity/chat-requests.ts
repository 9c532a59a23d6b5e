/**
 * Chat Completions requests that say everything which the dialect can say and
 * some provider of another one can be told; what one of them cannot is taken
 * out by what its table says. Whatever a client would miss has a value that
 * stands nowhere else: a text that begins with `mark-`, or an odd number.
 */
export const chatRequests: readonly Readonly<Record<string, unknown>>[] = [
  {
    model: 'asked',
    stream: true,
    stream_options: { include_usage: true },
    safety_identifier: 'mark-who',
    service_tier: 'auto',
    max_completion_tokens: 7_001,
    response_format: {
      type: 'json_schema',
      json_schema: { name: 'n', strict: true, schema: { title: 'mark-schema' } },
    },
    temperature: 0.437,
    top_p: 0.963,
    top_k: 41,
    stop: ['mark-stop'],
    cache_control: { type: 'ephemeral', ttl: '1h' },
    parallel_tool_calls: false,
    tool_choice: { type: 'function', function: { name: 'mark-weather' } },
    tools: [
      {
        type: 'function',
        function: {
          name: 'mark-weather',
          description: 'mark-tool',
          strict: true,
          parameters: { title: 'mark-arguments' },
        },
        cache_control: { type: 'ephemeral' },
      },
      { type: 'custom', custom: { name: 'mark-shell', description: 'mark-custom', format: { type: 'text' } } },
    ],
    web_search_options: {
      user_location: {
        type: 'approximate',
        approximate: { city: 'mark-city', country: 'mark-country', region: 'mark-region', timezone: 'mark-zone' },
      },
    },
    messages: [
      {
        role: 'system',
        content: [
          { type: 'text', text: 'mark-system', prompt_cache_breakpoint: { mode: 'explicit', ttl: '30m' } },
          { type: 'text', text: 'mark-system-two', cache_control: { type: 'ephemeral' } },
        ],
      },
      { role: 'developer', content: 'mark-developer' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'mark-user' },
          {
            type: 'image_url',
            image_url: { url: 'https://mark-image.example/a.png', detail: 'auto' },
            cache_control: { type: 'ephemeral' },
          },
          {
            type: 'image_url',
            image_url: { url: 'data:image/png;base64,bWFyay1weA==' },
            prompt_cache_breakpoint: { mode: 'explicit' },
          },
          {
            type: 'file',
            file: { file_data: 'data:application/pdf;base64,bWFyay1wZGY=', filename: 'mark-name.pdf' },
            prompt_cache_breakpoint: { mode: 'explicit' },
          },
          {
            type: 'file',
            file: { file_data: 'data:application/pdf;base64,bWFyay1wZGYy', filename: 'b.pdf' },
            cache_control: { type: 'ephemeral' },
          },
        ],
      },
      {
        role: 'assistant',
        content: [
          { type: 'text', text: 'mark-said' },
          { type: 'refusal', refusal: 'mark-refused' },
        ],
        reasoning_details: [
          {
            type: 'reasoning.text',
            text: 'mark-thought',
            signature: 'mark-signature',
            format: 'anthropic-claude-v1',
            index: 0,
          },
        ],
        tool_calls: [
          {
            id: 'mark-call-1',
            type: 'function',
            index: 0,
            function: { name: 'mark-called', arguments: '{"a":"mark-argument"}', parsed_arguments: {} },
          },
          { id: 'mark-call-2', type: 'custom', custom: { name: 'mark-shell', input: 'mark-input' } },
        ],
      },
      { role: 'tool', tool_call_id: 'mark-call-1', name: 'mark-called', content: 'mark-result' },
      { role: 'tool', tool_call_id: 'mark-call-2', content: [{ type: 'text', text: 'mark-result-two' }] },
      { role: 'user', content: 'mark-more' },
      { role: 'assistant', content: null, refusal: 'mark-refusal', parsed: {} },
      { role: 'system', content: 'mark-later' },
      { role: 'user', content: 'mark-last' },
    ],
  },
  {
    model: 'asked',
    user: 'mark-user-id',
    max_tokens: 6_003,
    reasoning_effort: 'low',
    response_format: { type: 'text' },
    functions: [{ name: 'mark-older', description: 'mark-older-what', parameters: { title: 'mark-older-arguments' } }],
    function_call: { name: 'mark-older' },
    messages: [
      { role: 'user', content: 'mark-question' },
      {
        role: 'assistant',
        content: null,
        function_call: { name: 'mark-older', arguments: '{"b":"mark-older-argument"}' },
      },
      { role: 'function', name: 'mark-older', content: 'mark-older-result' },
      { role: 'assistant', content: 'x', reasoning_content: 'mark-unsigned' },
      { role: 'assistant', content: 'y', reasoning: 'mark-unsigned-too' },
    ],
  },
  {
    model: 'asked',
    max_tokens: 60_003,
    reasoning: { effort: 'high', max_tokens: 5_003, enabled: true, exclude: false },
    tools: [
      { type: 'custom', custom: { name: 'mark-pick' } },
      { type: 'function', function: { name: 'leave' } },
    ],
    tool_choice: {
      type: 'allowed_tools',
      allowed_tools: { mode: 'auto', tools: [{ type: 'custom', custom: { name: 'mark-pick' } }] },
    },
    messages: [{ role: 'user', content: 'mark-ask' }],
  },
  {
    model: 'asked',
    max_tokens: 53,
    tools: [{ type: 'custom', custom: { name: 'mark-chosen' } }],
    tool_choice: { type: 'custom', custom: { name: 'mark-chosen' } },
    messages: [{ role: 'user', content: 'x' }],
  },
  {
    model: 'asked',
    max_tokens: 60_007,
    metadata: { a: 'mark-metadata' },
    store: true,
    logprobs: true,
    top_logprobs: 3,
    verbosity: 'low',
    prompt_cache_key: 'mark-key',
    response_format: {
      type: 'json_schema',
      json_schema: { name: 'mark-format', description: 'mark-form', schema: { title: 'mark-schema' } },
    },
    web_search_options: { search_context_size: 'high' },
    tools: [
      {
        type: 'custom',
        custom: {
          name: 'mark-patch',
          format: { type: 'grammar', grammar: { syntax: 'lark', definition: 'mark-grammar' } },
        },
      },
    ],
    messages: [{ role: 'user', content: 'mark-more' }],
  },
  {
    model: 'asked',
    max_tokens: 60_009,
    response_format: { type: 'json_object' },
    messages: [{ role: 'user', content: 'mark-object' }],
  },
  {
    model: 'asked',
    max_tokens: 60_011,
    modalities: ['text', 'audio'],
    audio: { voice: 'mark-voice', format: 'pcm16' },
    n: 3,
    seed: 977,
    frequency_penalty: 0.317,
    presence_penalty: 0.213,
    tools: [{ type: 'function', function: { name: 'mark-signed' } }],
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'mark-heard' },
          { type: 'input_audio', input_audio: { data: 'bWFyay1zb3VuZA==', format: 'wav' } },
          { type: 'video_url', video_url: { url: 'https://mark-film.example/a.mp4' } },
        ],
      },
      {
        role: 'assistant',
        content: null,
        tool_calls: [
          {
            id: 'call_1',
            type: 'function',
            function: { name: 'mark-signed', arguments: '{}' },
            extra_content: { google: { thought_signature: 'c2lnbmVk' } },
          },
        ],
      },
      { role: 'tool', tool_call_id: 'call_1', content: 'mark-outcome' },
    ],
  },
];
