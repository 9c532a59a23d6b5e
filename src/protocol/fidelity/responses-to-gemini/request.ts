import { listOf, only } from '../harmless.ts';
import { responsesRequest } from '../responses/request.ts';
import { CONTENTS, MARKED_PARTS, responsesItems } from '../responses/request-items.ts';
import { responsesTools, searchChoice, webSearch } from '../responses/request-tools.ts';
import { type FieldFate, mapped, refused, warned } from '../table.ts';
import { freshContainer } from './fresh-container.ts';

const NO_SETTING = 'the Gemini dialect has no such setting';
const FORMAT = { unless: 'there are tools, and the model keeps to no format then' } as const;
const OTHER_FILE = 'the file lies at another provider';

const settings: readonly FieldFate[] = [
  mapped('max_output_tokens', '`generationConfig.maxOutputTokens`'),
  mapped(['temperature', 'top_p'], '`generationConfig`'),
  mapped('top_logprobs', '`generationConfig.responseLogprobs` and `logprobs`'),
  warned('include', 'the sources of a search are told by what cites them alone', {
    harmless: listOf(
      'message.output_text.logprobs',
      'reasoning.encrypted_content',
      'message.input_image.image_url',
      'file_search_call.results',
      'code_interpreter_call.outputs',
      'computer_call_output.output.image_url',
    ),
  }),
  mapped(
    'reasoning.effort',
    '`generationConfig.thinkingConfig`: `thinkingLevel` from Gemini 3 on, before it a `thinkingBudget`',
    { unless: 'the model knows no such effort: the nearest is sent' },
  ),
  mapped('text.format(text)', 'answers are text'),
  mapped('text.format(json_object)', '`generationConfig.responseMimeType`', FORMAT),
  mapped('text.format(json_schema).schema', '`generationConfig.responseJsonSchema`', { whole: true, ...FORMAT }),
  mapped('text.format(json_schema).name', 'a schema needs no name there'),
  mapped('text.format(json_schema).strict', 'a schema is always kept to there'),
  warned('text.format(json_schema).description', NO_SETTING),
  warned('text.verbosity', NO_SETTING, { harmless: only('medium') }),
  warned(['safety_identifier', 'user'], 'this provider is not told who asks'),
  mapped('metadata', 'the gateway gives it back with the answer', { whole: true }),
  mapped('service_tier', '`serviceTier`', { unless: 'the provider has no tier of that name' }),
  warned('prompt_cache_key', NO_SETTING),
].flat();

const items: readonly FieldFate[] = [
  mapped('instructions', '`systemInstruction`'),
  mapped('input[message].role', '`assistant` is `model`; `system` and `developer` are part of `systemInstruction`', {
    unless: 'instructions stand later than the first message of `user`: they are put before it',
  }),
  mapped('input[message].content[refusal].refusal', 'a text'),
  mapped('input[message].content[input_audio].input_audio', '`inlineData`', { extra: true, whole: true }),
  CONTENTS.flatMap((content) => [
    ...mapped(`${content}[input_image].image_url`, '`fileData` by its URL or, of a data URL, `inlineData`'),
    ...warned(`${content}[input_image].detail`, NO_SETTING, { harmless: only('auto') }),
    ...refused(`${content}[input_image].file_id`, OTHER_FILE),
    ...mapped(`${content}[input_file].file_data`, '`inlineData`'),
    ...mapped(`${content}[input_file].file_url`, '`fileData`'),
    ...mapped(`${content}[input_file].filename`, 'a line of text before it: files have no names there'),
    ...refused(`${content}[input_file].file_id`, OTHER_FILE),
    ...warned(`${content}[input_file].detail`, NO_SETTING, { harmless: only('auto') }),
  ]),
  warned(MARKED_PARTS, 'this provider finds by itself what it can read from its cache'),
  mapped(['input[function_call].call_id', 'input[custom_tool_call].call_id'], '`functionCall.id`'),
  mapped(['input[function_call].name', 'input[custom_tool_call].name'], '`functionCall.name`'),
  mapped('input[function_call].arguments', '`functionCall.args`', {
    unless: 'they are no JSON object: they stand as a text in `arguments`',
  }),
  mapped('input[custom_tool_call].input', '`functionCall.args.input`'),
  mapped(['input[function_call_output].call_id', 'input[custom_tool_call_output].call_id'], '`functionResponse.id`'),
  mapped(
    ['input[function_call_output].output', 'input[custom_tool_call_output].output'],
    'a `functionResponse` with the name of its call: a JSON object as it is, a text as its `output`',
  ),
  mapped('input[image_generation_call].result', '`inlineData` of the model'),
  mapped('input[image_generation_call].output_format', '`inlineData.mimeType`'),
  mapped(
    ['id', 'status', 'action', 'background', 'error', 'quality', 'revised_prompt', 'size', 'svg_usage'].map(
      (name) => `input[image_generation_call].${name}`,
    ),
    'how a picture was made is no part of it',
    { whole: true },
  ),
  mapped(
    ['input[reasoning].summary[summary_text].text', 'input[reasoning].content[reasoning_text].text'],
    'a part that is a `thought`',
    { unless: 'it is not of a Gemini model: such a thought is not sent' },
  ),
  mapped('input[reasoning].encrypted_content', '`thoughtSignature` of the part that follows', {
    unless: 'another provider sealed it: it is left out',
  }),
].flat();

const tools: readonly FieldFate[] = [
  mapped(
    ['name', 'description'].flatMap((name) => [`tools[function].${name}`, `tools[custom].${name}`]),
    '`functionDeclarations`; a tool of type `custom` has one argument `input`, a text',
  ),
  mapped(
    ['tools[function].strict', 'tools[namespace].tools[function].strict'],
    '`functionCallingConfig.mode`: `VALIDATED`, for all tools at once',
  ),
  warned(
    ['tools[custom].format(grammar)', 'tools[namespace].tools[custom].format(grammar)'],
    'the Gemini dialect keeps to no grammar',
  ),
  webSearch({
    tool: '`googleSearch`',
    allowedDomains: (field) => warned(field, NO_SETTING),
    userLocation: (field) => warned(field, NO_SETTING),
  }),
  mapped('tools[code_interpreter]', '`codeExecution`'),
  refused('tools[code_interpreter].container', 'the container or the files for it lie at another provider', {
    harmless: freshContainer,
  }),
  warned('tools[code_interpreter].allowed_callers', 'tools are called by the model alone', {
    harmless: listOf('direct'),
  }),
  mapped('tool_choice', '`functionCallingConfig.mode`: `AUTO`, `NONE`, or `ANY` for `required`'),
  mapped(
    ['tool_choice(function).name', 'tool_choice(custom).name'],
    '`functionCallingConfig.allowedFunctionNames` with the mode `ANY`',
  ),
  mapped('tool_choice(allowed_tools).mode', '`AUTO`, or `ANY` for `required`'),
  mapped('tool_choice(allowed_tools).tools', 'the other tools are not sent', { whole: true }),
  searchChoice((field, extras) => refused(field, 'this provider cannot be made to call a tool of its own', extras)),
  refused('tool_choice(code_interpreter)', 'this provider cannot be made to call a tool of its own'),
  warned('parallel_tool_calls', 'this provider calls as many tools at once as it likes', { harmless: only(true) }),
].flat();

/** What a Responses request says, and what of it a Gemini provider is told. */
export const responsesRequestToGemini: readonly FieldFate[] = [
  ...items,
  ...responsesItems,
  ...settings,
  ...tools,
  ...responsesTools,
  ...responsesRequest,
];
