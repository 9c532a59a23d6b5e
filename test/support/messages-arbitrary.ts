import fc from 'fast-check';

/** A JSON object of the wire. */
export type Wire = Record<string, unknown>;

/*
 * Requests and answers of Anthropic's Messages as its own API takes and gives
 * them, those with members and blocks that no version of it has yet included.
 */

const text = fc.string({ unit: 'grapheme', minLength: 0, maxLength: 12 }).map((tail) => `x${tail}`);
const name = fc.stringMatching(/^[a-z][a-z0-9_-]{0,12}$/);
const key = fc.stringMatching(/^[a-z][a-z0-9]{0,6}$/);
const plain = fc.oneof(fc.string(), fc.integer(), fc.boolean());
const opaque = fc.dictionary(key, fc.oneof(plain, fc.array(plain, { maxLength: 3 }), fc.dictionary(key, plain)), {
  maxKeys: 3,
});
/** A member that is not known, on whatever it is put. */
const future = { zz_future: opaque };

function block(
  type: string,
  required: Record<string, fc.Arbitrary<unknown>>,
  optional: Record<string, fc.Arbitrary<unknown>> = {},
) {
  return fc
    .record({ ...required, ...optional }, { requiredKeys: Object.keys(required) })
    .map((members): Wire => ({ type, ...members }));
}

const cacheControl = fc.constantFrom(
  { type: 'ephemeral' },
  { type: 'ephemeral', ttl: '5m' },
  { type: 'ephemeral', ttl: '1h' },
);
const marked = { cache_control: cacheControl };

const citation = fc.oneof(
  block(
    'char_location',
    { cited_text: text, document_index: fc.nat(), start_char_index: fc.nat(), end_char_index: fc.nat() },
    { document_title: text },
  ),
  block('page_location', {
    cited_text: text,
    document_index: fc.nat(),
    start_page_number: fc.nat(),
    end_page_number: fc.nat(),
  }),
  block('content_block_location', {
    cited_text: text,
    document_index: fc.nat(),
    start_block_index: fc.nat(),
    end_block_index: fc.nat(),
  }),
  block('search_result_location', {
    cited_text: text,
    search_result_index: fc.nat(),
    source: text,
    start_block_index: fc.nat(),
    end_block_index: fc.nat(),
  }),
  block('web_search_result_location', { cited_text: text, url: fc.webUrl(), encrypted_index: text }, { title: text }),
  block('zz_location', future),
);
const cited = { citations: fc.array(citation, { minLength: 1, maxLength: 2 }) };
const citable = { citations: fc.record({ enabled: fc.boolean() }) };

const base64 = fc.base64String({ minLength: 4, maxLength: 16 });
const fileSource = block('file', { file_id: name });
const urlSource = block('url', { url: fc.webUrl() });
const image = block(
  'image',
  {
    source: fc.oneof(
      block('base64', { media_type: fc.constantFrom('image/png', 'image/webp'), data: base64 }),
      urlSource,
      fileSource,
    ),
  },
  { ...marked, transformations: fc.constant({ oversized_image: 'downsize' }) },
);
const plainText = block('text', { text }, marked);
const document = block(
  'document',
  {
    source: fc.oneof(
      block('base64', { media_type: fc.constant('application/pdf'), data: base64 }),
      block('text', { media_type: fc.constant('text/plain'), data: text }),
      block('content', { content: fc.array(fc.oneof(plainText, image), { minLength: 1, maxLength: 2 }) }),
      urlSource,
      fileSource,
      block('zz_source', future),
    ),
  },
  { ...marked, ...citable, title: text, context: text },
);
const searchResult = block(
  'search_result',
  { source: text, title: text, content: fc.array(plainText, { minLength: 1, maxLength: 2 }) },
  { ...marked, ...citable },
);

const caller = {
  caller: fc.constantFrom({ type: 'direct' }, { type: 'code_execution_20260120', tool_id: 'srvtoolu_1' }),
};
const toolUse = block('tool_use', { id: name, name, input: opaque }, { ...caller, toolset_name: name });
const hosted = fc.oneof(
  block(
    'server_tool_use',
    { id: name, name: fc.constantFrom('web_search', 'bash_code_execution', 'zz_tool'), input: opaque },
    caller,
  ),
  block('mcp_tool_use', { id: name, name, input: opaque, server_name: name }),
  block('web_search_tool_result', { tool_use_id: name, content: fc.array(opaque, { maxLength: 2 }) }),
  block('mcp_tool_result', {
    tool_use_id: name,
    is_error: fc.boolean(),
    content: fc.array(plainText, { maxLength: 1 }),
  }),
  block('container_upload', { file_id: name }),
  block('zz_block', future),
);
const thinking = fc.oneof(
  block('thinking', { thinking: text, signature: base64 }),
  block('thinking', { thinking: fc.constant(''), signature: base64 }),
  block('redacted_thinking', { data: base64 }),
);
const citedText = block('text', { text }, cited);
const toolReference = block('tool_reference', { tool_name: name }, { ...marked, ...future });
const toolResult = block(
  'tool_result',
  { tool_use_id: name },
  {
    ...marked,
    content: fc.oneof(
      text,
      fc.array(fc.oneof(plainText, image, document, searchResult, toolReference), { minLength: 1, maxLength: 3 }),
    ),
    is_error: fc.boolean(),
  },
);

const content = (blocks: fc.Arbitrary<Wire>) => fc.oneof(text, fc.array(blocks, { minLength: 1, maxLength: 4 }));
const userMessage = fc.record({
  role: fc.constant('user'),
  content: content(fc.oneof(plainText, image, document, searchResult, toolResult)),
});
const assistantMessage = fc.record({
  role: fc.constant('assistant'),
  content: content(fc.oneof(citedText, toolUse, thinking, hosted)),
});
const systemMessage = fc.record({ role: fc.constant('system'), content: content(plainText) });

/** Turns in their order, ending with what the user says last. */
const messages = fc
  .tuple(fc.array(fc.tuple(userMessage, fc.option(systemMessage), assistantMessage), { maxLength: 2 }), text)
  .map(([turns, last]) => [...turns.flat().filter((message) => message !== null), { role: 'user', content: last }]);

const clientTool = fc.record(
  {
    name,
    input_schema: opaque.map((properties) => ({ type: 'object', properties })),
    description: text,
    strict: fc.constant(true),
    cache_control: cacheControl,
    allowed_callers: fc.constant(['direct']),
    defer_loading: fc.boolean(),
    ...future,
  },
  { requiredKeys: ['name', 'input_schema'] },
);
const providerTool = fc.oneof(
  block(
    'web_search_20260318',
    { name: fc.constant('web_search') },
    { max_uses: fc.nat(), allowed_domains: fc.array(fc.domain()), ...marked },
  ),
  block('computer_toolset_20260801', {}, marked),
  block('zz_tool_20300101', { name, ...future }),
);
const toolChoice = fc.oneof(
  block('auto', {}, { disable_parallel_tool_use: fc.boolean() }),
  block('any', {}, { disable_parallel_tool_use: fc.boolean() }),
  block('tool', { name }, { disable_parallel_tool_use: fc.boolean() }),
  block('none', {}),
);

/** What the API does not take together is not asked together. */
const ways = fc.oneof(
  fc.record(
    {
      temperature: fc.double({ min: 0, max: 1, noNaN: true }),
      top_p: fc.double({ min: 0, max: 1, noNaN: true }),
      top_k: fc.nat(),
      tool_choice: toolChoice,
    },
    { requiredKeys: [] },
  ),
  fc.record({
    thinking: fc.oneof(
      block(
        'enabled',
        { budget_tokens: fc.integer({ min: 1024, max: 9_999 }) },
        { display: fc.constantFrom('summarized', 'omitted') },
      ),
      block('adaptive', {}, { display: fc.constantFrom('summarized', 'omitted') }),
      block('disabled', {}),
      block('between_tools', {}),
    ),
  }),
);

/** A Messages request. */
export const messagesRequest: fc.Arbitrary<Wire> = fc
  .tuple(
    fc.record(
      {
        model: fc.constant('a-model'),
        max_tokens: fc.integer({ min: 10_000, max: 99_999 }),
        messages,
        system: content(plainText),
        stream: fc.constant(true),
        stop_sequences: fc.array(text, { minLength: 1, maxLength: 5 }),
        tools: fc.array(fc.oneof(clientTool, providerTool), { minLength: 1, maxLength: 3 }),
        metadata: fc.record({ user_id: text, ...future }, { requiredKeys: [] }),
        service_tier: fc.constantFrom('auto', 'standard_only'),
        cache_control: cacheControl,
        output_config: fc.record(
          {
            effort: fc.constantFrom('low', 'medium', 'high', 'xhigh', 'max', 'zz'),
            format: block('json_schema', { schema: opaque }),
            ...future,
          },
          { requiredKeys: [] },
        ),
        container: name,
        mcp_servers: fc.array(opaque, { maxLength: 1 }),
        inference_geo: fc.constant('us'),
        ...future,
      },
      { requiredKeys: ['model', 'max_tokens', 'messages'] },
    ),
    ways,
  )
  .map(([request, way]) => withoutIdleChoice({ ...request, ...way }));

/** A choice among no tools is none. */
function withoutIdleChoice({ tool_choice: choice, ...request }: Wire): Wire {
  return choice === undefined || request['tools'] === undefined ? request : { ...request, tool_choice: choice };
}

const usage = fc.record(
  {
    input_tokens: fc.nat(),
    output_tokens: fc.nat(),
    cache_creation_input_tokens: fc.nat(),
    cache_read_input_tokens: fc.nat(),
    cache_creation: fc.record({ ephemeral_5m_input_tokens: fc.nat(), ephemeral_1h_input_tokens: fc.nat() }),
    output_tokens_details: fc.record({ thinking_tokens: fc.nat() }),
    server_tool_use: fc.record({ web_search_requests: fc.nat(), web_fetch_requests: fc.nat() }),
    service_tier: fc.constantFrom('standard', 'priority', 'batch'),
    ...future,
  },
  { requiredKeys: ['input_tokens', 'output_tokens'] },
);

const ending = fc.oneof(
  fc
    .constantFrom('end_turn', 'max_tokens', 'tool_use', 'pause_turn', 'model_context_window_exceeded', 'zz_reason')
    .map((stop_reason) => ({ stop_reason })),
  text.map((stop_sequence) => ({ stop_reason: 'stop_sequence', stop_sequence })),
  fc.constant({ stop_reason: 'refusal', stop_details: { type: 'refusal', category: 'cyber', explanation: 'no' } }),
);

/** A whole answer of Messages. */
export const messagesAnswer: fc.Arbitrary<Wire> = fc
  .tuple(
    fc.record(
      {
        id: name.map((tail) => `msg_${tail}`),
        type: fc.constant('message'),
        role: fc.constant('assistant'),
        model: name,
        content: fc.array(fc.oneof(citedText, toolUse, thinking, hosted), { maxLength: 5 }),
        usage,
        container: fc.record({ id: name, expires_at: text }),
      },
      { requiredKeys: ['id', 'type', 'role', 'model', 'content', 'usage'] },
    ),
    ending,
  )
  .map(([message, end]) => ({ ...message, ...end }));

/**
 * The same with what says nothing left out, in whatever way it is written:
 * `null`, an empty list or object, a text as a list of one block.
 */
export function meaningOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(meaningOf);
  if (typeof value !== 'object' || value === null) return value;
  const meant: Wire = {};
  for (const [member, each] of Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1))) {
    if (each === null || each === undefined) continue;
    if (SAYS_NOTHING_EMPTY.has(member) && Object.keys(each).length === 0) continue;
    meant[member] =
      CONTENT_MEMBERS.has(member) && typeof each === 'string' ? [{ text: each, type: 'text' }] : meaningOf(each);
  }
  return meant;
}

const SAYS_NOTHING_EMPTY: ReadonlySet<string> = new Set(['citations', 'metadata', 'output_config']);
const CONTENT_MEMBERS: ReadonlySet<string> = new Set(['content', 'system']);
