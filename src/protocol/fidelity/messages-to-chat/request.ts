import { only } from '../harmless.ts';
import { messagesRequest } from '../messages/request.ts';
import { type FieldFate, kept, mapped, refused, warned } from '../table.ts';
import { messagesMessages } from './request-messages.ts';

const NO_SETTING = 'the Chat Completions dialect has no such setting';
const MARKER = { whole: true, unless: 'the provider knows no cache markers, or not this ttl' } as const;

const handling: readonly FieldFate[] = [
  kept(['model', 'stream']),
  mapped(
    'metadata.user_id',
    '`safety_identifier`, or `user` where the provider knows that; its SHA-256 where it is longer than 64 characters',
  ),
  mapped('service_tier', '`auto` stays, `standard_only` is `default`'),
].flat();

const answerForm: readonly FieldFate[] = [
  mapped('max_tokens', '`max_completion_tokens`, or `max_tokens` where the provider knows that'),
  mapped('stop_sequences', '`stop`', { unless: 'there are more than four (the first four), or the model takes none' }),
  kept(['temperature', 'top_p'], { extra: true, unless: 'the model takes none' }),
  warned('top_k', NO_SETTING, { extra: true }),
  mapped(['output_config.format.schema', 'output_format.schema'], '`response_format.json_schema.schema`, strict', {
    whole: true,
  }),
  mapped('output_config.effort', '`reasoning_effort`', {
    unless: 'the model is known not to think, or not to take more than high',
  }),
].flat();

const thinking: readonly FieldFate[] = [
  mapped('thinking(enabled).budget_tokens', '`reasoning_effort`: to 2048 low, to 8192 medium, above high', {
    unless: 'the model is known not to think',
  }),
  mapped('thinking(adaptive)', '`reasoning_effort` as `output_config.effort` says, or nothing'),
  mapped('thinking(disabled)', '`reasoning_effort: none` where the model is known to take it, or nothing'),
  warned(['thinking(enabled).display', 'thinking(adaptive).display'], NO_SETTING, { harmless: only('summarized') }),
].flat();

const tools: readonly FieldFate[] = [
  mapped('tools[custom]', 'a tool of type `function`'),
  kept(['tools[custom].description', 'tools[custom].strict']),
  mapped('tools[custom].name', 'the same; of more than 64 characters a shorter one, and the whole one in answers'),
  mapped('tools[custom].input_schema', '`parameters`', { whole: true }),
  mapped('tools[custom].cache_control', '`cache_control` of the tool, where the provider knows it', MARKER),
  refused(
    ['web_search_*', 'web_fetch_*', 'code_execution_*'].map((type) => `tools[${type}]`),
    'this provider does not run this tool',
  ),
  mapped(['tool_choice(auto)', 'tool_choice(none)'], 'the same'),
  mapped('tool_choice(any)', '`required`'),
  mapped('tool_choice(tool).name', '`tool_choice.function.name`'),
  mapped(
    ['auto', 'any', 'tool'].map((type) => `tool_choice(${type}).disable_parallel_tool_use`),
    '`parallel_tool_calls`, turned round',
  ),
].flat();

const system: readonly FieldFate[] = [
  mapped(['system', 'system[text].text'], 'a first message of role `system`, a text or text parts as it came'),
  mapped('system[text].cache_control', 'the marker of the text part', MARKER),
  warned('system[text].citations', 'texts of a request carry no citations'),
  mapped('cache_control', '`cache_control` where the provider knows it, else a marker on the last part', MARKER),
].flat();

/** What a Messages request says, and what of it a Chat Completions provider is told. */
export const messagesRequestToChat: readonly FieldFate[] = [
  ...system,
  ...messagesMessages,
  ...answerForm,
  ...thinking,
  ...tools,
  ...handling,
  ...messagesRequest,
];
