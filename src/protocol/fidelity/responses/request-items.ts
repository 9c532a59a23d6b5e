import { type FieldFate, mapped, refused, warned } from '../table.ts';

const NOT_FROM_HERE = 'what a tool of another provider did cannot be told to this one';
const ONLY_ITS_MAKER = 'only its maker can read it';

const messages: readonly FieldFate[] = [
  mapped(['input', 'input[message]'], 'messages; a text is one message of role `user`'),
  mapped(['input[message].id', 'input[message].status'], 'messages of a request have no ids, and are complete'),
  warned('input[message].phase', 'messages of this dialect have no phases'),
  mapped('input[message].content', 'the text or the parts of the message'),
  mapped(['input[message].content[input_text].text', 'input[message].content[output_text].text'], 'a text part'),
  warned('input[message].content[output_text].annotations', 'what an earlier answer cited is not told again'),
  warned('input[message].content[output_text].logprobs', 'what an earlier answer weighed is not told again'),
  refused('input[message].content[*]', 'a part of this type is not known to this gateway'),
].flat();

/** Of what the client runs itself: what is asked, and what came of it. */
const calls: readonly FieldFate[] = ['function_call', 'custom_tool_call'].flatMap((type) => {
  const item = `input[${type}]`;
  const stops = type === 'function_call' ? [`${item}.id`, `${item}.status`] : [`${item}.id`];
  return [
    ...mapped(stops, 'a call has one id there, and is complete'),
    ...mapped(`${item}.namespace`, 'part of the name: `<namespace>__<name>`'),
    ...warned(`${item}.async`, 'the model waits for what it calls'),
    ...callers(item),
  ];
});

const results: readonly FieldFate[] = ['function_call_output', 'custom_tool_call_output'].flatMap((type) => {
  const item = `input[${type}]`;
  const known = type === 'function_call_output' ? ['id', 'name', 'namespace', 'status'] : ['id'];
  return [
    ...mapped(
      known.map((name) => `${item}.${name}`),
      'follows from the call',
    ),
    ...mapped(`${item}.output[input_text].text`, 'text of the result'),
    ...refused(`${item}.output[*]`, 'a part of this type is not known to this gateway'),
    ...callers(item),
  ];
});

function callers(item: string): FieldFate[] {
  return [
    ...mapped(`${item}.caller(direct)`, 'nobody else calls tools there'),
    ...warned(`${item}.caller(program)`, 'tools are called by the model alone'),
  ];
}

const thoughts: readonly FieldFate[] = [
  mapped(['input[reasoning].id', 'input[reasoning].status'], 'a thought needs no id there, and is complete'),
].flat();

const others: readonly FieldFate[] = [
  refused('input[item_reference]', 'this gateway does not keep it, and it lies at another provider'),
  refused(['input[compaction]', 'input[program]', 'input[program_output]'], ONLY_ITS_MAKER),
  refused('input[compaction_trigger]', 'this provider edits no context'),
  refused(['input[additional_tools]', 'input[configuration_update]'], 'a request has one set of tools and settings'),
  warned('input[web_search_call]', 'what an earlier answer looked for on the web is not told again'),
  warned('input[mcp_list_tools]', 'what tools another provider found is not told to this one'),
  refused(
    [
      'file_search_call',
      'code_interpreter_call',
      'mcp_call',
      'mcp_approval_request',
      'mcp_approval_response',
      'tool_search_call',
      'tool_search_output',
    ].map((type) => `input[${type}]`),
    NOT_FROM_HERE,
  ),
  refused(
    [
      'computer_call',
      'computer_call_output',
      'local_shell_call',
      'local_shell_call_output',
      'shell_call',
      'shell_call_output',
      'apply_patch_call',
      'apply_patch_call_output',
    ].map((type) => `input[${type}]`),
    "models of other vendors do not know this tool of OpenAI's",
  ),
  refused('input[*]', 'an item of this type is not known to this gateway'),
].flat();

/** The items of a Responses request that have the same fate at each provider of another dialect. */
export const responsesItems: readonly FieldFate[] = [...messages, ...calls, ...results, ...thoughts, ...others];

/** A picture that an answer made, where no assistant can have said one. */
export const NO_MADE_PICTURES: readonly FieldFate[] = refused('input[image_generation_call]', NOT_FROM_HERE);

/** Where pictures and files may stand: in messages, and in what tools gave. */
export const CONTENTS = [
  'input[message].content',
  'input[function_call_output].output',
  'input[custom_tool_call_output].output',
] as const;

/** The members of a content part that mark the prompt cache. */
export const MARKED_PARTS: readonly string[] = CONTENTS.flatMap((content) =>
  ['input_text', 'input_image', 'input_file'].map((type) => `${content}[${type}].prompt_cache_breakpoint`),
);
