import { only } from '../harmless.ts';
import { type FieldFate, kept, mapped, refused, warned } from '../table.ts';

const CONTENT = 'messages[].content';
const RESULT = `${CONTENT}[tool_result].content`;
const MARKER = { whole: true, unless: 'the provider knows no cache markers, or not this ttl' } as const;
const OTHER_FILE = 'the file lies at another provider';
const NO_CITATIONS = 'answers of this dialect do not cite documents';
const NOT_FROM_HERE = 'what a tool of another provider did cannot be told to this one';

/** Parts that stand in messages and in the results of tools alike. */
function contentRows(place: string): FieldFate[] {
  return [
    kept([`${place}[text]`, `${place}[text].text`]),
    warned(`${place}[text].citations`, 'what an earlier answer cited is not told again'),
    mapped(`${place}[text].cache_control`, 'the marker of the text part', MARKER),
    ...imageRows(place),
    ...documentRows(place),
    mapped([`${place}[search_result].title`, `${place}[search_result].source`], 'lines at the head of a text part'),
    mapped([`${place}[search_result].content`, `${place}[search_result].content[text].text`], 'a text part'),
    mapped(`${place}[search_result].content[text].cache_control`, 'the marker of the text part', MARKER),
    warned(`${place}[search_result].content[text].citations`, NO_CITATIONS),
    warned(`${place}[search_result].citations.enabled`, NO_CITATIONS, { harmless: only(false) }),
    mapped(`${place}[search_result].cache_control`, 'the marker of the text part', MARKER),
  ].flat();
}

function imageRows(place: string): FieldFate[] {
  const image = `${place}[image]`;
  return [
    mapped([`${image}.source(base64).data`, `${image}.source(base64).media_type`], '`image_url.url`, a data URL'),
    mapped(`${image}.source(url).url`, '`image_url.url`'),
    refused(`${image}.source(file)`, OTHER_FILE),
    refused(`${image}.source(*)`, 'a source of this type is not known to this gateway'),
    warned(`${image}.transformations`, 'the Chat Completions dialect has no such setting'),
    mapped(`${image}.cache_control`, 'the marker of the part', MARKER),
  ].flat();
}

function documentRows(place: string): FieldFate[] {
  const document = `${place}[document]`;
  const inside = `${document}.source(content).content`;
  return [
    mapped(
      [`${document}.source(base64).data`, `${document}.source(base64).media_type`],
      '`file.file_data`, a data URL',
    ),
    mapped([`${document}.source(text).data`, `${document}.source(text).media_type`], 'a text part'),
    mapped([inside, `${inside}[text].text`], 'text parts'),
    mapped(`${inside}[text].cache_control`, 'the marker of the text part', MARKER),
    warned(`${inside}[text].citations`, NO_CITATIONS),
    ...imageRows(inside),
    refused(`${document}.source(url)`, 'this dialect takes documents by their bytes and not by their URL'),
    refused(`${document}.source(file)`, OTHER_FILE),
    refused(`${document}.source(*)`, 'a source of this type is not known to this gateway'),
    mapped(`${document}.title`, '`file.filename`, or a line at the head of a text part'),
    mapped(`${document}.context`, 'a text part before it'),
    warned(`${document}.citations.enabled`, NO_CITATIONS, { harmless: only(false) }),
    mapped(`${document}.cache_control`, 'the marker of the part', MARKER),
  ].flat();
}

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
  mapped(`${CONTENT}[tool_use].caller(direct)`, 'nobody else calls tools there'),
  warned(`${CONTENT}[tool_use].caller(*)`, 'tools are called by the model alone'),
  warned(`${CONTENT}[tool_use].caller(code_execution_*)`, 'tools are called by the model alone'),
  warned(`${CONTENT}[tool_use].toolset_name`, 'this dialect has no sets of tools'),
  warned(`${CONTENT}[tool_use].cache_control`, 'calls of tools carry no cache marker in this dialect'),
  mapped(`${CONTENT}[tool_result]`, 'a message of role `tool`'),
  mapped(`${CONTENT}[tool_result].tool_use_id`, '`tool_call_id`, as that of the call'),
  mapped(
    RESULT,
    'the text of that message; what is no text follows in a message of role `user`, after a line that says which call it is of',
  ),
  mapped(`${CONTENT}[tool_result].is_error`, 'the text begins with `Error: `'),
  warned(`${CONTENT}[tool_result].toolset_name`, 'this dialect has no sets of tools'),
  mapped(`${CONTENT}[tool_result].cache_control`, 'the marker of its last text part', MARKER),
  mapped(`${RESULT}[tool_reference].tool_name`, 'a line of text that names the tool, which is told with all others'),
  mapped(`${RESULT}[tool_reference].cache_control`, 'the marker of the text part', MARKER),
  refused(`${RESULT}[browser_state]`, NOT_FROM_HERE),
  refused(`${RESULT}[*]`, 'a part of this type is not known to this gateway'),
].flat();

const hosted: readonly FieldFate[] = [
  refused(
    [
      'server_tool_use',
      'web_search_tool_result',
      'web_fetch_tool_result',
      'code_execution_tool_result',
      'bash_code_execution_tool_result',
      'text_editor_code_execution_tool_result',
      'tool_search_tool_result',
      'advisor_tool_result',
      'mcp_tool_use',
      'mcp_tool_result',
      'mcp_tool_listing',
    ].map((type) => `${CONTENT}[${type}]`),
    NOT_FROM_HERE,
  ),
  refused(`${CONTENT}[container_upload]`, OTHER_FILE),
  refused(`${CONTENT}[compaction]`, 'only its maker can read it'),
  refused(
    [`${CONTENT}[tool_addition]`, `${CONTENT}[tool_removal]`],
    'tools of this dialect are the same for a whole request',
  ),
  warned(`${CONTENT}[fallback]`, 'it says where an earlier answer came from'),
  refused(`${CONTENT}[*]`, 'a part of this type is not known to this gateway'),
].flat();

/** The messages of a Messages request. */
export const messagesMessages: readonly FieldFate[] = [
  ...kept(['messages[user]', 'messages[assistant]', 'messages[system]', CONTENT]),
  ...warned(
    ['messages[system].clear_at', 'messages[system].output_config'],
    'this dialect has no such setting of a message',
  ),
  ...contentRows(CONTENT),
  ...thoughts,
  ...toolTurns,
  ...contentRows(RESULT),
  ...hosted,
];
