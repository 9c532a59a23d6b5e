import { type FieldFate, kept, mapped, warned } from '../table.ts';

const NO_PLACE = 'an answer of the Responses dialect has no place for it';
const OF_THE_PROVIDER = 'what a tool of the provider did is not told in this dialect';
const CITATIONS = 'content[text].citations';

const message: readonly FieldFate[] = [
  mapped('id', 'an id of ours in the form `resp_...`'),
  kept('model'),
  mapped('role', 'of the `message` items'),
  mapped('stop_reason', '`status`, and `incomplete_details.reason`'),
  warned('stop_sequence', 'which sequence it was is not told in this dialect'),
  warned('stop_details', NO_PLACE),
  warned(['container', 'diagnostics', 'context_management', 'input_transformations'], NO_PLACE),
].flat();

const content: readonly FieldFate[] = [
  mapped('content[text].text', 'an `output_text` of a `message`'),
  mapped(
    ['url', 'title'].map((name) => `${CITATIONS}[web_search_result_location].${name}`),
    '`annotations` of type `url_citation`, over the text that cites',
  ),
  warned(
    ['cited_text', 'encrypted_index'].map((name) => `${CITATIONS}[web_search_result_location].${name}`),
    NO_PLACE,
  ),
  warned(
    ['char_location', 'page_location', 'content_block_location', 'search_result_location'].map(
      (type) => `${CITATIONS}[${type}]`,
    ),
    'this dialect cites nothing but web pages and files of its own',
  ),
  mapped('content[thinking].thinking', 'a `reasoning` item'),
  mapped('content[thinking].signature', '`encrypted_content` of that item, marked as not of OpenAI'),
  mapped('content[redacted_thinking].data', '`encrypted_content` of a `reasoning` item without a text'),
  mapped('content[tool_use].id', '`call_id`'),
  kept('content[tool_use].name'),
  mapped('content[tool_use].input', '`arguments`, JSON text; of a custom tool its plain `input`', { whole: true }),
  warned(['content[tool_use].caller', 'content[tool_use].toolset_name'], NO_PLACE),
  mapped(['content[server_tool_use].name', 'content[server_tool_use].input'], 'a `web_search_call`', {
    whole: true,
    unless: 'it is no search of the web: it is left out',
  }),
  warned(['content[server_tool_use].id', 'content[server_tool_use].caller'], NO_PLACE),
  warned(
    [
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
      'container_upload',
    ].map((type) => `content[${type}]`),
    OF_THE_PROVIDER,
  ),
  warned(['content[compaction]', 'content[fallback]'], NO_PLACE),
  warned('content[*]', 'a block of this type is not known to this gateway'),
].flat();

const usage: readonly FieldFate[] = [
  mapped('usage.input_tokens', '`input_tokens`, together with what was read from the cache and written to it'),
  mapped('usage.cache_read_input_tokens', '`input_tokens_details.cached_tokens`'),
  mapped('usage.cache_creation_input_tokens', '`input_tokens_details.cache_write_tokens`'),
  warned('usage.cache_creation', 'for how long it was written is not told in this dialect'),
  kept('usage.output_tokens'),
  mapped('usage.output_tokens_details.thinking_tokens', '`output_tokens_details.reasoning_tokens`'),
  mapped('usage.service_tier', '`service_tier`: `standard` is `default`'),
  warned(
    ['usage.server_tool_use', 'usage.inference_geo', 'usage.speed', 'usage.fallback_credit', 'usage.iterations'],
    NO_PLACE,
  ),
].flat();

const stream: readonly FieldFate[] = [
  mapped('stream(message_start).message', 'as of a whole answer, in `response.created`', { whole: true }),
  mapped('stream(content_block_start).content_block', '`response.output_item.added`', { whole: true }),
  mapped(
    ['start', 'delta', 'stop'].map((event) => `stream(content_block_${event}).index`),
    '`output_index`; blocks of text that follow each other are one item',
  ),
  mapped('stream(content_block_delta).delta(text_delta).text', '`response.output_text.delta`'),
  mapped(
    'stream(content_block_delta).delta(input_json_delta).partial_json',
    '`response.function_call_arguments.delta`, or `response.custom_tool_call_input.delta`',
  ),
  mapped('stream(content_block_delta).delta(citations_delta).citation', '`response.output_text.annotation.added`', {
    whole: true,
  }),
  mapped('stream(content_block_delta).delta(thinking_delta).thinking', '`response.reasoning_summary_text.delta`'),
  warned('stream(content_block_delta).delta(thinking_delta).estimated_tokens', NO_PLACE),
  mapped(
    'stream(content_block_delta).delta(signature_delta).signature',
    '`encrypted_content` of the item that is done',
  ),
  warned('stream(content_block_delta).delta(compaction_delta)', NO_PLACE),
  mapped('stream(message_delta).delta.stop_reason', 'as of a whole answer'),
  warned('stream(message_delta).delta.stop_sequence', 'which sequence it was is not told in this dialect'),
  warned(['stream(message_delta).delta.stop_details', 'stream(message_delta).delta.container'], NO_PLACE),
  mapped('stream(message_delta).usage', 'as of a whole answer, in `response.completed`', { whole: true }),
  warned(['stream(message_delta).context_management', 'stream(message_delta).input_transformations'], NO_PLACE),
  mapped('stream(message_stop)', '`response.completed` or `response.incomplete`'),
].flat();

/** What a Messages provider answers, and what of it a Responses client is told. */
export const messagesAnswerToResponses: readonly FieldFate[] = [...message, ...content, ...usage, ...stream];
