import { only } from '../harmless.ts';
import { type FieldFate, kept, mapped, refused, warned } from '../table.ts';

const CONTENT = 'messages[].content';
const RESULT = `${CONTENT}[tool_result].content`;
const NO_CITATIONS = 'answers of this dialect do not cite documents';
const NOT_FROM_HERE = 'what a tool of another provider did cannot be told to this one';
const OTHER_FILE = 'the file lies at another provider';

/** Where texts, images and documents may stand: in messages, and in the results of tools. */
export const CONTENTS = [CONTENT, RESULT] as const;

/** Each place of a block that can carry a marker of the prompt cache, but for calls of tools. */
export const MARKED_BLOCKS: readonly string[] = [
  ...CONTENTS.flatMap((place) => [
    `${place}[text]`,
    `${place}[image]`,
    `${place}[document]`,
    `${place}[document].source(content).content[text]`,
    `${place}[document].source(content).content[image]`,
    `${place}[search_result]`,
    `${place}[search_result].content[text]`,
  ]),
  `${CONTENT}[tool_result]`,
  `${RESULT}[tool_reference]`,
].map((block) => `${block}.cache_control`);

/** Parts that stand in messages and in the results of tools alike. */
const contents: readonly FieldFate[] = CONTENTS.flatMap((place) => {
  const document = `${place}[document]`;
  return [
    kept([`${place}[text]`, `${place}[text].text`]),
    warned(`${place}[text].citations`, 'what an earlier answer cited is not told again'),
    mapped([`${place}[search_result].title`, `${place}[search_result].source`], 'lines at the head of a text part'),
    mapped([`${place}[search_result].content`, `${place}[search_result].content[text].text`], 'a text part'),
    warned(`${place}[search_result].content[text].citations`, NO_CITATIONS),
    warned(`${place}[search_result].citations.enabled`, NO_CITATIONS, { harmless: only(false) }),
    mapped(
      [`${document}.source(text).data`, `${document}.source(text).media_type`],
      'a text part, or a file of plain text',
    ),
    mapped([`${document}.source(content).content`, `${document}.source(content).content[text].text`], 'text parts'),
    warned(`${document}.source(content).content[text].citations`, NO_CITATIONS),
    refused(`${document}.source(file)`, OTHER_FILE),
    refused(`${document}.source(*)`, 'a source of this type is not known to this gateway'),
    mapped(`${document}.context`, 'a text part before it'),
    warned(`${document}.citations.enabled`, NO_CITATIONS, { harmless: only(false) }),
    ...[place, `${document}.source(content).content`].flatMap((at) => [
      refused(`${at}[image].source(file)`, OTHER_FILE),
      refused(`${at}[image].source(*)`, 'a source of this type is not known to this gateway'),
      warned(`${at}[image].transformations`, 'this provider has no such setting'),
    ]),
  ].flat();
});

const toolTurns: readonly FieldFate[] = [
  mapped(`${CONTENT}[tool_use].caller(direct)`, 'nobody else calls tools there'),
  warned(`${CONTENT}[tool_use].caller(*)`, 'tools are called by the model alone'),
  warned(`${CONTENT}[tool_use].caller(code_execution_*)`, 'tools are called by the model alone'),
  warned([`${CONTENT}[tool_use].toolset_name`, `${CONTENT}[tool_result].toolset_name`], 'there are no sets of tools'),
  warned(`${CONTENT}[tool_use].cache_control`, 'calls of tools carry no cache marker in this dialect'),
  mapped(`${RESULT}[tool_reference].tool_name`, 'a line of text that names the tool, which is told with all others'),
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

/** The messages of a Messages request, as far as they have the same fate at each provider of another dialect. */
export const messagesBlocks: readonly FieldFate[] = [
  ...kept(['messages[user]', 'messages[assistant]', CONTENT]),
  ...warned(
    ['messages[system].clear_at', 'messages[system].output_config'],
    'this dialect has no such setting of a message',
  ),
  ...contents,
  ...toolTurns,
  ...hosted,
];
