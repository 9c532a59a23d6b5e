import { geminiAnswer } from '../gemini/answer.ts';
import { type FieldFate, mapped, warned } from '../table.ts';

const NO_PLACE = 'an answer of the Messages dialect has no place for it';

const usage: readonly FieldFate[] = [
  mapped(
    ['usageMetadata.promptTokenCount', 'usageMetadata.toolUsePromptTokenCount'],
    '`input_tokens`, without what was read from the cache',
  ),
  mapped('usageMetadata.cachedContentTokenCount', '`cache_read_input_tokens`'),
  mapped('usageMetadata.candidatesTokenCount', '`output_tokens`, together with the thoughts'),
  mapped('usageMetadata.thoughtsTokenCount', '`output_tokens_details.thinking_tokens`'),
  mapped('usageMetadata.totalTokenCount', 'the sum of the others'),
  warned(
    ['promptTokensDetails', 'toolUsePromptTokensDetails', 'candidatesTokensDetails', 'cacheTokensDetails'].map(
      (name) => `usageMetadata.${name}`,
    ),
    NO_PLACE,
  ),
].flat();

/** What a Gemini provider answers, and what of it a Messages client is told. */
export const geminiAnswerToMessages: readonly FieldFate[] = geminiAnswer(
  {
    noPlace: NO_PLACE,
    candidates: 'the first one is told: the dialect knows one',
    id: 'an id of ours in the form `msg_...`',
    created: undefined,
    finish: '`stop_reason`: `end_turn`, `max_tokens`, `tool_use`, `refusal`',
    text: 'a `text` block; of a thought a `thinking` block',
    thought: 'the text is a thought',
    signature:
      'in the `signature` of the block, marked as of Gemini; of a call in a block before it; that of a text stays behind',
    picture: 'nothing: a Messages client cannot ask for pictures or sounds',
    call: '`tool_use`; of a tool of type `custom` its plain `input`',
    callId: '`tool_use.id`',
    citation: '`citations` of type `web_search_result_location`',
    segment: undefined,
    quote: '`cited_text`',
    logprobs: undefined,
    tier: '`usage.service_tier`',
  },
  usage,
);
