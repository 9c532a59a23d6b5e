import { only } from '../harmless.ts';
import { type FieldFate, mapped, refused, warned } from '../table.ts';

const CONTENT = 'messages[].content';
const ASSISTANT = 'messages[assistant]';
const NO_SETTING = 'the Gemini dialect has no such setting';
const THOUGHT = { extra: true, whole: true, unless: 'another provider signed it: such a thought is not sent' } as const;
const NO_OBJECT = { unless: 'they are no JSON object: they stand as a text in `arguments`' } as const;

const roles: readonly FieldFate[] = [
  mapped(['messages[system]', 'messages[developer]'], '`systemInstruction`', {
    unless: 'they stand later than the first message of `user`: they are put before it',
  }),
  mapped('messages[user]', 'a content of role `user`, together with those beside it'),
  mapped(ASSISTANT, 'a content of role `model`'),
  mapped('messages[tool]', 'a `functionResponse`, in the order of the calls'),
  mapped('messages[function]', 'a `functionResponse` for the last call of that name'),
  warned(
    ['system', 'developer', 'user', 'assistant'].map((role) => `messages[${role}].name`),
    'the Gemini dialect does not name who speaks',
  ),
].flat();

const parts: readonly FieldFate[] = [
  mapped(
    [CONTENT, `${CONTENT}[text].text`],
    'a part with `text`; of a tool `output` of its `response`, or a JSON object as it is',
  ),
  mapped(`${CONTENT}[refusal].refusal`, 'a part with `text`'),
  mapped(`${CONTENT}[image_url].image_url.url`, '`fileData` by its URL or, of a data URL, `inlineData`', {
    unless: 'the model reads nothing at an address: it is refused',
  }),
  warned(`${CONTENT}[image_url].image_url.detail`, NO_SETTING, { harmless: only('auto') }),
  mapped(
    ['data', 'format'].map((name) => `${CONTENT}[input_audio].input_audio.${name}`),
    '`inlineData`',
  ),
  mapped(`${CONTENT}[video_url].video_url.url`, '`fileData` by its URL or, of a data URL, `inlineData`', {
    extra: true,
  }),
  mapped(`${CONTENT}[file].file.file_data`, '`inlineData`'),
  refused(`${CONTENT}[file].file.file_id`, 'the file lies at another provider'),
  mapped(`${CONTENT}[file].file.filename`, 'a line of text before it: files have no names there'),
  refused(`${CONTENT}[*]`, 'a part of this type is not known to this gateway'),
].flat();

const cacheMarkers: readonly FieldFate[] = ['text', 'image_url', 'input_audio', 'file']
  .map((type) => `${CONTENT}[${type}]`)
  .flatMap((part) => [
    ...warned(`${part}.prompt_cache_breakpoint`, 'this provider finds by itself what it can read from its cache'),
    ...warned(`${part}.cache_control`, 'this provider finds by itself what it can read from its cache', {
      extra: true,
    }),
  ]);

const assistant: readonly FieldFate[] = [
  mapped(`${ASSISTANT}.refusal`, 'a part with `text`'),
  refused(`${ASSISTANT}.audio`, 'the sound lies at another provider'),
  mapped(`${ASSISTANT}.function_call.name`, '`functionCall.name`'),
  mapped(`${ASSISTANT}.function_call.arguments`, '`functionCall.args`', NO_OBJECT),
  mapped(`${ASSISTANT}.tool_calls[]`, 'parts with a `functionCall`, in their order'),
  mapped(
    [`${ASSISTANT}.tool_calls[].id`, 'messages[tool].tool_call_id'],
    '`id` of the call and of its response from Gemini 3 on; before it the order says it',
  ),
  mapped(
    [`${ASSISTANT}.tool_calls[function].function.name`, `${ASSISTANT}.tool_calls[custom].custom.name`],
    '`functionCall.name`',
  ),
  mapped(`${ASSISTANT}.tool_calls[function].function.arguments`, '`functionCall.args`', NO_OBJECT),
  mapped(`${ASSISTANT}.tool_calls[custom].custom.input`, '`functionCall.args.input`'),
  mapped(`${ASSISTANT}.tool_calls[].index`, 'their order says it', { extra: true }),
  mapped(`${ASSISTANT}.tool_calls[].extra_content.google.thought_signature`, '`thoughtSignature` of the part', {
    extra: true,
  }),
  mapped(`${ASSISTANT}.reasoning_details`, 'parts that are a `thought`, with their `thoughtSignature`', THOUGHT),
  mapped([`${ASSISTANT}.reasoning_content`, `${ASSISTANT}.reasoning`], 'a part that is a `thought`', THOUGHT),
  warned(`${ASSISTANT}.annotations`, 'what an earlier answer cited is not told again', { extra: true }),
  mapped(
    [`${ASSISTANT}.parsed`, `${ASSISTANT}.tool_calls[function].function.parsed_arguments`],
    "put there by the client's own library; the text beside it says the same",
    { extra: true, whole: true },
  ),
].flat();

const results: readonly FieldFate[] = [
  mapped('messages[tool].name', 'follows from the call', { extra: true }),
  mapped('messages[function].name', '`functionResponse.name`'),
].flat();

/** The messages of a Chat Completions request. */
export const chatMessagesToGemini: readonly FieldFate[] = [
  ...roles,
  ...parts,
  ...cacheMarkers,
  ...assistant,
  ...results,
];
