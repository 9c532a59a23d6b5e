import { markerLifetime } from '../chat-to-messages/marker-lifetime.ts';
import { listOf, only } from '../harmless.ts';
import { responsesRequest } from '../responses/request.ts';
import { CONTENTS, MARKED_PARTS, NO_MADE_PICTURES, responsesItems } from '../responses/request-items.ts';
import { responsesTools, searchChoice, webSearch } from '../responses/request-tools.ts';
import { type FieldFate, kept, mapped, refused, warned } from '../table.ts';

const NO_SETTING = 'the Messages dialect has no such setting';
const NO_PROBABILITIES = 'the Messages dialect tells no probabilities';
const OTHER_FILE = 'the file lies at another provider';
const UNSIGNED = { unless: "it has no signature of Anthropic's: such a thought is not sent" } as const;

const settings: readonly FieldFate[] = [
  mapped('max_output_tokens', '`max_tokens`; where it is not given, the most that the model is known for, else 4096', {
    unless: 'it is not given and nothing is known of the model: what is sent is named',
  }),
  kept('temperature', { unless: 'it is above 1 (1 is sent), or the model thinks or takes none (left out)' }),
  kept('top_p', { unless: 'the model thinks and it is below 0.95, takes none, or not both (left out)' }),
  warned('top_logprobs', NO_PROBABILITIES, { harmless: only(0) }),
  warned('include', 'probabilities and the sources of a search are not told by this provider', {
    harmless: listOf(
      'reasoning.encrypted_content',
      'message.input_image.image_url',
      'file_search_call.results',
      'code_interpreter_call.outputs',
      'computer_call_output.output.image_url',
    ),
  }),
  mapped('reasoning.effort', '`thinking` with a budget, or adaptive with `output_config.effort` from Claude 4.6 on', {
    unless:
      'the model knows no such effort (the next lower), a tool is forced, the answer is too short for a budget, or the tool turn of the history has no signed thought (no thinking)',
  }),
  mapped('text.format(text)', 'answers are text'),
  warned('text.format(json_object)', 'the Messages dialect has no JSON mode without a schema'),
  mapped('text.format(json_schema).schema', '`output_config.format.schema`', { whole: true }),
  mapped('text.format(json_schema).name', 'a schema needs no name there'),
  mapped('text.format(json_schema).strict', 'a schema is always kept to there'),
  warned(['text.format(json_schema).description'], NO_SETTING),
  warned('text.verbosity', NO_SETTING, { harmless: only('medium') }),
  mapped(['safety_identifier', 'user'], '`metadata.user_id`', {
    unless: 'both are given and differ: `user` is left out',
  }),
  mapped('metadata', 'the gateway gives it back with the answer', { whole: true }),
  mapped('service_tier', '`auto` stays, `default` is `standard_only`', {
    unless: 'another tier is asked for: the provider decides',
  }),
  warned('prompt_cache_key', NO_SETTING),
].flat();

const items: readonly FieldFate[] = [
  mapped('instructions', 'blocks of `system`'),
  mapped(
    'input[message].role',
    '`system` and `developer` are blocks of `system` at the beginning, later a message of role `system`',
  ),
  mapped('input[message].content[refusal].refusal', 'a text'),
  refused('input[message].content[input_audio]', 'models of the Messages dialect hear nothing', { extra: true }),
  CONTENTS.flatMap((content) => [
    ...mapped(`${content}[input_image].image_url`, 'an `image`, by its URL or, of a data URL, its bytes'),
    ...warned(`${content}[input_image].detail`, NO_SETTING, { harmless: only('auto') }),
    ...refused(`${content}[input_image].file_id`, OTHER_FILE),
    ...mapped(`${content}[input_file].file_data`, 'a `document`', {
      unless: 'it is neither a PDF nor text: it is refused',
    }),
    ...mapped(`${content}[input_file].file_url`, 'a `document` by its URL'),
    ...mapped(`${content}[input_file].filename`, '`title`'),
    ...refused(`${content}[input_file].file_id`, OTHER_FILE),
    ...warned(`${content}[input_file].detail`, NO_SETTING, { harmless: only('auto') }),
  ]),
  MARKED_PARTS.flatMap((marker) => [
    ...mapped(`${marker}.mode`, '`cache_control`'),
    ...markerLifetime(`${marker}.ttl`),
  ]),
  mapped(
    ['function_call', 'custom_tool_call', 'function_call_output', 'custom_tool_call_output'].map(
      (type) => `input[${type}].call_id`,
    ),
    'as it is, or rewritten in both places where Messages does not take its characters',
  ),
  mapped(['input[function_call].name', 'input[custom_tool_call].name'], '`tool_use.name`'),
  mapped('input[function_call].arguments', '`input` of a `tool_use`', {
    unless: 'they are no JSON object: they stand as a text in `arguments`',
  }),
  mapped('input[custom_tool_call].input', '`input.input` of a `tool_use`'),
  mapped(
    ['input[function_call_output].output', 'input[custom_tool_call_output].output'],
    'a `tool_result` in a message of role `user`, together with those beside it',
  ),
  mapped(
    ['input[reasoning].summary[summary_text].text', 'input[reasoning].content[reasoning_text].text'],
    '`thinking`',
    UNSIGNED,
  ),
  mapped('input[reasoning].encrypted_content', '`signature` of the `thinking`, or `redacted_thinking`', UNSIGNED),
].flat();

const tools: readonly FieldFate[] = [
  kept(['name', 'description'].flatMap((name) => [`tools[function].${name}`, `tools[custom].${name}`])),
  kept(['tools[function].strict', 'tools[namespace].tools[function].strict'], {
    unless: 'the model does not keep strictly to a schema',
  }),
  warned(
    ['tools[custom].format(grammar)', 'tools[namespace].tools[custom].format(grammar)'],
    'the Messages dialect keeps to no grammar',
  ),
  webSearch({
    tool: 'a tool of type `web_search_20250305`',
    allowedDomains: (field) => mapped(field, '`allowed_domains` of the tool'),
    userLocation: (field) => mapped(field, '`user_location` of the tool'),
  }),
  refused('tools[code_interpreter]', 'this provider does not run this tool'),
  mapped('tool_choice', '`auto` and `none` stay, `required` is `any`', {
    unless: 'the model is to think (it is told not to), or cannot be made to call a tool (it may choose)',
  }),
  mapped(['tool_choice(function).name', 'tool_choice(custom).name'], '`tool_choice.name` of type `tool`'),
  searchChoice((field, extras) => mapped(field, '`tool_choice.name`: `web_search`', extras)),
  mapped('tool_choice(allowed_tools).mode', '`auto`, or `any` for `required`'),
  mapped('tool_choice(allowed_tools).tools', 'the other tools are not sent', { whole: true }),
  refused('tool_choice(code_interpreter)', 'this provider does not run this tool'),
  mapped('parallel_tool_calls', '`tool_choice.disable_parallel_tool_use`, turned round'),
].flat();

/** What a Responses request says, and what of it a Messages provider is told. */
export const responsesRequestToMessages: readonly FieldFate[] = [
  ...items,
  ...responsesItems,
  ...NO_MADE_PICTURES,
  ...settings,
  ...tools,
  ...responsesTools,
  ...responsesRequest,
];
