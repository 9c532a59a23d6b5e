import { listOf, only } from '../harmless.ts';
import { messagesRequest } from '../messages/request.ts';
import { CONTENTS, MARKED_BLOCKS, messagesBlocks } from '../messages/request-blocks.ts';
import { type FieldFate, kept, mapped, warned } from '../table.ts';

const NO_SETTING = 'the Gemini dialect has no such setting';
const NO_MARKERS = 'this provider finds by itself what it can read from its cache';
const CONTENT = 'messages[].content';
const SEALED = { unless: 'another provider signed it: such a thought is not sent' } as const;
const FETCHED = { unless: 'the model reads nothing at an address: it is refused' } as const;

const media: readonly FieldFate[] = CONTENTS.flatMap((place) => {
  const document = `${place}[document]`;
  const images = [`${place}[image]`, `${document}.source(content).content[image]`];
  return [
    mapped(
      [...images, document].flatMap((medium) => [
        `${medium}.source(base64).data`,
        `${medium}.source(base64).media_type`,
      ]),
      '`inlineData`',
    ),
    mapped(
      [...images, document].map((medium) => `${medium}.source(url).url`),
      '`fileData.fileUri`',
      FETCHED,
    ),
    mapped(`${document}.title`, 'a line of text before it: documents have no names there'),
  ].flat();
});

const turns: readonly FieldFate[] = [
  mapped('messages[system]', '`systemInstruction`', {
    unless: 'it stands later than the first message of `user`: it is put before it',
  }),
  mapped(`${CONTENT}[thinking].thinking`, 'a part that is a `thought`', SEALED),
  mapped(
    `${CONTENT}[thinking].signature`,
    '`thoughtSignature` of the part, or of the call that follows where it was sealed for that',
    SEALED,
  ),
  mapped(`${CONTENT}[redacted_thinking].data`, '`thoughtSignature`, where this provider sealed it', SEALED),
  mapped(
    [`${CONTENT}[tool_use].id`, `${CONTENT}[tool_result].tool_use_id`],
    '`id` of the call and of its response from Gemini 3 on; before it the order says it',
  ),
  mapped(`${CONTENT}[tool_use].name`, '`functionCall.name`'),
  mapped(`${CONTENT}[tool_use].input`, '`functionCall.args`', { whole: true }),
  mapped(
    `${CONTENT}[tool_result].content`,
    'the `output` of a `functionResponse`, or a JSON object as it is; media beside it, or after it before Gemini 3',
  ),
  mapped(`${CONTENT}[tool_result].is_error`, 'the text stands in `error`'),
  warned(MARKED_BLOCKS, NO_MARKERS),
].flat();

const handling: readonly FieldFate[] = [
  mapped(['model', 'stream'], 'the path says it'),
  warned('metadata.user_id', 'this provider is not told who asks'),
  mapped('service_tier', '`serviceTier`: `standard_only` is `standard`'),
  mapped(['system', 'system[text].text'], '`systemInstruction`'),
  warned(['system[text].cache_control', 'cache_control'], NO_MARKERS),
  warned('system[text].citations', 'texts of a request carry no citations'),
].flat();

const answerForm: readonly FieldFate[] = [
  mapped('max_tokens', '`generationConfig.maxOutputTokens`'),
  mapped('stop_sequences', '`generationConfig.stopSequences`', { unless: 'there are more than five (the first five)' }),
  kept('temperature', { extra: true }),
  mapped(['top_p', 'top_k'], '`generationConfig.topP` and `topK`', { extra: true }),
  mapped(['output_config.format.schema', 'output_format.schema'], '`generationConfig.responseJsonSchema`', {
    whole: true,
    unless: 'there are tools, and the model keeps to no format then',
  }),
  mapped(
    'output_config.effort',
    '`generationConfig.thinkingConfig`: `thinkingLevel` from Gemini 3 on, before it a `thinkingBudget`',
    { unless: 'the model knows no such effort (the nearest), or does not think' },
  ),
  mapped('thinking(enabled).budget_tokens', '`thinkingBudget`; from Gemini 3 on a `thinkingLevel`', {
    unless: 'the model takes a level alone, or it is out of its bounds',
  }),
  mapped('thinking(adaptive)', 'as `output_config.effort` says, or as the model sees fit'),
  mapped('thinking(disabled)', '`thinkingBudget` of 0', { unless: 'the model always thinks: the least is asked for' }),
  mapped(['thinking(enabled).display', 'thinking(adaptive).display'], '`includeThoughts`, unless it is `omitted`'),
].flat();

/** Settings of Anthropic's own tools that have no word here. */
function hostedSettings(tool: string): FieldFate[] {
  return [
    warned(`${tool}.cache_control`, NO_MARKERS),
    warned(`${tool}.allowed_callers`, 'tools are called by the model alone', { harmless: listOf('direct') }),
    warned([`${tool}.strict`, `${tool}.defer_loading`], NO_SETTING, { harmless: only(false) }),
  ].flat();
}

const tools: readonly FieldFate[] = [
  mapped(['tools[custom].name', 'tools[custom].description'], '`functionDeclarations`, all in one tool'),
  mapped('tools[custom].input_schema', '`parametersJsonSchema`', { whole: true }),
  mapped('tools[custom].strict', '`functionCallingConfig.mode`: `VALIDATED`, for all tools at once'),
  warned('tools[custom].cache_control', NO_MARKERS),
  mapped('tools[web_search_*].name', '`googleSearch`'),
  warned(
    ['allowed_domains', 'blocked_domains', 'max_uses', 'response_inclusion', 'user_location'].map(
      (name) => `tools[web_search_*].${name}`,
    ),
    NO_SETTING,
  ),
  hostedSettings('tools[web_search_*]'),
  mapped('tools[web_fetch_*].name', '`urlContext`'),
  warned(
    [
      'allowed_domains',
      'blocked_domains',
      'citations',
      'max_content_tokens',
      'max_uses',
      'response_inclusion',
      'url_sources',
      'use_cache',
    ].map((name) => `tools[web_fetch_*].${name}`),
    NO_SETTING,
  ),
  hostedSettings('tools[web_fetch_*]'),
  mapped('tools[code_execution_*].name', '`codeExecution`'),
  hostedSettings('tools[code_execution_*]'),
  mapped(['tool_choice(auto)', 'tool_choice(none)'], '`functionCallingConfig.mode`: `AUTO`, `NONE`'),
  mapped('tool_choice(any)', '`ANY`'),
  mapped('tool_choice(tool).name', '`allowedFunctionNames` with the mode `ANY`'),
  warned(
    ['auto', 'any', 'tool'].map((type) => `tool_choice(${type}).disable_parallel_tool_use`),
    'this provider calls as many tools at once as it likes',
    { harmless: only(false) },
  ),
].flat();

/** What a Messages request says, and what of it a Gemini provider is told. */
export const messagesRequestToGemini: readonly FieldFate[] = [
  ...media,
  ...turns,
  ...messagesBlocks,
  ...handling,
  ...answerForm,
  ...tools,
  ...messagesRequest,
];
