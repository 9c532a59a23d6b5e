const MARKER = { mode: 'explicit', ttl: '30m' };

function data(type: string, text: string): string {
  return `data:${type};base64,${Buffer.from(`mark-${text}`).toString('base64')}`;
}

/** What can stand in a message and in the result of a tool alike, each with marks of its own. */
function contents(where: string): object[] {
  return [
    { type: 'input_text', text: `mark-${where}-text`, prompt_cache_breakpoint: MARKER },
    {
      type: 'input_image',
      image_url: data('image/png', `${where}-image`),
      detail: 'auto',
      prompt_cache_breakpoint: MARKER,
    },
    { type: 'input_image', image_url: `https://mark-${where}.example/a.png`, detail: 'high' },
    {
      type: 'input_file',
      file_data: data('application/pdf', `${where}-pdf`),
      filename: `mark-${where}.pdf`,
      prompt_cache_breakpoint: MARKER,
    },
    { type: 'input_file', file_url: `https://mark-${where}-file.example/a.pdf` },
  ];
}

const DIRECT = { type: 'direct' };

/**
 * Responses requests that say everything which the dialect can say and some
 * provider of another one can be told; what one of them cannot is taken out by
 * what its table says.
 */
export const responsesRequests: readonly Readonly<Record<string, unknown>>[] = [
  {
    model: 'asked',
    stream: true,
    store: false,
    instructions: 'mark-instructions',
    max_output_tokens: 7_001,
    temperature: 0.437,
    top_p: 0.963,
    top_logprobs: 3,
    include: ['message.output_text.logprobs', 'reasoning.encrypted_content'],
    metadata: { a: 'mark-metadata' },
    safety_identifier: 'mark-who',
    service_tier: 'auto',
    prompt_cache_key: 'mark-key',
    client_metadata: { a: 'mark-client' },
    parallel_tool_calls: false,
    text: {
      verbosity: 'low',
      format: {
        type: 'json_schema',
        name: 'n',
        description: 'mark-format',
        strict: true,
        schema: { title: 'mark-schema' },
      },
    },
    tools: [
      {
        type: 'function',
        name: 'mark-weather',
        description: 'mark-tool',
        strict: true,
        parameters: { title: 'mark-arguments' },
      },
      { type: 'custom', name: 'mark-shell', description: 'mark-custom', format: { type: 'text' } },
      {
        type: 'custom',
        name: 'mark-patch',
        format: { type: 'grammar', syntax: 'lark', definition: 'mark-grammar' },
      },
      {
        type: 'namespace',
        name: 'mark-space',
        description: 'mark-space-what',
        tools: [
          {
            type: 'function',
            name: 'mark-inner',
            description: 'mark-inner-what',
            strict: false,
            parameters: { title: 'mark-inner-arguments' },
          },
          { type: 'custom', name: 'mark-inner-custom', description: 'mark-inner-text', format: { type: 'text' } },
          {
            type: 'custom',
            name: 'mark-inner-patch',
            format: { type: 'grammar', syntax: 'regex', definition: 'mark-inner-grammar' },
          },
        ],
      },
      {
        type: 'web_search',
        external_web_access: true,
        search_context_size: 'medium',
        filters: { allowed_domains: ['mark-domain.example'] },
        user_location: {
          type: 'approximate',
          city: 'mark-city',
          country: 'mark-country',
          region: 'mark-region',
          timezone: 'mark-zone',
        },
      },
      { type: 'code_interpreter', container: { type: 'auto' } },
    ],
    tool_choice: { type: 'function', name: 'mark-weather' },
    input: [
      { type: 'message', id: 'msg_1', role: 'developer', content: 'mark-developer' },
      { role: 'user', content: contents('user') },
      {
        type: 'message',
        role: 'user',
        content: [{ type: 'input_audio', input_audio: { data: 'bWFyay1zb3VuZA==', format: 'wav' } }],
      },
      {
        type: 'reasoning',
        id: 'rs_1',
        status: 'completed',
        summary: [{ type: 'summary_text', text: 'mark-summary' }],
        encrypted_content: 'mark-sealed',
      },
      {
        type: 'reasoning',
        id: 'rs_2',
        summary: [],
        content: [{ type: 'reasoning_text', text: 'mark-thought' }],
      },
      {
        type: 'message',
        id: 'msg_2',
        role: 'assistant',
        status: 'completed',
        content: [
          { type: 'output_text', text: 'mark-said', annotations: [] },
          { type: 'refusal', refusal: 'mark-refused' },
        ],
      },
      {
        type: 'image_generation_call',
        id: 'ig_1',
        status: 'completed',
        action: 'generate',
        background: 'opaque',
        error: { code: 'none' },
        output_format: 'webp',
        quality: 'high',
        revised_prompt: 'a boat',
        size: '1024x1024',
        svg_usage: {},
        result: 'bWFyay1waWN0dXJl',
      },
      {
        type: 'function_call',
        id: 'fc_1',
        status: 'completed',
        call_id: 'mark-call-1',
        name: 'mark-called',
        arguments: '{"a":"mark-argument"}',
        caller: DIRECT,
      },
      {
        type: 'function_call',
        call_id: 'mark-call-3',
        namespace: 'mark-space',
        name: 'mark-inner',
        arguments: '{}',
      },
      {
        type: 'custom_tool_call',
        id: 'ctc_1',
        call_id: 'mark-call-2',
        name: 'mark-shell',
        input: 'mark-input',
        caller: DIRECT,
      },
      {
        type: 'custom_tool_call',
        call_id: 'mark-call-4',
        namespace: 'mark-space',
        name: 'mark-inner-custom',
        input: 'i',
      },
      {
        type: 'function_call_output',
        id: 'fco_1',
        status: 'completed',
        call_id: 'mark-call-1',
        name: 'mark-called',
        output: contents('result'),
        caller: DIRECT,
      },
      { type: 'function_call_output', call_id: 'mark-call-3', namespace: 'mark-space', output: 'mark-plain-result' },
      {
        type: 'custom_tool_call_output',
        id: 'ctco_1',
        call_id: 'mark-call-2',
        output: contents('custom'),
        caller: DIRECT,
      },
      { type: 'custom_tool_call_output', call_id: 'mark-call-4', output: 'mark-plain-custom' },
      { role: 'system', content: 'mark-later' },
      { role: 'user', content: 'mark-last' },
    ],
  },
  {
    model: 'asked',
    user: 'mark-user-id',
    max_output_tokens: 6_003,
    reasoning: { effort: 'low', summary: 'auto' },
    text: { format: { type: 'text' } },
    input: 'mark-question',
  },
  {
    model: 'asked',
    max_output_tokens: 6_003,
    reasoning: { generate_summary: 'concise' },
    text: { format: { type: 'json_object' } },
    tools: [
      { type: 'custom', name: 'mark-pick' },
      { type: 'function', name: 'leave', parameters: null },
    ],
    tool_choice: { type: 'allowed_tools', mode: 'auto', tools: [{ type: 'custom', name: 'mark-pick' }] },
    input: [{ role: 'user', content: 'mark-ask' }],
  },
  {
    model: 'asked',
    tools: [{ type: 'custom', name: 'mark-chosen' }],
    tool_choice: { type: 'custom', name: 'mark-chosen' },
    input: 'x mark-x',
  },
  ...['web_search_2025_08_26', 'web_search_preview', 'web_search_preview_2025_03_11'].map((type) => ({
    model: 'asked',
    tools: [
      {
        type,
        user_location: {
          type: 'approximate',
          city: 'mark-city',
          country: 'mark-country',
          region: 'mark-region',
          timezone: 'mark-zone',
        },
        ...(type.includes('preview') ? {} : { filters: { allowed_domains: ['mark-domain.example'] } }),
      },
    ],
    tool_choice: { type },
    input: 'mark-search',
  })),
  {
    model: 'asked',
    tools: [{ type: 'web_search' }],
    tool_choice: { type: 'web_search' },
    input: 'mark-search',
  },
];
