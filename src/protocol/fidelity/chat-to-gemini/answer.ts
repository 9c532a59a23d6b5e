import { geminiAnswer } from '../gemini/answer.ts';
import { type FieldFate, mapped, warned } from '../table.ts';

const NO_PLACE = 'an answer of the Chat Completions dialect has no place for it';

const usage: readonly FieldFate[] = [
  mapped(
    ['usageMetadata.promptTokenCount', 'usageMetadata.toolUsePromptTokenCount'],
    '`prompt_tokens`, the one and the other together',
  ),
  mapped('usageMetadata.cachedContentTokenCount', '`prompt_tokens_details.cached_tokens`'),
  mapped('usageMetadata.candidatesTokenCount', '`completion_tokens`, together with the thoughts'),
  mapped('usageMetadata.thoughtsTokenCount', '`completion_tokens_details.reasoning_tokens`'),
  mapped('usageMetadata.totalTokenCount', 'the sum of the others'),
  mapped(
    ['promptTokensDetails', 'toolUsePromptTokensDetails'].map((name) => `usageMetadata.${name}`),
    '`prompt_tokens_details`: `audio_tokens`, `image_tokens`, `video_tokens`',
    { whole: true },
  ),
  mapped('usageMetadata.candidatesTokensDetails', '`completion_tokens_details`, as those of the prompt', {
    whole: true,
  }),
  warned('usageMetadata.cacheTokensDetails', NO_PLACE),
].flat();

/** What a Gemini provider answers, and what of it a Chat Completions client is told. */
export const geminiAnswerToChat: readonly FieldFate[] = geminiAnswer(
  {
    noPlace: NO_PLACE,
    candidates: '`choices[].index`',
    id: 'an id of ours in the form `chatcmpl-...`',
    created: '`created`',
    finish: '`finish_reason`: `stop`, `length`, `tool_calls`, `content_filter`',
    text: '`message.content`, all of them joined; of a thought `reasoning_content` and `reasoning_details`',
    thought: 'the text is a thought',
    signature:
      '`reasoning_details` of the format `google-gemini-v1`, or `extra_content.google` of a call; that of a text stays behind',
    picture: '`message.images`, or `message.audio`',
    call: '`tool_calls[].function`; of a tool of type `custom` its plain `input`',
    callId: '`tool_calls[].id`',
    citation: '`annotations` of type `url_citation`',
    segment: '`start_index` and `end_index`, in characters',
    quote: undefined,
    logprobs: '`logprobs.content`',
    tier: '`service_tier`: `standard` is `default`',
  },
  usage,
);
