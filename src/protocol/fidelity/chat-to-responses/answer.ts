import { responsesAnswer } from '../responses/answer.ts';
import { type FieldFate, kept, mapped, warned } from '../table.ts';

const NO_PLACE = 'an answer of the Chat Completions dialect has no place for it';
const TEXT = 'output[message].content[output_text]';

const whole: readonly FieldFate[] = [
  mapped('id', 'an id of ours in the form `chatcmpl-...`'),
  mapped('created_at', '`created`'),
  mapped(['status', 'incomplete_details.reason'], '`finish_reason`: `stop`, `length`, `tool_calls`, `content_filter`'),
  kept('service_tier'),
].flat();

const items: readonly FieldFate[] = [
  mapped(`${TEXT}.text`, '`message.content`, all of them joined'),
  mapped(
    ['url', 'title', 'start_index', 'end_index'].map((name) => `${TEXT}.annotations[url_citation].${name}`),
    '`annotations` of type `url_citation`',
  ),
  mapped(`${TEXT}.logprobs`, '`logprobs.content`', { whole: true }),
  mapped('output[message].content[refusal].refusal', '`message.refusal`'),
  mapped(
    ['output[reasoning].summary[summary_text].text', 'output[reasoning].content[reasoning_text].text'],
    '`reasoning_content`, and `reasoning_details`',
  ),
  mapped('output[reasoning].id', '`id` of the detail'),
  mapped('output[reasoning].encrypted_content', '`reasoning_details` of type `reasoning.encrypted`'),
  mapped(['output[function_call].call_id', 'output[custom_tool_call].call_id'], '`tool_calls[].id`'),
  mapped(['output[function_call].name', 'output[function_call].arguments'], '`tool_calls[].function`'),
  mapped(['output[custom_tool_call].name', 'output[custom_tool_call].input'], '`tool_calls[].custom`'),
  warned('output[image_generation_call]', NO_PLACE),
].flat();

const usage: readonly FieldFate[] = [
  mapped('usage.input_tokens', '`prompt_tokens`'),
  mapped('usage.input_tokens_details.cached_tokens', '`prompt_tokens_details.cached_tokens`'),
  mapped('usage.input_tokens_details.cache_write_tokens', '`prompt_tokens_details.cache_write_tokens`'),
  warned('usage.input_tokens_details.cache_write_tokens_details', 'for how long it was written is not told'),
  mapped('usage.output_tokens', '`completion_tokens`'),
  mapped('usage.output_tokens_details.reasoning_tokens', '`completion_tokens_details.reasoning_tokens`'),
  mapped('usage.total_tokens', 'the sum of the others'),
].flat();

const stream: readonly FieldFate[] = [
  mapped('stream(response.output_text.annotation.added).annotation', 'as of a whole answer', { whole: true }),
  mapped('stream(response.output_text.annotation.added).annotation_index', 'their order says it'),
  mapped('stream(response.output_text.delta).logprobs', '`logprobs.content`', { whole: true }),
  warned(
    ['in_progress', 'generating', 'completed', 'partial_image'].map(
      (at) => `stream(response.image_generation_call.${at})`,
    ),
    NO_PLACE,
  ),
].flat();

/** What a Responses provider answers, and what of it a Chat Completions client is told. */
export const responsesAnswerToChat: readonly FieldFate[] = [
  ...whole,
  ...items,
  ...usage,
  ...stream,
  ...responsesAnswer(NO_PLACE),
];
