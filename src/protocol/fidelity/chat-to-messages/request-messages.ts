import { only } from '../harmless.ts';
import { type FieldFate, kept, mapped, refused, warned } from '../table.ts';
import { markerLifetime } from './marker-lifetime.ts';

const UNSIGNED = {
  extra: true,
  whole: true,
  unless: "it has no signature of Anthropic's: such a thought is not sent",
} as const;
const NO_NAMES = 'the Messages dialect does not name who speaks';

const roles: readonly FieldFate[] = [
  mapped(
    ['messages[system]', 'messages[developer]'],
    'blocks of `system` at the beginning, later a message of role `system`',
  ),
  kept(['messages[user]', 'messages[assistant]']),
  mapped('messages[tool]', 'a `tool_result` in a message of role `user`, together with those beside it'),
  mapped('messages[function]', 'a `tool_result` for the last call of that name'),
  warned(
    ['system', 'developer', 'user', 'assistant'].map((role) => `messages[${role}].name`),
    NO_NAMES,
  ),
].flat();

const parts: readonly FieldFate[] = [
  kept(['messages[].content', 'messages[].content[text]', 'messages[].content[text].text']),
  mapped('messages[].content[refusal].refusal', 'a text'),
  mapped('messages[].content[image_url].image_url.url', 'an `image`, by its URL or, of a data URL, its bytes'),
  warned('messages[].content[image_url].image_url.detail', 'the Messages dialect has no such setting', {
    harmless: only('auto'),
  }),
  refused('messages[].content[input_audio]', 'models of the Messages dialect hear nothing'),
  mapped('messages[].content[file].file.file_data', 'a `document`', {
    unless: 'it is neither a PDF nor text: it is refused',
  }),
  refused('messages[].content[file].file.file_id', 'the file lies at another provider'),
  mapped('messages[].content[file].file.filename', '`title`'),
  refused('messages[].content[*]', 'a part of this type is not known to this gateway'),
].flat();

const cacheMarkers: readonly FieldFate[] = ['text', 'image_url', 'file']
  .map((type) => `messages[].content[${type}]`)
  .flatMap((part) => [
    ...mapped(`${part}.prompt_cache_breakpoint.mode`, '`cache_control`'),
    ...markerLifetime(`${part}.prompt_cache_breakpoint.ttl`),
    ...kept(`${part}.cache_control`, { extra: true }),
    ...markerLifetime(`${part}.cache_control.ttl`, { extra: true }),
  ]);

const assistant: readonly FieldFate[] = [
  mapped('messages[assistant].refusal', 'a text'),
  refused('messages[assistant].audio', 'the sound lies at another provider'),
  mapped('messages[assistant].function_call.name', '`tool_use`, with an id of ours'),
  mapped('messages[assistant].function_call.arguments', '`input` of a `tool_use`', {
    unless: 'they are no JSON object: they stand as a text in `arguments`',
  }),
  mapped('messages[assistant].tool_calls[]', '`tool_use` blocks, in their order'),
  mapped(
    ['messages[assistant].tool_calls[].id', 'messages[tool].tool_call_id'],
    'as it is, or rewritten in both places where Messages does not take its characters',
  ),
  kept('messages[assistant].tool_calls[function].function.name'),
  mapped('messages[assistant].tool_calls[function].function.arguments', '`input`', {
    unless: 'they are no JSON object: they stand as a text in `arguments`',
  }),
  kept('messages[assistant].tool_calls[custom].custom.name'),
  mapped('messages[assistant].tool_calls[custom].custom.input', '`input.input`'),
  mapped('messages[assistant].tool_calls[].extra_content.google', "what Google's models signed goes to them alone", {
    extra: true,
    whole: true,
  }),
  mapped('messages[assistant].tool_calls[].index', 'their order says it', { extra: true }),
  mapped(
    'messages[assistant].reasoning_details',
    '`thinking` and `redacted_thinking`, with their signatures',
    UNSIGNED,
  ),
  mapped(['messages[assistant].reasoning_content', 'messages[assistant].reasoning'], '`thinking`', UNSIGNED),
  warned('messages[assistant].annotations', 'what an earlier answer cited is not told again', { extra: true }),
  mapped(
    ['messages[assistant].parsed', 'messages[assistant].tool_calls[function].function.parsed_arguments'],
    "put there by the client's own library; the text beside it says the same",
    { extra: true, whole: true },
  ),
].flat();

const results: readonly FieldFate[] = [
  mapped('messages[tool].name', 'follows from the call', { extra: true }),
  mapped('messages[function].name', '`tool_use_id`, of the last call of that name'),
].flat();

/** The messages of a Chat Completions request. */
export const chatMessages: readonly FieldFate[] = [...roles, ...parts, ...cacheMarkers, ...assistant, ...results];
