import { responsesAnswer } from '../responses/answer.ts';
import { type FieldFate, mapped, warned } from '../table.ts';

const NO_PLACE = 'an answer of the Messages dialect has no place for it';
const TEXT = 'output[message].content[output_text]';

const whole: readonly FieldFate[] = [
  mapped('id', 'an id of ours in the form `msg_...`'),
  warned('created_at', NO_PLACE),
  mapped(['status', 'incomplete_details.reason'], '`stop_reason`: `end_turn`, `max_tokens`, `tool_use`, `refusal`'),
  mapped('service_tier', '`usage.service_tier`: `priority` stays, all else is `standard`'),
].flat();

const items: readonly FieldFate[] = [
  mapped(`${TEXT}.text`, 'a `text` block'),
  mapped(
    ['url', 'title'].map((name) => `${TEXT}.annotations[url_citation].${name}`),
    '`citations` of type `web_search_result_location`',
  ),
  warned(
    ['start_index', 'end_index'].map((name) => `${TEXT}.annotations[url_citation].${name}`),
    'a citation of the Messages dialect is of its whole text block',
  ),
  warned(`${TEXT}.logprobs`, NO_PLACE),
  mapped('output[message].content[refusal].refusal', 'a `text` block, and the `stop_reason` `refusal`'),
  mapped(
    ['output[reasoning].summary[summary_text].text', 'output[reasoning].content[reasoning_text].text'],
    '`thinking`',
  ),
  mapped(
    ['output[reasoning].id', 'output[reasoning].encrypted_content'],
    'in the `signature` of the block, marked as not of Anthropic',
  ),
  mapped(['output[function_call].call_id', 'output[custom_tool_call].call_id'], '`tool_use.id`'),
  mapped(['output[function_call].name', 'output[custom_tool_call].name'], '`tool_use.name`'),
  mapped('output[function_call].arguments', '`input`; what is no JSON object stands in `arguments`'),
  mapped('output[custom_tool_call].input', '`input.input`'),
  warned('output[image_generation_call]', NO_PLACE),
].flat();

const usage: readonly FieldFate[] = [
  mapped('usage.input_tokens', '`input_tokens`, without what was read from the cache and written to it'),
  mapped('usage.input_tokens_details.cached_tokens', '`cache_read_input_tokens`'),
  mapped('usage.input_tokens_details.cache_write_tokens', '`cache_creation_input_tokens`'),
  warned('usage.input_tokens_details.cache_write_tokens_details', 'for how long it was written is not told'),
  mapped('usage.output_tokens', '`output_tokens`'),
  mapped('usage.output_tokens_details.reasoning_tokens', '`output_tokens_details.thinking_tokens`'),
  mapped('usage.total_tokens', 'the sum of the others'),
].flat();

const stream: readonly FieldFate[] = [
  mapped('stream(response.output_text.annotation.added).annotation', '`citations_delta`', { whole: true }),
  mapped('stream(response.output_text.annotation.added).annotation_index', 'their order says it'),
  warned('stream(response.output_text.delta).logprobs', NO_PLACE),
  warned(
    ['in_progress', 'generating', 'completed', 'partial_image'].map(
      (at) => `stream(response.image_generation_call.${at})`,
    ),
    NO_PLACE,
  ),
].flat();

/** What a Responses provider answers, and what of it a Messages client is told. */
export const responsesAnswerToMessages: readonly FieldFate[] = [
  ...whole,
  ...items,
  ...usage,
  ...stream,
  ...responsesAnswer(NO_PLACE),
];
