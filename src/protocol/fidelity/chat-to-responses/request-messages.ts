import { type FieldFate, kept, mapped, refused, warned } from '../table.ts';

const SEALED = {
  extra: true,
  whole: true,
  unless: 'this provider did not seal it: such a thought is not sent',
} as const;
const CONTENT = 'messages[].content';

const roles: readonly FieldFate[] = [
  mapped(['messages[system]', 'messages[developer]'], '`instructions` at the beginning, later an item of that role'),
  kept(['messages[user]', 'messages[assistant]']),
  mapped('messages[tool]', 'a `function_call_output` or `custom_tool_call_output`'),
  mapped('messages[function]', 'a `function_call_output` for the last call of that name'),
  warned(
    ['system', 'developer', 'user', 'assistant'].map((role) => `messages[${role}].name`),
    'the Responses dialect does not name who speaks',
  ),
].flat();

const parts: readonly FieldFate[] = [
  kept(CONTENT),
  mapped(`${CONTENT}[text]`, '`input_text`, of the assistant `output_text`'),
  kept([`${CONTENT}[text].text`, `${CONTENT}[refusal].refusal`]),
  mapped(`${CONTENT}[image_url].image_url.url`, '`input_image.image_url`'),
  mapped(`${CONTENT}[image_url].image_url.detail`, '`input_image.detail`'),
  refused(`${CONTENT}[input_audio]`, 'the Responses dialect takes no sound'),
  mapped(`${CONTENT}[file].file.file_data`, '`input_file.file_data`'),
  refused(`${CONTENT}[file].file.file_id`, 'the file lies at another provider'),
  mapped(`${CONTENT}[file].file.filename`, '`input_file.filename`'),
  refused(`${CONTENT}[*]`, 'a part of this type is not known to this gateway'),
].flat();

const MARKER = { unless: 'it stands on an answer, which carries none there' } as const;

const cacheMarkers: readonly FieldFate[] = ['text', 'image_url', 'file']
  .map((type) => `${CONTENT}[${type}]`)
  .flatMap((part) => [
    ...mapped(`${part}.prompt_cache_breakpoint`, 'the same on its part', { whole: true, ...MARKER }),
    ...mapped(`${part}.cache_control`, '`prompt_cache_breakpoint`', { extra: true, whole: true, ...MARKER }),
  ]);

const assistant: readonly FieldFate[] = [
  mapped('messages[assistant].refusal', 'a `refusal` of a `message`'),
  refused('messages[assistant].audio', 'the Responses dialect takes no sound'),
  mapped(
    ['messages[assistant].function_call.name', 'messages[assistant].function_call.arguments'],
    '`function_call`, with an id of ours',
  ),
  mapped('messages[assistant].tool_calls[]', 'items `function_call` and `custom_tool_call`, in their order'),
  mapped(['messages[assistant].tool_calls[].id', 'messages[tool].tool_call_id'], '`call_id`'),
  kept(['name', 'arguments'].map((name) => `messages[assistant].tool_calls[function].function.${name}`)),
  kept(['name', 'input'].map((name) => `messages[assistant].tool_calls[custom].custom.${name}`)),
  mapped('messages[assistant].tool_calls[].extra_content.google', "what Google's models signed goes to them alone", {
    extra: true,
    whole: true,
  }),
  mapped('messages[assistant].tool_calls[].index', 'their order says it', { extra: true }),
  mapped('messages[assistant].reasoning_details', '`reasoning` items with their `encrypted_content`', SEALED),
  mapped(['messages[assistant].reasoning_content', 'messages[assistant].reasoning'], 'a `reasoning` item', SEALED),
  warned('messages[assistant].annotations', 'what an earlier answer cited is not told again', { extra: true }),
  mapped(
    ['messages[assistant].parsed', 'messages[assistant].tool_calls[function].function.parsed_arguments'],
    "put there by the client's own library; the text beside it says the same",
    { extra: true, whole: true },
  ),
].flat();

const results: readonly FieldFate[] = [
  mapped('messages[tool].name', 'follows from the call', { extra: true }),
  mapped('messages[function].name', '`call_id`, of the last call of that name'),
].flat();

/** The messages of a Chat Completions request. */
export const chatMessagesToResponses: readonly FieldFate[] = [
  ...roles,
  ...parts,
  ...cacheMarkers,
  ...assistant,
  ...results,
];
