import fc from 'fast-check';
import type { Wire } from './responses-stream.ts';

/*
 * Requests and answers of the Responses API as OpenAI takes and gives them,
 * those with members and items that no version of it has yet included. What it
 * fills in by itself is always said.
 */

const text = fc.string({ unit: 'grapheme', minLength: 0, maxLength: 12 }).map((tail) => `x${tail}`);
const name = fc.stringMatching(/^[a-z][a-z0-9_-]{0,12}$/);
const key = fc.stringMatching(/^[a-z][a-z0-9]{0,6}$/);
const plain = fc.oneof(fc.string(), fc.integer(), fc.boolean());
const opaque = fc.dictionary(key, fc.oneof(plain, fc.array(plain, { maxLength: 3 })), { maxKeys: 3 });
const base64 = fc.base64String({ minLength: 4, maxLength: 16 });
/** A member that is not known, on whatever it is put. */
const future = { zz_future: opaque };
const schema = opaque.map((properties) => ({ type: 'object', properties }));
const id = (prefix: string) => name.map((tail) => `${prefix}_${tail}`);

function typed(
  type: string,
  required: Record<string, fc.Arbitrary<unknown>>,
  optional: Record<string, fc.Arbitrary<unknown>> = {},
) {
  return fc
    .record({ ...required, ...optional }, { requiredKeys: Object.keys(required) })
    .map((members): Wire => ({ type, ...members }));
}

const marked = {
  prompt_cache_breakpoint: fc.constantFrom({ mode: 'explicit' }, { mode: 'explicit', ttl: '12h' }),
};
const detail = fc.constantFrom('low', 'high', 'auto', 'original');
const inputPart = fc.oneof(
  typed('input_text', { text }, marked),
  typed('input_image', { image_url: base64.map((data) => `data:image/png;base64,${data}`), detail }, marked),
  typed('input_image', { file_id: id('file'), detail }, marked),
  typed(
    'input_file',
    { file_data: base64.map((data) => `data:application/pdf;base64,${data}`), filename: text },
    marked,
  ),
  typed('input_file', { file_url: fc.webUrl() }, { ...marked, filename: text, detail: fc.constant('low') }),
  typed('input_file', { file_id: id('file') }, marked),
  typed('input_zz', future),
);
const inputContent = fc.oneof(text, fc.array(inputPart, { minLength: 1, maxLength: 3 }));

const annotation = fc.oneof(
  typed('url_citation', { url: fc.webUrl(), title: text, start_index: fc.nat(), end_index: fc.nat() }),
  typed('file_citation', { file_id: id('file'), filename: text, index: fc.nat() }),
  typed('container_file_citation', { container_id: id('cntr'), file_id: id('cfile'), filename: text }),
  typed('zz_citation', future),
);
const outputText = typed('output_text', { text, annotations: fc.array(annotation, { maxLength: 2 }) });
const outputPart = fc.oneof(outputText, typed('refusal', { refusal: text }));
const status = fc.constant('completed');
const message = typed(
  'message',
  {
    id: id('msg'),
    status,
    role: fc.constant('assistant'),
    content: fc.array(outputPart, { minLength: 1, maxLength: 2 }),
  },
  { phase: fc.constantFrom('commentary', 'final_answer'), ...future },
);
const summary = fc.array(typed('summary_text', { text }), { maxLength: 1 });
const reasoning = typed('reasoning', { id: id('rs'), summary, encrypted_content: base64.map((seal) => `g${seal}`) });

const call = fc.oneof(
  typed(
    'function_call',
    { id: id('fc'), status, call_id: id('call'), name, arguments: opaque.map((value) => JSON.stringify(value)) },
    future,
  ),
  typed('custom_tool_call', { id: id('ctc'), status, call_id: id('call'), name, input: text }, future),
);
const hosted = fc.oneof(
  typed('file_search_call', { id: id('fs'), status, queries: fc.array(text), results: fc.array(opaque) }),
  typed('code_interpreter_call', {
    id: id('ci'),
    status,
    code: text,
    container_id: id('cntr'),
    outputs: fc.array(opaque),
  }),
  typed('image_generation_call', {
    id: id('ig'),
    status,
    result: base64,
    output_format: fc.constantFrom('png', 'webp'),
  }),
  typed('mcp_approval_request', { id: id('mcpr'), server_label: name, name, arguments: text }),
  typed('mcp_call', { id: id('mcp'), server_label: name, name, arguments: text, output: text }),
  typed('shell_call', { id: id('sh'), call_id: id('call'), status, action: opaque }),
  typed('local_shell_call', { id: id('lsh'), call_id: id('call'), status, action: opaque }),
  typed('apply_patch_call', { id: id('apc'), call_id: id('call'), status, operation: opaque }),
  typed('computer_call', { id: id('cu'), call_id: id('call'), status, action: opaque }),
  typed('tool_search_call', { id: id('tsc'), status, arguments: opaque }),
  typed('tool_search_output', { id: id('tso'), status, tools: fc.array(opaque) }),
  typed('compaction', { id: id('cmp'), encrypted_content: base64 }),
  typed('zz_item', { id: id('zz'), ...future }),
);
/** What of hosted tools is told in answers, and left out of histories that are told to another provider. */
const untold = fc.oneof(
  typed('web_search_call', {
    id: id('ws'),
    status,
    action: fc.oneof(typed('search', { query: text }), typed('open_page', { url: fc.webUrl() })),
  }),
  typed('mcp_list_tools', { id: id('mcpl'), server_label: name, tools: fc.array(opaque) }),
);

/** A turn of the assistant's: a thought stands before what it led to. */
function turnOf(item: fc.Arbitrary<Wire>): fc.Arbitrary<Wire[]> {
  const step = fc
    .tuple(fc.option(reasoning, { nil: undefined }), item)
    .map((items) => items.filter((each) => each !== undefined));
  return fc.array(step, { minLength: 1, maxLength: 3 }).map((steps) => distinct(steps.flat()));
}

/** Items have names of their own. */
function distinct(items: readonly Wire[]): Wire[] {
  return items.map((item, at) => ({
    ...item,
    id: `${String(item['id'])}${at}`,
    ...(typeof item['call_id'] === 'string' ? { call_id: `${item['call_id']}${at}` } : {}),
  }));
}

const said = fc.record(
  { type: fc.constant('message'), role: fc.constantFrom('user', 'developer'), content: inputContent },
  { requiredKeys: ['type', 'role', 'content'] },
);

/** What the client answers the calls of a turn. */
function results(items: readonly Wire[], output: unknown): Wire[] {
  return items.flatMap(({ type, call_id }) => {
    if (type === 'function_call') return [{ type: 'function_call_output', call_id, output }];
    return type === 'custom_tool_call' ? [{ type: 'custom_tool_call_output', call_id, output }] : [];
  });
}

const turns = fc.array(
  fc
    .tuple(said, turnOf(fc.oneof(message, call, hosted)), inputContent)
    .map(([asked, items, output]) => [asked, ...items, ...results(items, output)]),
  { maxLength: 2 },
);
const input = fc.oneof(
  text,
  fc.tuple(turns, said).map(([earlier, last]) => [...earlier.flat(), last]),
);

const tool = fc.oneof(
  typed(
    'function',
    { name, parameters: schema, strict: fc.boolean() },
    { description: text, defer_loading: fc.boolean() },
  ),
  typed(
    'custom',
    { name },
    { description: text, format: typed('grammar', { syntax: fc.constant('lark'), definition: text }) },
  ),
  typed(
    'web_search',
    {},
    { search_context_size: fc.constantFrom('low', 'high'), filters: fc.constant({ allowed_domains: ['a.example'] }) },
  ),
  typed('file_search', { vector_store_ids: fc.array(name) }),
  typed('mcp', { server_label: name, server_url: fc.webUrl() }),
  typed('zz_tool', future),
);

const format = fc.oneof(
  typed('text', {}),
  typed('json_object', {}),
  typed('json_schema', { name, schema }, { description: text, strict: fc.boolean() }),
);

const base = fc.record(
  {
    model: fc.constant('a-model'),
    input,
    include: fc.constantFrom(
      ['reasoning.encrypted_content'],
      ['web_search_call.action.sources', 'reasoning.encrypted_content', 'message.output_text.logprobs'],
    ),
    store: fc.boolean(),
    instructions: text,
    stream: fc.constant(true),
    tools: fc.array(tool, { minLength: 1, maxLength: 3 }),
    parallel_tool_calls: fc.boolean(),
    max_output_tokens: fc.integer({ min: 16, max: 99_999 }),
    temperature: fc.double({ min: 0, max: 2, noNaN: true }),
    top_p: fc.double({ min: 0, max: 1, noNaN: true }),
    text: fc.record({ format, verbosity: fc.constantFrom('low', 'medium', 'high'), ...future }),
    reasoning: fc.record(
      {
        effort: fc.constantFrom('none', 'minimal', 'low', 'medium', 'high'),
        summary: fc.constantFrom('auto', 'concise', 'detailed'),
        context: fc.constant('auto'),
      },
      { requiredKeys: ['effort'] },
    ),
    metadata: fc.dictionary(key, text, { maxKeys: 2 }),
    service_tier: fc.constantFrom('auto', 'flex', 'priority'),
    prompt_cache_key: text,
    user: name,
    safety_identifier: name,
    truncation: fc.constantFrom('auto', 'disabled'),
    max_tool_calls: fc.nat(),
    ...future,
  },
  { requiredKeys: ['model', 'input', 'include', 'store'] },
);

const choice = fc.constantFrom<unknown[]>(
  'auto',
  'none',
  'required',
  { type: 'function', name: 'a-function' },
  {
    type: 'allowed_tools',
    mode: 'auto',
    tools: [
      { type: 'function', name: 'a-function' },
      { type: 'custom', name: 'a-custom-one' },
    ],
  },
);

const ownTools: readonly Wire[] = [
  { type: 'function', name: 'a-function', parameters: { type: 'object', properties: {} }, strict: true },
  { type: 'custom', name: 'a-custom-one' },
];

/** A request of the Responses API. */
export const responsesRequest: fc.Arbitrary<Wire> = fc
  .tuple(base, fc.option(choice, { nil: undefined }))
  .map(([{ parallel_tool_calls: parallel, ...request }, tool_choice]): Wire => {
    if (request['tools'] === undefined) return request;
    const more = parallel === undefined ? {} : { parallel_tool_calls: parallel };
    if (tool_choice === undefined) return { ...request, ...more };
    return { ...request, ...more, tools: [...(request['tools'] as Wire[]), ...ownTools], tool_choice };
  });

const usage = fc
  .record({
    input_tokens: fc.nat(9_999),
    output_tokens: fc.nat(9_999),
    cached: fc.nat(9),
    written: fc.nat(9),
    thought: fc.nat(9),
  })
  .map(({ input_tokens, output_tokens, cached, written, thought }) => ({
    input_tokens,
    input_tokens_details: { cached_tokens: cached, cache_write_tokens: written },
    output_tokens,
    output_tokens_details: { reasoning_tokens: thought },
    total_tokens: input_tokens + output_tokens,
  }));

const ending = fc.constantFrom<Wire[]>(
  { status: 'completed', incomplete_details: null },
  { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } },
  { status: 'incomplete', incomplete_details: { reason: 'content_filter' } },
);

/** A whole answer of the Responses API. */
export const responsesAnswer: fc.Arbitrary<Wire> = fc
  .tuple(
    fc.record({
      id: id('resp'),
      object: fc.constant('response'),
      created_at: fc.nat(2_000_000_000),
      model: name,
      output: turnOf(fc.oneof(message, call, hosted, untold)),
      usage,
      error: fc.constant(null),
      service_tier: fc.constantFrom('default', 'flex'),
    }),
    ending,
  )
  .map(([response, end]) => ({ ...response, ...end }));

/**
 * The same with what says nothing left out, and a text always as a list of
 * parts, in whatever way it is written.
 */
export function meaningOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(meaningOf);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([, member]) => member !== null && member !== undefined);
  return Object.fromEntries(kept.map(([member, inner]) => [member, meaningOf(plainly(member, inner))]));
}

const TEXTS = new Set(['input', 'content', 'output']);

function plainly(member: string, value: unknown): unknown {
  if (typeof value !== 'string' || !TEXTS.has(member)) return value;
  const parts = [{ type: 'input_text', text: value }];
  return member === 'input' ? [{ type: 'message', role: 'user', content: parts }] : parts;
}
