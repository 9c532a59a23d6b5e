import { type FieldFate, kept, mapped, warned } from '../table.ts';

const NO_PLACE = 'an answer of the Chat Completions dialect has no place for it';
const OF_THE_PROVIDER = 'what a tool of the provider did is not told in this dialect';

const message: readonly FieldFate[] = [
  mapped('id', 'an id of ours in the form `chatcmpl-...`'),
  kept(['model', 'role']),
  mapped('stop_reason', '`finish_reason`: `stop`, `length`, `tool_calls`, `content_filter`'),
  warned('stop_sequence', 'which sequence it was is not told in this dialect'),
  warned('stop_details', NO_PLACE),
  warned(['container', 'diagnostics', 'context_management', 'input_transformations'], NO_PLACE),
].flat();

const content: readonly FieldFate[] = [
  mapped('content[text].text', '`message.content`, all of them joined'),
  mapped(
    ['url', 'title'].map((name) => `content[text].citations[web_search_result_location].${name}`),
    '`annotations` of type `url_citation`, over the text that cites',
  ),
  warned(
    ['cited_text', 'encrypted_index'].map((name) => `content[text].citations[web_search_result_location].${name}`),
    NO_PLACE,
  ),
  warned(
    ['char_location', 'page_location', 'content_block_location', 'search_result_location'].map(
      (type) => `content[text].citations[${type}]`,
    ),
    'this dialect cites nothing but web pages',
  ),
  mapped('content[thinking].thinking', '`reasoning_content`, and `reasoning_details` of type `reasoning.text`'),
  mapped('content[thinking].signature', '`signature` of that detail, with the format `anthropic-claude-v1`'),
  mapped('content[redacted_thinking].data', '`reasoning_details` of type `reasoning.encrypted`'),
  kept(['content[tool_use].id', 'content[tool_use].name']),
  mapped('content[tool_use].input', '`function.arguments`, JSON text; of a custom tool its plain `input`', {
    whole: true,
  }),
  warned(['content[tool_use].caller', 'content[tool_use].toolset_name'], NO_PLACE),
  warned(
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
      'container_upload',
    ].map((type) => `content[${type}]`),
    OF_THE_PROVIDER,
  ),
  warned(['content[compaction]', 'content[fallback]'], NO_PLACE),
  warned('content[*]', 'a block of this type is not known to this gateway'),
].flat();

const usage: readonly FieldFate[] = [
  mapped('usage.input_tokens', '`prompt_tokens`, together with what was read from the cache and written to it'),
  mapped('usage.cache_read_input_tokens', '`prompt_tokens_details.cached_tokens`'),
  mapped('usage.cache_creation_input_tokens', '`prompt_tokens_details.cache_write_tokens`'),
  warned('usage.cache_creation', 'for how long it was written is not told in this dialect'),
  mapped('usage.output_tokens', '`completion_tokens`'),
  mapped('usage.output_tokens_details.thinking_tokens', '`completion_tokens_details.reasoning_tokens`'),
  mapped('usage.service_tier', '`service_tier`: `standard` is `default`'),
  warned(
    ['usage.server_tool_use', 'usage.inference_geo', 'usage.speed', 'usage.fallback_credit', 'usage.iterations'],
    NO_PLACE,
  ),
].flat();

const stream: readonly FieldFate[] = [
  mapped('stream(message_start).message', 'as of a whole answer, in the first chunk', { whole: true }),
  mapped(
    'stream(content_block_start).content_block',
    'as of a whole answer; of a call its id and name in a chunk of their own',
    {
      whole: true,
    },
  ),
  mapped(
    ['start', 'delta', 'stop'].map((event) => `stream(content_block_${event}).index`),
    'calls of tools are numbered from 0 among themselves',
  ),
  kept('stream(content_block_delta).delta(text_delta).text'),
  mapped('stream(content_block_delta).delta(input_json_delta).partial_json', '`tool_calls[].function.arguments`'),
  mapped('stream(content_block_delta).delta(citations_delta).citation', 'as of a whole answer', { whole: true }),
  mapped('stream(content_block_delta).delta(thinking_delta).thinking', '`reasoning_content` and `reasoning_details`'),
  warned('stream(content_block_delta).delta(thinking_delta).estimated_tokens', NO_PLACE),
  mapped('stream(content_block_delta).delta(signature_delta).signature', '`reasoning_details`'),
  warned('stream(content_block_delta).delta(compaction_delta)', NO_PLACE),
  mapped('stream(message_delta).delta.stop_reason', 'as of a whole answer'),
  warned('stream(message_delta).delta.stop_sequence', 'which sequence it was is not told in this dialect'),
  warned(['stream(message_delta).delta.stop_details', 'stream(message_delta).delta.container'], NO_PLACE),
  mapped('stream(message_delta).usage', 'as of a whole answer, where the client wants the usage of its streams', {
    whole: true,
  }),
  warned(['stream(message_delta).context_management', 'stream(message_delta).input_transformations'], NO_PLACE),
  mapped('stream(message_stop)', '`[DONE]`'),
].flat();

/** What a Messages provider answers, and what of it a Chat Completions client is told. */
export const messagesAnswerToChat: readonly FieldFate[] = [...message, ...content, ...usage, ...stream];
