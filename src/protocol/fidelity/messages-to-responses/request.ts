import { listOf, only } from '../harmless.ts';
import { messagesRequest } from '../messages/request.ts';
import { CONTENTS, MARKED_BLOCKS, messagesBlocks } from '../messages/request-blocks.ts';
import { type FieldFate, kept, mapped, refused, warned } from '../table.ts';

const NO_SETTING = 'the Responses dialect has no such setting';
const NOT_RUN = 'this provider does not run this tool';
const CONTENT = 'messages[].content';
const SEALED = { unless: 'this provider did not seal it: such a thought is not sent' } as const;
const MARKER = { whole: true, unless: 'the provider knows no cache markers, or not this ttl' } as const;

const media: readonly FieldFate[] = CONTENTS.flatMap((place) => {
  const document = `${place}[document]`;
  const images = [`${place}[image]`, `${document}.source(content).content[image]`];
  return [
    mapped(
      images.flatMap((image) => [`${image}.source(base64).data`, `${image}.source(base64).media_type`]),
      '`input_image.image_url`, a data URL',
    ),
    mapped(
      images.map((image) => `${image}.source(url).url`),
      '`input_image.image_url`',
    ),
    mapped(
      [`${document}.source(base64).data`, `${document}.source(base64).media_type`],
      '`input_file.file_data`, a data URL',
    ),
    mapped(`${document}.source(url).url`, '`input_file.file_url`'),
    mapped(`${document}.title`, '`input_file.filename`, or a line at the head of a text part'),
  ].flat();
});

const turns: readonly FieldFate[] = [
  mapped('messages[system]', 'an item of that role'),
  mapped([`${CONTENT}[thinking].thinking`, `${CONTENT}[thinking].signature`], 'a `reasoning` item', SEALED),
  mapped(`${CONTENT}[redacted_thinking].data`, '`encrypted_content` of a `reasoning` item', SEALED),
  mapped(`${CONTENT}[tool_use]`, 'a `function_call` or `custom_tool_call`'),
  mapped(
    [`${CONTENT}[tool_use].id`, `${CONTENT}[tool_result].tool_use_id`],
    '`call_id`, a shorter one where it is too long',
  ),
  mapped(`${CONTENT}[tool_use].name`, 'the same, or a shorter one where it is too long'),
  mapped(`${CONTENT}[tool_use].input`, '`arguments`, JSON text', { whole: true }),
  mapped(`${CONTENT}[tool_result]`, 'a `function_call_output` or `custom_tool_call_output`'),
  mapped(`${CONTENT}[tool_result].content`, '`output`, a text or parts'),
  mapped(`${CONTENT}[tool_result].is_error`, 'the text begins with `Error: `'),
  mapped(MARKED_BLOCKS, '`prompt_cache_breakpoint` of the part', MARKER),
].flat();

const handling: readonly FieldFate[] = [
  kept(['model', 'stream']),
  mapped(
    'metadata.user_id',
    '`safety_identifier`, or `user` where the provider knows that; its SHA-256 where it is longer than 64 characters',
  ),
  mapped('service_tier', '`auto` stays, `standard_only` is `default`'),
  mapped(
    ['system', 'system[text].text'],
    '`instructions`, or an item of role `system` where it carries a cache marker',
  ),
  mapped('system[text].cache_control', '`prompt_cache_breakpoint` of the part', MARKER),
  warned('system[text].citations', 'texts of a request carry no citations'),
  mapped('cache_control', '`prompt_cache_breakpoint` of the last part', MARKER),
].flat();

const answerForm: readonly FieldFate[] = [
  mapped('max_tokens', '`max_output_tokens`', { unless: 'it is below 16: 16 is sent' }),
  warned('stop_sequences', NO_SETTING),
  kept(['temperature', 'top_p'], { extra: true, unless: 'the model takes none' }),
  warned('top_k', NO_SETTING, { extra: true }),
  mapped(['output_config.format.schema', 'output_format.schema'], '`text.format.schema`, strict where it can be', {
    whole: true,
  }),
  mapped('output_config.effort', '`reasoning.effort`', {
    unless: 'the model is known not to think, or not to take more than high',
  }),
  mapped('thinking(enabled).budget_tokens', '`reasoning.effort`: to 2048 low, to 8192 medium, above high', {
    unless: 'the model is known not to think',
  }),
  mapped('thinking(adaptive)', '`reasoning.effort` as `output_config.effort` says, or nothing'),
  mapped('thinking(disabled)', '`reasoning.effort`: `none` where the model is known to take it, or nothing'),
  mapped(['thinking(enabled).display', 'thinking(adaptive).display'], '`reasoning.summary`, unless it is `omitted`'),
].flat();

const tools: readonly FieldFate[] = [
  mapped('tools[custom]', 'a tool of type `function`'),
  kept('tools[custom].description'),
  kept('tools[custom].strict', { unless: 'an object of its schema does not require all its members, and no others' }),
  mapped('tools[custom].name', 'the same; of more than 64 characters a shorter one, and the whole one in answers'),
  mapped('tools[custom].input_schema', '`parameters`', { whole: true }),
  warned('tools[custom].cache_control', 'tools carry no cache marker in this dialect'),
  mapped('tools[web_search_*].name', 'a tool of type `web_search`'),
  mapped('tools[web_search_*].allowed_domains', '`filters.allowed_domains`'),
  mapped('tools[web_search_*].user_location', '`user_location`', { whole: true }),
  warned('tools[web_search_*].blocked_domains', NO_SETTING),
  warned('tools[web_search_*].max_uses', NO_SETTING),
  warned('tools[web_search_*].cache_control', 'tools carry no cache marker in this dialect'),
  warned('tools[web_search_*].allowed_callers', 'tools are called by the model alone', {
    harmless: listOf('direct'),
  }),
  warned(['tools[web_search_*].strict', 'tools[web_search_*].defer_loading'], NO_SETTING, { harmless: only(false) }),
  warned('tools[web_search_*].response_inclusion', NO_SETTING),
  refused('tools[web_fetch_*]', NOT_RUN),
  mapped('tools[code_execution_*].name', 'a tool of type `code_interpreter`'),
  warned('tools[code_execution_*].cache_control', 'tools carry no cache marker in this dialect'),
  warned('tools[code_execution_*].allowed_callers', 'tools are called by the model alone', {
    harmless: listOf('direct'),
  }),
  warned(['tools[code_execution_*].strict', 'tools[code_execution_*].defer_loading'], NO_SETTING, {
    harmless: only(false),
  }),
  mapped(['tool_choice(auto)', 'tool_choice(none)'], 'the same'),
  mapped('tool_choice(any)', '`required`'),
  mapped('tool_choice(tool).name', '`tool_choice.name`'),
  mapped(
    ['auto', 'any', 'tool'].map((type) => `tool_choice(${type}).disable_parallel_tool_use`),
    '`parallel_tool_calls`, turned round',
  ),
].flat();

/** What a Messages request says, and what of it a Responses provider is told. */
export const messagesRequestToResponses: readonly FieldFate[] = [
  ...media,
  ...turns,
  ...messagesBlocks,
  ...handling,
  ...answerForm,
  ...tools,
  ...messagesRequest,
];
