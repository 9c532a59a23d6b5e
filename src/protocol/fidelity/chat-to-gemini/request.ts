import { nothingInIt, only } from '../harmless.ts';
import { type FieldFate, kept, mapped, refused, warned } from '../table.ts';
import { chatMessagesToGemini } from './request-messages.ts';

const NO_SETTING = 'the Gemini dialect has no such setting';
const NOT_SET = { unless: 'the model is known to take no such setting (left out)' } as const;
const FORMAT = { unless: 'there are tools, and the model keeps to no format then' } as const;

/** Who asks, for what kind of answer, and how the call is handled. */
const handling: readonly FieldFate[] = [
  mapped(['model', 'stream'], 'the path says it'),
  mapped(
    'stream_options.include_usage',
    'the client has its usage event when it asks for it; the provider always counts',
  ),
  warned('stream_options.include_obfuscation', 'events of a stream are not padded', { harmless: only(false) }),
  warned(['safety_identifier', 'user'], 'this provider is not told who asks'),
  warned('metadata', 'this provider keeps no metadata', { harmless: nothingInIt }),
  warned('store', 'this provider stores no answers', { harmless: only(false) }),
  mapped('service_tier', '`serviceTier`: `default` is `standard`', {
    unless: 'the provider has no tier of that name',
  }),
  refused('moderation', 'this provider does not moderate on request'),
  mapped('n', '`generationConfig.candidateCount`', { unless: 'the model gives one answer' }),
].flat();

const answerForm: readonly FieldFate[] = [
  mapped(['max_completion_tokens', 'max_tokens'], '`generationConfig.maxOutputTokens`'),
  mapped(
    ['response_format', 'response_format(text)', 'response_format(json_object)'],
    '`generationConfig.responseMimeType`',
    FORMAT,
  ),
  mapped('response_format(json_schema).json_schema.schema', '`generationConfig.responseJsonSchema`', {
    whole: true,
    ...FORMAT,
  }),
  mapped('response_format(json_schema).json_schema.name', 'a schema needs no name there'),
  mapped('response_format(json_schema).json_schema.strict', 'a schema is always kept to there'),
  warned('response_format(json_schema).json_schema.description', NO_SETTING),
  mapped('modalities', '`generationConfig.responseModalities`; a model that speaks does not write too'),
  mapped('audio.voice', '`generationConfig.speechConfig`', {
    unless: "it is one of OpenAI's voices: the model chooses one",
  }),
  warned('audio.voice.id', 'the voice lies at another provider'),
  warned('audio.format', 'this provider speaks in a format of its own', { harmless: only('pcm16') }),
  warned('prediction', NO_SETTING),
  warned('verbosity', NO_SETTING, { harmless: only('medium') }),
].flat();

const sampling: readonly FieldFate[] = [
  kept('temperature'),
  mapped('top_p', '`generationConfig.topP`'),
  mapped('top_k', '`generationConfig.topK`', { extra: true }),
  mapped('stop', '`generationConfig.stopSequences`', { unless: 'there are more than five (the first five)' }),
  mapped('frequency_penalty', '`generationConfig.frequencyPenalty`', NOT_SET),
  mapped('presence_penalty', '`generationConfig.presencePenalty`', NOT_SET),
  mapped('seed', '`generationConfig.seed`, made smaller where it has more than 32 bits'),
  warned('logit_bias', NO_SETTING, { harmless: nothingInIt }),
  mapped('logprobs', '`generationConfig.responseLogprobs`', NOT_SET),
  mapped('top_logprobs', '`generationConfig.logprobs`', NOT_SET),
].flat();

const thinking: readonly FieldFate[] = [
  mapped(
    'reasoning_effort',
    '`generationConfig.thinkingConfig`: `thinkingLevel` from Gemini 3 on, before it a `thinkingBudget`',
    { unless: 'the model knows no such effort (the nearest), or does not think' },
  ),
  mapped(
    ['reasoning.effort', 'reasoning.max_tokens', 'reasoning.enabled', 'reasoning.exclude'],
    '`thinkingConfig`, as `reasoning_effort`',
    { extra: true, unless: 'a budget is given to a model that takes a level alone, or is out of its bounds' },
  ),
].flat();

const caching: readonly FieldFate[] = [
  warned('cache_control', 'this provider finds by itself what it can read from its cache', { extra: true }),
  warned('prompt_cache_key', NO_SETTING),
  warned('prompt_cache_options', 'settings of the cache are not said in another dialect', { harmless: nothingInIt }),
  warned('prompt_cache_retention', 'settings of the cache are not said in another dialect', {
    harmless: only('in_memory'),
  }),
].flat();

const tools: readonly FieldFate[] = [
  mapped(
    ['tools[function].function.name', 'tools[function].function.description'],
    '`functionDeclarations`, all in one tool',
  ),
  mapped('tools[function].function.parameters', '`parametersJsonSchema`', { whole: true }),
  mapped('tools[function].function.strict', '`functionCallingConfig.mode`: `VALIDATED`, for all tools at once'),
  mapped(
    ['tools[custom].custom.name', 'tools[custom].custom.description'],
    '`functionDeclarations` with one argument `input`, a text',
  ),
  mapped('tools[custom].custom.format(text)', 'the input is a text'),
  warned('tools[custom].custom.format(grammar)', 'the Gemini dialect keeps to no grammar'),
  warned('tools[].cache_control', 'this provider finds by itself what it can read from its cache', { extra: true }),
  refused('tools[*]', 'a tool of this type is not known to this gateway'),
  mapped(['functions[].name', 'functions[].description'], '`functionDeclarations`'),
  mapped('functions[].parameters', '`parametersJsonSchema`', { whole: true }),
  mapped(['function_call', 'function_call.name'], '`functionCallingConfig`'),
  mapped('tool_choice', '`functionCallingConfig.mode`: `AUTO`, `NONE`, or `ANY` for `required`'),
  mapped(
    ['tool_choice(function).function.name', 'tool_choice(custom).custom.name'],
    '`functionCallingConfig.allowedFunctionNames` with the mode `ANY`',
  ),
  mapped('tool_choice(allowed_tools).allowed_tools.mode', '`AUTO`, or `ANY` for `required`'),
  mapped('tool_choice(allowed_tools).allowed_tools.tools', 'the other tools are not sent', { whole: true }),
  warned('parallel_tool_calls', 'this provider calls as many tools at once as it likes', { harmless: only(true) }),
  mapped('web_search_options', '`googleSearch`'),
  warned('web_search_options.search_context_size', NO_SETTING, { harmless: only('medium') }),
  warned('web_search_options.user_location', NO_SETTING),
].flat();

/** What a Chat Completions request says, and what of it a Gemini provider is told. */
export const chatRequestToGemini: readonly FieldFate[] = [
  ...chatMessagesToGemini,
  ...answerForm,
  ...sampling,
  ...thinking,
  ...tools,
  ...caching,
  ...handling,
];
