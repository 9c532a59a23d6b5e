import { type FieldFate, mapped, warned } from '../table.ts';

const NO_PLACE = 'an answer of the Gemini dialect has no place for it';
const OF_THE_PROVIDER = 'what a tool of the provider did is not told in this dialect';
const CITATIONS = 'content[text].citations';
const DELTA = 'stream(content_block_delta).delta';
const FINISH = '`finishReason`: `STOP`, `MAX_TOKENS`, `SAFETY`';
const GROUNDING = '`groundingMetadata`: its `groundingChunks` and `groundingSupports`';

const message: readonly FieldFate[] = [
  mapped('id', '`responseId`, an id of ours'),
  mapped('model', '`modelVersion`'),
  mapped('role', '`model`'),
  mapped('stop_reason', FINISH),
  warned('stop_sequence', 'which sequence it was is not told in this dialect'),
  warned(['stop_details', 'container', 'diagnostics', 'context_management', 'input_transformations'], NO_PLACE),
].flat();

const content: readonly FieldFate[] = [
  mapped('content[text].text', 'a part with `text`'),
  mapped(
    ['url', 'title'].map((name) => `${CITATIONS}[web_search_result_location].${name}`),
    GROUNDING,
  ),
  warned(
    ['cited_text', 'encrypted_index'].map((name) => `${CITATIONS}[web_search_result_location].${name}`),
    NO_PLACE,
  ),
  warned(
    ['char_location', 'page_location', 'content_block_location', 'search_result_location'].map(
      (type) => `${CITATIONS}[${type}]`,
    ),
    'this dialect cites pages of the web and of Google alone',
  ),
  mapped('content[thinking].thinking', 'a part that is a `thought`'),
  mapped(
    ['content[thinking].signature', 'content[redacted_thinking].data'],
    'in `thoughtSignature` of the part, marked as not of Gemini',
  ),
  mapped('content[tool_use].id', '`functionCall.id`'),
  mapped('content[tool_use].name', '`functionCall.name`'),
  mapped('content[tool_use].input', '`functionCall.args`', { whole: true }),
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
  mapped('usage.input_tokens', '`promptTokenCount`, together with what was read from the cache and written to it'),
  mapped('usage.cache_read_input_tokens', '`cachedContentTokenCount`'),
  mapped('usage.cache_creation_input_tokens', 'part of `promptTokenCount`'),
  warned('usage.cache_creation', 'what was written to the cache is not told in this dialect'),
  mapped('usage.output_tokens', '`candidatesTokenCount`, without the thoughts'),
  mapped('usage.output_tokens_details.thinking_tokens', '`thoughtsTokenCount`'),
  warned(
    ['fallback_credit', 'inference_geo', 'iterations', 'server_tool_use', 'service_tier', 'speed'].map(
      (name) => `usage.${name}`,
    ),
    NO_PLACE,
  ),
].flat();

const stream: readonly FieldFate[] = [
  mapped('stream(message_start).message', 'as of a whole answer, in each event', { whole: true }),
  mapped('stream(content_block_start).content_block', 'as of a whole answer', { whole: true }),
  mapped(
    ['start', 'delta', 'stop'].map((event) => `stream(content_block_${event}).index`),
    'parts are not numbered there: their order says it',
  ),
  mapped(`${DELTA}(text_delta).text`, 'a part with `text`'),
  mapped(`${DELTA}(input_json_delta).partial_json`, '`functionCall.args`, told once they are whole'),
  mapped(`${DELTA}(citations_delta).citation`, 'as of a whole answer, in the last event', { whole: true }),
  mapped(`${DELTA}(thinking_delta).thinking`, 'a part that is a `thought`'),
  warned(`${DELTA}(thinking_delta).estimated_tokens`, NO_PLACE),
  mapped(`${DELTA}(signature_delta).signature`, '`thoughtSignature` of a part that ends the thought'),
  warned(`${DELTA}(compaction_delta)`, NO_PLACE),
  mapped('stream(message_delta).delta.stop_reason', FINISH),
  warned('stream(message_delta).delta.stop_sequence', 'which sequence it was is not told in this dialect'),
  warned(['stream(message_delta).delta.stop_details', 'stream(message_delta).delta.container'], NO_PLACE),
  mapped('stream(message_delta).usage', 'as of a whole answer, in the last event', { whole: true }),
  warned(['stream(message_delta).context_management', 'stream(message_delta).input_transformations'], NO_PLACE),
  mapped('stream(message_stop)', 'the end of the stream'),
].flat();

/** What a Messages provider answers, and what of it a Gemini client is told. */
export const messagesAnswerToGemini: readonly FieldFate[] = [...message, ...content, ...usage, ...stream];
