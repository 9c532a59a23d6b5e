import { geminiAnswer } from '../gemini/answer.ts';
import { type FieldFate, mapped, warned } from '../table.ts';

const NO_PLACE = 'an answer of the Responses dialect has no place for it';

const usage: readonly FieldFate[] = [
  mapped(
    ['usageMetadata.promptTokenCount', 'usageMetadata.toolUsePromptTokenCount'],
    '`input_tokens`, the one and the other together',
  ),
  mapped('usageMetadata.cachedContentTokenCount', '`input_tokens_details.cached_tokens`'),
  mapped('usageMetadata.candidatesTokenCount', '`output_tokens`, together with the thoughts'),
  mapped('usageMetadata.thoughtsTokenCount', '`output_tokens_details.reasoning_tokens`'),
  mapped('usageMetadata.totalTokenCount', '`total_tokens`'),
  warned(
    ['promptTokensDetails', 'toolUsePromptTokensDetails', 'candidatesTokensDetails', 'cacheTokensDetails'].map(
      (name) => `usageMetadata.${name}`,
    ),
    NO_PLACE,
  ),
].flat();

/** What a Gemini provider answers, and what of it a Responses client is told. */
export const geminiAnswerToResponses: readonly FieldFate[] = geminiAnswer(
  {
    noPlace: NO_PLACE,
    candidates: 'the first one is told: the dialect knows one',
    id: 'an id of ours in the form `resp_...`',
    created: '`created_at`',
    finish: '`status`, and `incomplete_details.reason`',
    text: 'an `output_text` of a `message`; of a thought the summary of a `reasoning` item',
    thought: 'the text is a thought',
    signature:
      '`encrypted_content` of a `reasoning` item, marked as of Gemini; of a call in an item before it; that of a text stays behind',
    picture: '`image_generation_call`; a Responses client cannot ask for sounds',
    call: 'a `function_call`; of a tool of type `custom` a `custom_tool_call` with its plain `input`',
    callId: '`call_id`',
    citation: '`annotations` of type `url_citation`',
    segment: '`start_index` and `end_index`, in characters',
    quote: undefined,
    logprobs: '`logprobs` of the `output_text`',
    tier: '`service_tier`: `standard` is `default`',
  },
  usage,
);
