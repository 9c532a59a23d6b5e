import { CONTENTS, MARKED_BLOCKS, messagesBlocks } from '../messages/request-blocks.ts';
import { type FieldFate, kept, mapped, refused } from '../table.ts';

const CONTENT = 'messages[].content';
const MARKER = { whole: true, unless: 'the provider knows no cache markers, or not this ttl' } as const;

const media: readonly FieldFate[] = CONTENTS.flatMap((place) => {
  const document = `${place}[document]`;
  const images = [`${place}[image]`, `${document}.source(content).content[image]`];
  return [
    mapped(
      images.flatMap((image) => [`${image}.source(base64).data`, `${image}.source(base64).media_type`]),
      '`image_url.url`, a data URL',
    ),
    mapped(
      images.map((image) => `${image}.source(url).url`),
      '`image_url.url`',
    ),
    mapped(
      [`${document}.source(base64).data`, `${document}.source(base64).media_type`],
      '`file.file_data`, a data URL',
    ),
    refused(`${document}.source(url)`, 'this dialect takes documents by their bytes and not by their URL'),
    mapped(`${document}.title`, '`file.filename`, or a line at the head of a text part'),
  ].flat();
});

const thoughts: readonly FieldFate[] = [
  mapped(`${CONTENT}[thinking].thinking`, 'the member by which the provider takes thoughts back', {
    unless: 'it takes none back: the thought is left out',
  }),
  mapped(`${CONTENT}[thinking].signature`, 'proves the thought to its maker alone, and goes nowhere else'),
  mapped(`${CONTENT}[redacted_thinking].data`, '`reasoning_details`, where this provider sealed it', {
    unless: 'another one did: it is left out',
  }),
].flat();

const toolTurns: readonly FieldFate[] = [
  mapped(`${CONTENT}[tool_use]`, '`tool_calls`, in their order'),
  mapped([`${CONTENT}[tool_use].id`, `${CONTENT}[tool_use].name`], 'the same, or a shorter one where it is too long'),
  mapped(`${CONTENT}[tool_use].input`, '`function.arguments`, JSON text', { whole: true }),
  mapped(`${CONTENT}[tool_result]`, 'a message of role `tool`'),
  mapped(`${CONTENT}[tool_result].tool_use_id`, '`tool_call_id`, as that of the call'),
  mapped(
    `${CONTENT}[tool_result].content`,
    'the text of that message; what is no text follows in a message of role `user`, after a line that says which call it is of',
  ),
  mapped(`${CONTENT}[tool_result].is_error`, 'the text begins with `Error: `'),
].flat();

/** The messages of a Messages request. */
export const messagesMessages: readonly FieldFate[] = [
  ...kept('messages[system]'),
  ...media,
  ...thoughts,
  ...toolTurns,
  ...mapped(MARKED_BLOCKS, 'the marker of the part that it stands on', MARKER),
  ...messagesBlocks,
];
