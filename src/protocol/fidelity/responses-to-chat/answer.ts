import { type FieldFate, kept, mapped, warned } from '../table.ts';

const NO_PLACE = 'an answer of the Responses dialect has no place for it';

const whole: readonly FieldFate[] = [
  mapped('id', 'an id of ours in the form `resp_...`'),
  kept(['model', 'service_tier']),
  mapped('object', '`response`'),
  mapped('created', '`created_at`'),
  mapped('choices', 'the first one: a Responses client asks for one'),
  mapped('choices[].index', 'there is one'),
  mapped('choices[].finish_reason', '`status`, and `incomplete_details.reason`'),
  mapped('choices[].logprobs.content', '`logprobs` of the `output_text`', { whole: true }),
  warned('choices[].logprobs.refusal', NO_PLACE),
  warned(['metadata', 'moderation', 'system_fingerprint'], NO_PLACE),
].flat();

const message: readonly FieldFate[] = [
  mapped('choices[].message.content', 'an `output_text` of a `message`'),
  mapped('choices[].message.refusal', 'a `refusal` of a `message`'),
  mapped(
    ['url', 'title', 'start_index', 'end_index'].map(
      (name) => `choices[].message.annotations[url_citation].url_citation.${name}`,
    ),
    '`annotations` of type `url_citation`',
  ),
  warned('choices[].message.audio', NO_PLACE),
  mapped(
    ['choices[].message.function_call.name', 'choices[].message.function_call.arguments'],
    'a `function_call` with an id of ours',
  ),
  mapped('choices[].message.tool_calls[].id', '`call_id`'),
  mapped(
    ['name', 'arguments'].map((name) => `choices[].message.tool_calls[function].function.${name}`),
    'a `function_call`; of a tool of type `custom` its plain `input`',
  ),
  mapped(
    ['name', 'input'].map((name) => `choices[].message.tool_calls[custom].custom.${name}`),
    'a `custom_tool_call`',
  ),
  mapped(
    ['reasoning_content', 'reasoning', 'reasoning_details'].map((name) => `choices[].message.${name}`),
    'a `reasoning` item; what its maker wants back is in `encrypted_content`',
    { extra: true, whole: true },
  ),
].flat();

const usage: readonly FieldFate[] = [
  mapped('usage.prompt_tokens', '`input_tokens`'),
  mapped('usage.prompt_tokens_details.cached_tokens', '`input_tokens_details.cached_tokens`'),
  mapped('usage.prompt_tokens_details.cache_write_tokens', '`input_tokens_details.cache_write_tokens`'),
  mapped('usage.completion_tokens', '`output_tokens`'),
  mapped('usage.completion_tokens_details.reasoning_tokens', '`output_tokens_details.reasoning_tokens`'),
  mapped('usage.total_tokens', '`total_tokens`'),
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

const DELTA = 'stream.choices[].delta';

const stream: readonly FieldFate[] = [
  mapped(
    ['id', 'model', 'object', 'created'].map((name) => `stream.${name}`),
    'as of a whole answer, in `response.created`',
  ),
  mapped(['stream.usage', 'stream.service_tier'], 'as of a whole answer, in `response.completed`', { whole: true }),
  warned(['stream.moderation', 'stream.system_fingerprint', 'stream.obfuscation'], NO_PLACE),
  mapped('stream.choices', 'the first one'),
  mapped('stream.choices[].index', 'there is one'),
  mapped('stream.choices[].finish_reason', '`response.completed` or `response.incomplete`'),
  mapped('stream.choices[].logprobs.content', '`logprobs` of the `output_text`', { whole: true }),
  warned('stream.choices[].logprobs.refusal', NO_PLACE),
  mapped(`${DELTA}.content`, '`response.output_text.delta`'),
  mapped(`${DELTA}.refusal`, '`response.refusal.delta`'),
  warned(`${DELTA}.audio`, NO_PLACE),
  mapped([`${DELTA}.function_call.name`, `${DELTA}.function_call.arguments`], 'a `function_call`'),
  mapped(`${DELTA}.tool_calls[].index`, 'items are numbered in the order in which they begin'),
  mapped(
    ['id', 'function.name', 'custom.name'].map((name) => `${DELTA}.tool_calls[].${name}`),
    '`response.output_item.added`',
  ),
  mapped(`${DELTA}.tool_calls[].function.arguments`, '`response.function_call_arguments.delta`'),
  mapped(`${DELTA}.tool_calls[].custom.input`, '`response.custom_tool_call_input.delta`'),
  mapped(
    ['reasoning_content', 'reasoning', 'reasoning_details'].map((name) => `${DELTA}.${name}`),
    '`response.reasoning_summary_text.delta`, or `response.reasoning_text.delta`',
    { extra: true, whole: true },
  ),
  mapped(`${DELTA}.annotations`, '`response.output_text.annotation.added`', { extra: true, whole: true }),
].flat();

/** What a Chat Completions provider answers, and what of it a Responses client is told. */
export const chatAnswerToResponses: readonly FieldFate[] = [...whole, ...message, ...usage, ...stream];
