import { listOf, nothingInIt, only } from '../harmless.ts';
import { type FieldFate, kept, mapped, refused, warned } from '../table.ts';
import { chatMessagesToResponses } from './request-messages.ts';

const NO_SETTING = 'the Responses dialect has no such setting';
const TEXT_ONLY = 'the Responses dialect answers in text';

const handling: readonly FieldFate[] = [
  kept(['model', 'stream', 'metadata', 'store', 'service_tier']),
  mapped(
    'stream_options.include_usage',
    'the client has its usage event when it asks for it; the provider always counts',
  ),
  warned('stream_options.include_obfuscation', 'events of a stream are not padded', { harmless: only(false) }),
  kept(['safety_identifier', 'user']),
  refused('moderation', 'this provider does not moderate on request'),
  warned('n', 'the Responses dialect gives one answer', { harmless: only(1) }),
].flat();

const answerForm: readonly FieldFate[] = [
  mapped(['max_completion_tokens', 'max_tokens'], '`max_output_tokens`', { unless: 'it is below 16: 16 is sent' }),
  mapped(['response_format', 'response_format(text)', 'response_format(json_object)'], '`text.format`'),
  mapped('response_format(json_schema).json_schema.schema', '`text.format.schema`', { whole: true }),
  mapped(
    ['name', 'description', 'strict'].map((name) => `response_format(json_schema).json_schema.${name}`),
    '`text.format`',
  ),
  refused('modalities', TEXT_ONLY, { harmless: listOf('text') }),
  refused('audio', TEXT_ONLY),
  warned('prediction', NO_SETTING),
  mapped('verbosity', '`text.verbosity`'),
].flat();

const sampling: readonly FieldFate[] = [
  kept(['temperature', 'top_p'], { unless: 'the model takes none' }),
  warned('top_k', NO_SETTING, { extra: true }),
  warned('stop', NO_SETTING),
  warned(['frequency_penalty', 'presence_penalty'], NO_SETTING, { harmless: only(0) }),
  warned('seed', NO_SETTING),
  warned('logit_bias', NO_SETTING, { harmless: nothingInIt }),
  mapped('logprobs', '`include`: `message.output_text.logprobs`', { unless: 'the model takes none' }),
  kept('top_logprobs', { unless: 'the model takes none' }),
].flat();

const thinking: readonly FieldFate[] = [
  mapped('reasoning_effort', '`reasoning.effort`', { unless: 'the model is known not to think' }),
  mapped(
    ['reasoning.effort', 'reasoning.max_tokens', 'reasoning.enabled', 'reasoning.exclude'],
    '`reasoning.effort` and `reasoning.summary`',
    { extra: true, unless: 'the model is known not to think' },
  ),
].flat();

const caching: readonly FieldFate[] = [
  mapped('cache_control', 'a `prompt_cache_breakpoint` on the last part', { extra: true, whole: true }),
  kept('prompt_cache_key'),
  warned('prompt_cache_options', 'settings of the cache are not said in another dialect', { harmless: nothingInIt }),
  warned('prompt_cache_retention', 'settings of the cache are not said in another dialect', {
    harmless: only('in_memory'),
  }),
].flat();

const tools: readonly FieldFate[] = [
  mapped(['tools[function]', 'tools[custom]'], 'the same, without an object of its own'),
  kept(['name', 'description', 'strict'].map((name) => `tools[function].function.${name}`)),
  kept('tools[function].function.parameters', { whole: true }),
  kept(['name', 'description', 'format(text)'].map((name) => `tools[custom].custom.${name}`)),
  mapped('tools[custom].custom.format(grammar).grammar', '`format`, without an object of its own', { whole: true }),
  warned('tools[].cache_control', 'tools carry no cache marker in this dialect', { extra: true }),
  refused('tools[*]', 'a tool of this type is not known to this gateway'),
  mapped(['functions[].name', 'functions[].description'], '`tools`'),
  mapped('functions[].parameters', '`tools[].parameters`', { whole: true }),
  mapped(['function_call', 'function_call.name'], '`tool_choice`'),
  kept('tool_choice'),
  mapped(['tool_choice(function).function.name', 'tool_choice(custom).custom.name'], '`tool_choice.name`'),
  mapped('tool_choice(allowed_tools).allowed_tools.mode', '`tool_choice.mode`'),
  mapped('tool_choice(allowed_tools).allowed_tools.tools', '`tool_choice.tools`', { whole: true }),
  kept('parallel_tool_calls'),
  mapped('web_search_options', 'a tool of type `web_search`'),
  mapped('web_search_options.search_context_size', '`search_context_size` of the tool'),
  mapped('web_search_options.user_location', '`user_location` of the tool'),
  mapped(
    ['city', 'country', 'region', 'timezone'].map((name) => `web_search_options.user_location.approximate.${name}`),
    '`user_location` of the tool',
  ),
].flat();

/** What a Chat Completions request says, and what of it a Responses provider is told. */
export const chatRequestToResponses: readonly FieldFate[] = [
  ...chatMessagesToResponses,
  ...answerForm,
  ...sampling,
  ...thinking,
  ...tools,
  ...caching,
  ...handling,
];
