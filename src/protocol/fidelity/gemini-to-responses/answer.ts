import { responsesAnswer } from '../responses/answer.ts';
import { type FieldFate, mapped, warned } from '../table.ts';

const NO_PLACE = 'an answer of the Gemini dialect has no place for it';
const TEXT = 'output[message].content[output_text]';

const whole: readonly FieldFate[] = [
  mapped('id', '`responseId`, an id of ours'),
  mapped('created_at', '`createTime`'),
  mapped(['status', 'incomplete_details.reason'], '`finishReason`: `STOP`, `MAX_TOKENS`, `SAFETY`'),
  warned('service_tier', NO_PLACE),
].flat();

const items: readonly FieldFate[] = [
  mapped([`${TEXT}.text`, 'output[message].content[refusal].refusal'], 'a part with `text`'),
  mapped(
    ['url', 'title', 'start_index', 'end_index'].map((name) => `${TEXT}.annotations[url_citation].${name}`),
    '`groundingMetadata`: its `groundingChunks` and `groundingSupports`',
  ),
  mapped(`${TEXT}.logprobs`, '`logprobsResult`', { whole: true }),
  mapped(
    ['output[reasoning].summary[summary_text].text', 'output[reasoning].content[reasoning_text].text'],
    'a part that is a `thought`',
  ),
  mapped(
    ['output[reasoning].id', 'output[reasoning].encrypted_content'],
    'in `thoughtSignature` of the part, marked as not of Gemini',
  ),
  mapped(['output[function_call].call_id', 'output[custom_tool_call].call_id'], '`functionCall.id`'),
  mapped(['output[function_call].name', 'output[custom_tool_call].name'], '`functionCall.name`'),
  mapped('output[function_call].arguments', '`functionCall.args`; what is no JSON object stands in `arguments`'),
  mapped('output[custom_tool_call].input', '`functionCall.args.input`'),
  mapped('output[image_generation_call].result', '`inlineData`'),
  warned(
    [
      'id',
      'status',
      'action',
      'background',
      'error',
      'output_format',
      'quality',
      'revised_prompt',
      'size',
      'svg_usage',
    ].map((name) => `output[image_generation_call].${name}`),
    NO_PLACE,
  ),
].flat();

const usage: readonly FieldFate[] = [
  mapped('usage.input_tokens', '`promptTokenCount`'),
  mapped('usage.input_tokens_details.cached_tokens', '`cachedContentTokenCount`'),
  warned('usage.input_tokens_details.cache_write_tokens', NO_PLACE),
  warned('usage.input_tokens_details.cache_write_tokens_details', NO_PLACE),
  mapped('usage.output_tokens', '`candidatesTokenCount`, without the thoughts'),
  mapped('usage.output_tokens_details.reasoning_tokens', '`thoughtsTokenCount`'),
  mapped('usage.total_tokens', '`totalTokenCount`'),
].flat();

const stream: readonly FieldFate[] = [
  mapped('stream(response.output_text.annotation.added).annotation', 'as of a whole answer', { whole: true }),
  mapped('stream(response.output_text.annotation.added).annotation_index', 'their order says it'),
  mapped('stream(response.output_text.delta).logprobs', '`logprobsResult`', { whole: true }),
  warned(
    ['in_progress', 'generating', 'completed', 'partial_image'].map(
      (at) => `stream(response.image_generation_call.${at})`,
    ),
    'a picture comes whole',
  ),
].flat();

/** What a Responses provider answers, and what of it a Gemini client is told. */
export const responsesAnswerToGemini: readonly FieldFate[] = [
  ...whole,
  ...items,
  ...usage,
  ...stream,
  ...responsesAnswer(NO_PLACE),
];
