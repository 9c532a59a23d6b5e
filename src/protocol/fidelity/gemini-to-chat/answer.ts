import { type FieldFate, mapped, warned } from '../table.ts';

const NO_PLACE = 'an answer of the Gemini dialect has no place for it';
const MESSAGE = 'choices[].message';
const DELTA = 'stream.choices[].delta';
const FINISH = '`finishReason`: `STOP`, `MAX_TOKENS`, `SAFETY`';
const GROUNDING = '`groundingMetadata`: its `groundingChunks` and `groundingSupports`';
const THOUGHT = 'a part that is a `thought`; what its maker wants back in its `thoughtSignature`';

const whole: readonly FieldFate[] = [
  mapped('id', '`responseId`, an id of ours'),
  mapped('model', '`modelVersion`'),
  mapped('object', 'the client reads an answer in its own dialect'),
  mapped('created', '`createTime`'),
  mapped('choices[].index', '`index` of the candidate'),
  mapped('choices[].finish_reason', FINISH),
  mapped('choices[].logprobs.content', '`logprobsResult`', { whole: true }),
  warned('choices[].logprobs.refusal', NO_PLACE),
  warned(['metadata', 'moderation', 'service_tier', 'system_fingerprint'], NO_PLACE),
].flat();

const message: readonly FieldFate[] = [
  mapped([`${MESSAGE}.content`, `${MESSAGE}.refusal`], 'a part with `text`'),
  mapped(
    ['url', 'title', 'start_index', 'end_index'].map(
      (name) => `${MESSAGE}.annotations[url_citation].url_citation.${name}`,
    ),
    GROUNDING,
  ),
  mapped(`${MESSAGE}.audio.data`, '`inlineData`'),
  warned(
    ['id', 'expires_at', 'transcript'].map((name) => `${MESSAGE}.audio.${name}`),
    NO_PLACE,
  ),
  mapped([`${MESSAGE}.function_call.name`, `${MESSAGE}.function_call.arguments`], '`functionCall`'),
  mapped(`${MESSAGE}.tool_calls[].id`, '`functionCall.id`'),
  mapped(
    ['[function].function.name', '[custom].custom.name'].map((name) => `${MESSAGE}.tool_calls${name}`),
    '`functionCall.name`',
  ),
  mapped(
    `${MESSAGE}.tool_calls[function].function.arguments`,
    '`functionCall.args`; what is no JSON object stands in `arguments`',
  ),
  mapped(`${MESSAGE}.tool_calls[custom].custom.input`, '`functionCall.args.input`'),
  mapped(
    ['reasoning_content', 'reasoning', 'reasoning_details'].map((name) => `${MESSAGE}.${name}`),
    THOUGHT,
    { extra: true, whole: true },
  ),
].flat();

const usage: readonly FieldFate[] = [
  mapped('usage.prompt_tokens', '`promptTokenCount`'),
  mapped('usage.prompt_tokens_details.cached_tokens', '`cachedContentTokenCount`'),
  warned('usage.prompt_tokens_details.cache_write_tokens', NO_PLACE),
  mapped('usage.completion_tokens', '`candidatesTokenCount`, without the thoughts'),
  mapped('usage.completion_tokens_details.reasoning_tokens', '`thoughtsTokenCount`'),
  mapped('usage.total_tokens', '`totalTokenCount`'),
  mapped(
    ['audio_tokens', 'image_tokens', 'text_tokens'].map((name) => `usage.prompt_tokens_details.${name}`),
    '`promptTokensDetails`',
  ),
  mapped(
    ['audio_tokens', 'text_tokens'].map((name) => `usage.completion_tokens_details.${name}`),
    '`candidatesTokensDetails`',
  ),
  warned(
    ['accepted_prediction_tokens', 'rejected_prediction_tokens'].map(
      (name) => `usage.completion_tokens_details.${name}`,
    ),
    NO_PLACE,
  ),
].flat();

const stream: readonly FieldFate[] = [
  mapped(
    ['id', 'model', 'object', 'created'].map((name) => `stream.${name}`),
    'as of a whole answer, in each event',
  ),
  mapped('stream.usage', 'as of a whole answer, in the last event', { whole: true }),
  warned(
    ['service_tier', 'moderation', 'system_fingerprint', 'obfuscation'].map((name) => `stream.${name}`),
    NO_PLACE,
  ),
  mapped('stream.choices[].index', '`index` of the candidate'),
  mapped('stream.choices[].finish_reason', FINISH),
  mapped('stream.choices[].logprobs.content', '`logprobsResult`', { whole: true }),
  warned('stream.choices[].logprobs.refusal', NO_PLACE),
  mapped([`${DELTA}.content`, `${DELTA}.refusal`], 'a part with `text`'),
  mapped(`${DELTA}.audio`, '`inlineData`', { extra: true, whole: true }),
  mapped([`${DELTA}.function_call.name`, `${DELTA}.function_call.arguments`], '`functionCall`'),
  mapped(`${DELTA}.tool_calls[].index`, 'a call is one part, told once it is whole'),
  mapped(`${DELTA}.tool_calls[].id`, '`functionCall.id`'),
  mapped(
    ['function.name', 'custom.name', 'function.arguments', 'custom.input'].map(
      (name) => `${DELTA}.tool_calls[].${name}`,
    ),
    '`functionCall`',
  ),
  mapped(
    ['reasoning_content', 'reasoning', 'reasoning_details'].map((name) => `${DELTA}.${name}`),
    THOUGHT,
    { extra: true, whole: true },
  ),
  mapped(`${DELTA}.annotations`, GROUNDING, { extra: true, whole: true }),
].flat();

/** What a Chat Completions provider answers, and what of it a Gemini client is told. */
export const chatAnswerToGemini: readonly FieldFate[] = [...whole, ...message, ...usage, ...stream];
