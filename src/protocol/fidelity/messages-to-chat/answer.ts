import { type FieldFate, kept, mapped, warned } from '../table.ts';

const NO_PLACE = 'an answer of the Messages dialect has no place for it';

const whole: readonly FieldFate[] = [
  mapped('id', 'an id of ours in the form `msg_...`'),
  kept('model'),
  mapped('object', '`type`'),
  mapped('choices', 'the first one'),
  mapped('choices[].index', 'there is one'),
  mapped('choices[].finish_reason', '`stop_reason`: `end_turn`, `max_tokens`, `tool_use`, `refusal`'),
  warned('choices[].logprobs', NO_PLACE),
  warned(['created', 'metadata', 'moderation', 'system_fingerprint'], NO_PLACE),
  mapped('service_tier', '`usage.service_tier`: `priority` stays, all else is `standard`'),
].flat();

const message: readonly FieldFate[] = [
  mapped('choices[].message.content', 'a `text` block'),
  mapped('choices[].message.refusal', 'a `text` block, and the `stop_reason` `refusal`'),
  mapped(
    ['url', 'title'].map((name) => `choices[].message.annotations[url_citation].url_citation.${name}`),
    '`citations` of type `web_search_result_location`',
  ),
  warned(
    ['start_index', 'end_index'].map((name) => `choices[].message.annotations[url_citation].url_citation.${name}`),
    'a citation of the Messages dialect is of its whole text block',
  ),
  warned('choices[].message.audio', NO_PLACE),
  mapped(
    ['choices[].message.function_call.name', 'choices[].message.function_call.arguments'],
    'a `tool_use` with an id of ours',
  ),
  kept('choices[].message.tool_calls[].id'),
  kept('choices[].message.tool_calls[function].function.name'),
  mapped(
    'choices[].message.tool_calls[function].function.arguments',
    '`input`; what is no JSON object stands in `arguments`',
  ),
  kept('choices[].message.tool_calls[custom].custom.name'),
  mapped('choices[].message.tool_calls[custom].custom.input', '`input.input`'),
  mapped(
    ['reasoning_content', 'reasoning', 'reasoning_details'].map((name) => `choices[].message.${name}`),
    '`thinking` with the signature of its maker, or `leeward-unsigned`; `redacted_thinking` for what is encrypted',
    { extra: true, whole: true },
  ),
].flat();

const usage: readonly FieldFate[] = [
  mapped('usage.prompt_tokens', '`input_tokens`, without what was read from the cache and written to it'),
  mapped('usage.prompt_tokens_details.cached_tokens', '`cache_read_input_tokens`'),
  mapped('usage.prompt_tokens_details.cache_write_tokens', '`cache_creation_input_tokens`'),
  mapped('usage.completion_tokens', '`output_tokens`'),
  mapped('usage.completion_tokens_details.reasoning_tokens', '`output_tokens_details.thinking_tokens`'),
  mapped('usage.total_tokens', 'the sum of the others'),
  warned(
    ['audio_tokens', 'image_tokens', 'text_tokens'].map((name) => `usage.prompt_tokens_details.${name}`),
    NO_PLACE,
  ),
  warned(
    ['audio_tokens', 'text_tokens', 'accepted_prediction_tokens', 'rejected_prediction_tokens'].map(
      (name) => `usage.completion_tokens_details.${name}`,
    ),
    NO_PLACE,
  ),
].flat();

const stream: readonly FieldFate[] = [
  mapped(['stream.id', 'stream.model', 'stream.object'], 'as of a whole answer, in `message_start`'),
  mapped(['stream.usage', 'stream.service_tier'], 'as of a whole answer, in `message_delta`', { whole: true }),
  warned(['stream.created', 'stream.moderation', 'stream.system_fingerprint', 'stream.obfuscation'], NO_PLACE),
  mapped('stream.choices', 'the first one'),
  mapped('stream.choices[].index', 'there is one'),
  mapped('stream.choices[].finish_reason', '`stop_reason` in `message_delta`'),
  warned('stream.choices[].logprobs', NO_PLACE),
  mapped('stream.choices[].delta.content', '`text_delta`'),
  mapped('stream.choices[].delta.refusal', '`text_delta`, and the `stop_reason` `refusal`'),
  warned('stream.choices[].delta.audio', NO_PLACE),
  mapped(
    ['stream.choices[].delta.function_call.name', 'stream.choices[].delta.function_call.arguments'],
    'a `tool_use` block',
  ),
  mapped('stream.choices[].delta.tool_calls[].index', 'blocks are numbered in the order in which they begin'),
  mapped(
    ['id', 'function.name', 'custom.name'].map((name) => `stream.choices[].delta.tool_calls[].${name}`),
    '`content_block_start`',
  ),
  mapped(
    ['function.arguments', 'custom.input'].map((name) => `stream.choices[].delta.tool_calls[].${name}`),
    '`input_json_delta`',
  ),
  mapped(
    ['reasoning_content', 'reasoning', 'reasoning_details'].map((name) => `stream.choices[].delta.${name}`),
    '`thinking_delta` and `signature_delta`',
    { extra: true, whole: true },
  ),
  mapped('stream.choices[].delta.annotations', '`citations_delta`', { extra: true, whole: true }),
].flat();

/** What a Chat Completions provider answers, and what of it a Messages client is told. */
export const chatAnswerToMessages: readonly FieldFate[] = [...whole, ...message, ...usage, ...stream];
