import { type FieldFate, kept, mapped, warned } from '../table.ts';

const REPEATED = 'it repeats what the call asked for';
const AS_A_WHOLE = 'as of a whole answer';

/** Items that tell what a tool of the provider was asked, did, or gave. */
const HOSTED_ITEMS = [
  'web_search_call',
  'file_search_call',
  'code_interpreter_call',
  'computer_call',
  'computer_call_output',
  'local_shell_call',
  'local_shell_call_output',
  'shell_call',
  'shell_call_output',
  'apply_patch_call',
  'apply_patch_call_output',
  'mcp_call',
  'mcp_list_tools',
  'mcp_approval_request',
  'mcp_approval_response',
  'tool_search_call',
  'tool_search_output',
  'program',
  'program_output',
  'function_call_output',
  'custom_tool_call_output',
  'additional_tools',
] as const;

const HOSTED_EVENTS = [
  ...['in_progress', 'searching', 'completed'].flatMap((at) => [`web_search_call.${at}`, `file_search_call.${at}`]),
  ...['in_progress', 'interpreting', 'completed'].map((at) => `code_interpreter_call.${at}`),
  ...['code_interpreter_call_code.delta', 'code_interpreter_call_code.done'],
  ...['in_progress', 'completed', 'failed'].flatMap((at) => [`mcp_call.${at}`, `mcp_list_tools.${at}`]),
  ...['mcp_call_arguments.delta', 'mcp_call_arguments.done'],
  ...['added', 'delta', 'done'].map((at) => `shell_call_command.${at}`),
  ...['delta', 'done'].map((at) => `shell_call_output_content.${at}`),
  'compaction.compacting',
] as const;

/** What is said of an answer as a whole. */
function whole(noPlace: string): FieldFate[] {
  return [
    kept('model'),
    mapped('object', 'the client reads an answer in its own dialect'),
    mapped('error', 'the call ends with this error', { whole: true }),
    mapped('output_text', "put there by the vendor's own library; the texts of the items say the same"),
    mapped('output', 'the parts of the answer, in their order'),
    warned(
      [
        'background',
        'instructions',
        'max_output_tokens',
        'max_tool_calls',
        'metadata',
        'parallel_tool_calls',
        'previous_response_id',
        'prompt',
        'prompt_cache_key',
        'prompt_cache_options',
        'prompt_cache_retention',
        'reasoning',
        'safety_identifier',
        'temperature',
        'text',
        'tool_choice',
        'tools',
        'top_logprobs',
        'top_p',
        'truncation',
        'user',
      ],
      REPEATED,
    ),
    warned(
      [
        'access_programs',
        'completed_at',
        'conversation',
        'image',
        'moderation',
        'prompt_cache_diagnostics',
        'tool_usage',
      ],
      noPlace,
    ),
  ].flat();
}

function items(noPlace: string): FieldFate[] {
  return [
    mapped(
      ['output[message].role', 'output[message].id', 'output[message].status'],
      'one message is all of the answer',
    ),
    warned('output[message].phase', noPlace),
    warned('output[reasoning].status', noPlace),
    warned(
      ['function_call', 'custom_tool_call'].flatMap((type) =>
        ['id', 'async', 'caller', 'namespace'].map((name) => `output[${type}].${name}`),
      ),
      noPlace,
    ),
    mapped('output[function_call].status', 'a call is complete'),
    warned(
      ['container_file_citation', 'file_citation', 'file_path'].map(
        (type) => `output[message].content[output_text].annotations[${type}]`,
      ),
      'a file that lies at another provider is not cited',
    ),
    warned(
      HOSTED_ITEMS.map((type) => `output[${type}]`),
      'what a tool of the provider did is not told in this dialect',
    ),
    warned('output[compaction]', noPlace),
    warned('output[*]', 'an item of this type is not known to this gateway'),
  ].flat();
}

function stream(noPlace: string): FieldFate[] {
  const events = (names: readonly string[]) => names.map((name) => `stream(response.${name})`);
  return [
    mapped(
      events(['created', 'completed', 'incomplete']).map((event) => `${event}.response`),
      AS_A_WHOLE,
      { whole: true },
    ),
    mapped('stream(response.failed).response', 'the stream ends with this error', { whole: true }),
    mapped(
      ['code', 'message', 'param'].map((name) => `stream(error).${name}`),
      'the stream ends with this error',
    ),
    mapped(
      events(['output_item.added', 'output_item.done']).map((event) => `${event}.item`),
      AS_A_WHOLE,
      { whole: true },
    ),
    mapped(
      events(['output_text.delta', 'refusal.delta']).map((event) => `${event}.delta`),
      'a piece of the text',
    ),
    mapped(
      events(['reasoning_text.delta', 'reasoning_summary_text.delta']).map((event) => `${event}.delta`),
      'a piece of the thought',
    ),
    mapped(
      events(['function_call_arguments.delta', 'custom_tool_call_input.delta']).map((event) => `${event}.delta`),
      'a piece of the arguments',
    ),
    warned(events(HOSTED_EVENTS), 'what a tool of the provider did is not told in this dialect'),
    warned(events(['audio.delta', 'audio.done', 'audio.transcript.delta', 'audio.transcript.done']), noPlace),
  ].flat();
}

/** Events that only say once more what others said, or where in the answer it stands. */
const REPEATING: readonly FieldFate[] = mapped(
  [
    'in_progress',
    'queued',
    'content_part.added',
    'content_part.done',
    'output_text.done',
    'refusal.done',
    'reasoning_text.done',
    'reasoning_summary_text.done',
    'reasoning_summary_part.added',
    'reasoning_summary_part.done',
    'function_call_arguments.done',
    'custom_tool_call_input.done',
  ].map((name) => `stream(response.${name})`),
  'says once more what other events say',
  { whole: true },
);

/** Where in the answer an event belongs. */
const POSITIONS: readonly FieldFate[] = [
  warned('stream.obfuscation', 'events are not padded', { extra: true }),
  mapped('stream.sequence_number', 'the client numbers events as its dialect does'),
  mapped(
    ['item_id', 'output_index', 'content_index', 'summary_index'].map((name) => `stream.${name}`),
    'parts are numbered as the dialect of the client does',
  ),
].flat();

/**
 * What a Responses provider answers that has the same fate for each client of
 * another dialect.
 *
 * @param noPlace why the rest is lost, as in `an answer of the Messages dialect has no place for it`
 */
export function responsesAnswer(noPlace: string): FieldFate[] {
  return [...whole(noPlace), ...items(noPlace), ...stream(noPlace), ...REPEATING, ...POSITIONS];
}
