import { listOf, nothingInIt, only } from '../harmless.ts';
import { type FieldFate, kept, mapped, refused, warned } from '../table.ts';
import { markerLifetime } from './marker-lifetime.ts';
import { chatMessages } from './request-messages.ts';

const NO_SETTING = 'the Messages dialect has no such setting';
const TEXT_ONLY = 'models of the Messages dialect answer in text';

/** Who asks, for what kind of answer, and how the call is handled. */
const handling: readonly FieldFate[] = [
  kept(['model', 'stream']),
  mapped(
    'stream_options.include_usage',
    'the client has its usage event when it asks for it; the provider always counts',
  ),
  warned('stream_options.include_obfuscation', 'events of a stream are not padded', { harmless: only(false) }),
  mapped(['safety_identifier', 'user'], '`metadata.user_id`', {
    unless: 'both are given and differ: `user` is left out',
  }),
  warned('metadata', NO_SETTING, { harmless: nothingInIt }),
  warned('store', 'this provider stores no answers', { harmless: only(false) }),
  mapped('service_tier', '`auto` stays, `default` is `standard_only`', {
    unless: 'another tier is asked for: the provider decides',
  }),
  refused('moderation', 'this provider does not moderate on request'),
  warned('n', 'the Messages dialect gives one answer', { harmless: only(1) }),
].flat();

const answerForm: readonly FieldFate[] = [
  mapped(
    ['max_completion_tokens', 'max_tokens'],
    '`max_tokens`; where neither is given, the most that the model is known for, else 4096',
    {
      unless: 'neither is given and nothing is known of the model: what is sent is named',
    },
  ),
  mapped('response_format', '`output_config.format`'),
  kept('response_format(text)'),
  warned('response_format(json_object)', 'the Messages dialect has no JSON mode without a schema'),
  mapped('response_format(json_schema).json_schema.schema', '`output_config.format.schema`', { whole: true }),
  mapped('response_format(json_schema).json_schema.name', 'a schema needs no name there'),
  mapped('response_format(json_schema).json_schema.strict', 'a schema is always kept to there'),
  warned('response_format(json_schema).json_schema.description', NO_SETTING),
  refused('modalities', TEXT_ONLY, { harmless: listOf('text') }),
  refused('audio', TEXT_ONLY),
  warned('prediction', NO_SETTING),
  warned('verbosity', NO_SETTING, { harmless: only('medium') }),
].flat();

const sampling: readonly FieldFate[] = [
  kept('temperature', { unless: 'it is above 1 (1 is sent), or the model thinks or takes none (left out)' }),
  kept('top_p', { unless: 'the model thinks and it is below 0.95, takes none, or not both (left out)' }),
  kept('top_k', { extra: true, unless: 'the model thinks or takes none (left out)' }),
  mapped('stop', '`stop_sequences`', { unless: 'one is nothing but white space (left out)' }),
  warned(['frequency_penalty', 'presence_penalty'], NO_SETTING, { harmless: only(0) }),
  warned('seed', NO_SETTING),
  warned('logit_bias', NO_SETTING, { harmless: nothingInIt }),
  warned('logprobs', 'the Messages dialect tells no probabilities', { harmless: only(false) }),
  warned('top_logprobs', 'the Messages dialect tells no probabilities', { harmless: only(0) }),
].flat();

const thinking: readonly FieldFate[] = [
  mapped('reasoning_effort', '`thinking` with a budget, or adaptive with `output_config.effort` from Claude 4.6 on', {
    unless:
      'the model knows no such effort (the next lower), a tool is forced, the answer is too short for a budget, or the tool turn of the history has no signed thought (no thinking)',
  }),
  mapped(
    ['reasoning.effort', 'reasoning.max_tokens', 'reasoning.enabled', 'reasoning.exclude'],
    '`thinking`, as `reasoning_effort`',
    {
      extra: true,
      unless: 'a budget is given to a model that takes an effort alone',
    },
  ),
].flat();

const caching: readonly FieldFate[] = [
  kept('cache_control', { extra: true }),
  markerLifetime('cache_control.ttl', { extra: true }),
  warned('prompt_cache_key', NO_SETTING),
  warned('prompt_cache_options.mode', 'only what a cache_control marks is cached', { harmless: only('explicit') }),
  warned('prompt_cache_options.ttl', 'say the ttl at each cache_control'),
  warned('prompt_cache_retention', 'say the ttl at each cache_control', { harmless: only('in_memory') }),
].flat();

const tools: readonly FieldFate[] = [
  mapped('tools[function]', 'a tool of type `custom`'),
  kept(['tools[function].function.name', 'tools[function].function.description']),
  kept('tools[function].function.strict', { unless: 'the model does not keep strictly to a schema' }),
  mapped('tools[function].function.parameters', '`input_schema`; without it, a tool that takes nothing', {
    whole: true,
  }),
  mapped('tools[custom]', 'a tool with one argument `input`, a text, which answers give back as the plain input'),
  kept(['tools[custom].custom.name', 'tools[custom].custom.description']),
  mapped('tools[custom].custom.format(text)', 'the argument is a text'),
  warned('tools[custom].custom.format(grammar)', 'the Messages dialect keeps to no grammar'),
  kept('tools[].cache_control', { extra: true }),
  markerLifetime('tools[].cache_control.ttl', { extra: true }),
  refused('tools[*]', 'a tool of this type is not known to this gateway'),
  mapped('functions[].name', '`tools[].name`'),
  mapped('functions[].description', '`tools[].description`'),
  mapped('functions[].parameters', '`tools[].input_schema`', { whole: true }),
  mapped(['function_call', 'function_call.name'], '`tool_choice`'),
  mapped('tool_choice', '`auto` and `none` stay, `required` is `any`', {
    unless: 'the model is to think (it is told not to), or cannot be made to call a tool (it may choose)',
  }),
  mapped(
    ['tool_choice(function).function.name', 'tool_choice(custom).custom.name'],
    '`tool_choice.name` of type `tool`',
  ),
  mapped('tool_choice(allowed_tools).allowed_tools.mode', '`auto`, or `any` for `required`'),
  mapped('tool_choice(allowed_tools).allowed_tools.tools', 'the other tools are not sent', { whole: true }),
  mapped('parallel_tool_calls', '`tool_choice.disable_parallel_tool_use`, turned round'),
  mapped('web_search_options', 'a tool of type `web_search_20250305`'),
  warned('web_search_options.search_context_size', NO_SETTING, { harmless: only('medium') }),
  mapped('web_search_options.user_location', '`user_location` of the tool'),
  mapped(
    ['city', 'country', 'region', 'timezone'].map((name) => `web_search_options.user_location.approximate.${name}`),
    '`user_location` of the tool',
  ),
].flat();

/** What a Chat Completions request says, and what of it a Messages provider is told. */
export const chatRequest: readonly FieldFate[] = [
  ...chatMessages,
  ...answerForm,
  ...sampling,
  ...thinking,
  ...tools,
  ...caching,
  ...handling,
];
