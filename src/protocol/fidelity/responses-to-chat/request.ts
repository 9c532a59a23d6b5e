import { only } from '../harmless.ts';
import { responsesRequest } from '../responses/request.ts';
import { CONTENTS, MARKED_PARTS, NO_MADE_PICTURES, responsesItems } from '../responses/request-items.ts';
import { responsesTools, searchChoice, WEB_SEARCHES } from '../responses/request-tools.ts';
import { type FieldFate, kept, mapped, refused, warned } from '../table.ts';

const OTHER_FILE = 'the file lies at another provider';
const NOT_RUN = 'this provider does not run this tool';
const MARKER = { whole: true, unless: 'the provider knows no cache markers, or not this ttl' } as const;

const settings: readonly FieldFate[] = [
  mapped('max_output_tokens', '`max_completion_tokens`, or `max_tokens` where the provider knows that'),
  kept(['temperature', 'top_p'], { unless: 'the model takes none' }),
  mapped('top_logprobs', '`logprobs` and `top_logprobs`'),
  mapped('include', '`message.output_text.logprobs` is `logprobs`; all else asks for what is told anyway'),
  mapped('reasoning.effort', '`reasoning_effort`', {
    unless: 'the model is known not to think, or not to take more than high',
  }),
  mapped(['text.format(text)', 'text.format(json_object)'], '`response_format`'),
  mapped(
    ['name', 'description', 'strict'].map((name) => `text.format(json_schema).${name}`),
    '`response_format.json_schema`',
  ),
  mapped('text.format(json_schema).schema', '`response_format.json_schema.schema`', { whole: true }),
  mapped('text.verbosity', '`verbosity`'),
  kept(['safety_identifier', 'user'], {
    unless: 'the provider knows the other one of them, or both are given and differ',
  }),
  kept(['metadata', 'service_tier', 'prompt_cache_key']),
].flat();

const items: readonly FieldFate[] = [
  mapped('instructions', 'a first message of role `system`'),
  kept('input[message].role'),
  mapped('input[message].content[refusal].refusal', '`refusal`'),
  mapped('input[message].content[input_audio].input_audio', 'an `input_audio`', { extra: true, whole: true }),
  CONTENTS.flatMap((content) => [
    ...mapped(
      `${content}[input_image].image_url`,
      '`image_url.url`; of a result, in a message of role `user` after it',
    ),
    ...mapped(`${content}[input_image].detail`, '`image_url.detail`'),
    ...refused(`${content}[input_image].file_id`, OTHER_FILE),
    ...mapped(
      `${content}[input_file].file_data`,
      '`file.file_data`; of a result, in a message of role `user` after it',
    ),
    ...mapped(`${content}[input_file].filename`, '`file.filename`'),
    ...refused(`${content}[input_file].file_url`, 'this dialect takes documents by their bytes and not by their URL'),
    ...refused(`${content}[input_file].file_id`, OTHER_FILE),
    ...warned(`${content}[input_file].detail`, 'this provider has no such setting', { harmless: only('auto') }),
  ]),
  mapped(MARKED_PARTS, 'the marker of the part', MARKER),
  mapped(['input[function_call].call_id', 'input[custom_tool_call].call_id'], '`tool_calls[].id`'),
  mapped(['input[function_call].name', 'input[function_call].arguments'], '`tool_calls[].function`'),
  mapped(['input[custom_tool_call].name', 'input[custom_tool_call].input'], '`tool_calls[].custom`'),
  mapped(['input[function_call_output].call_id', 'input[custom_tool_call_output].call_id'], '`tool_call_id`'),
  mapped(
    ['input[function_call_output].output', 'input[custom_tool_call_output].output'],
    'a message of role `tool` with the text; what is no text follows in a message of role `user`',
  ),
  mapped(
    ['input[reasoning].summary[summary_text].text', 'input[reasoning].content[reasoning_text].text'],
    'the member by which the provider takes thoughts back',
    { unless: 'it takes none back: the thought is left out' },
  ),
  mapped('input[reasoning].encrypted_content', '`reasoning_details`, where this provider sealed it', {
    unless: 'another one did: it goes nowhere else, and what can be read is sent',
  }),
].flat();

const tools: readonly FieldFate[] = [
  mapped(['tools[function].name', 'tools[custom].name'], 'the same; of more than 64 characters a shorter one'),
  kept(['tools[function].description', 'tools[custom].description', 'tools[function].strict']),
  kept('tools[namespace].tools[function].strict'),
  mapped(
    ['tools[custom]', 'tools[namespace].tools[custom]'].flatMap((tool) => [
      `${tool}.format(grammar).definition`,
      `${tool}.format(grammar).syntax`,
    ]),
    '`custom.format.grammar`',
  ),
  warned(
    WEB_SEARCHES.map((type) => `tools[${type}]`),
    NOT_RUN,
  ),
  refused('tools[code_interpreter]', NOT_RUN),
  kept('tool_choice'),
  mapped('tool_choice(function).name', '`tool_choice.function.name`'),
  mapped('tool_choice(custom).name', '`tool_choice.custom.name`'),
  mapped('tool_choice(allowed_tools).mode', '`tool_choice.allowed_tools.mode`'),
  mapped('tool_choice(allowed_tools).tools', '`tool_choice.allowed_tools.tools`', { whole: true }),
  searchChoice((field, extras) => refused(field, NOT_RUN, extras)),
  refused('tool_choice(code_interpreter)', NOT_RUN),
  kept('parallel_tool_calls'),
].flat();

/** What a Responses request says, and what of it a Chat Completions provider is told. */
export const responsesRequestToChat: readonly FieldFate[] = [
  ...items,
  ...responsesItems,
  ...NO_MADE_PICTURES,
  ...settings,
  ...tools,
  ...responsesTools,
  ...responsesRequest,
];
