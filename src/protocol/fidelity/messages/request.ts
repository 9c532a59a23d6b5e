import { listOf, only } from '../harmless.ts';
import { type FieldFate, mapped, refused, warned } from '../table.ts';
import { keepsAllThoughts } from './context-edits.ts';

const NO_SETTING = 'this provider has no such setting';
const OTHER_STATE = 'it lies at another provider';

const handling: readonly FieldFate[] = [
  warned('speed', NO_SETTING, { harmless: only('standard') }),
  refused('inference_geo', 'this provider does not promise where it computes', { harmless: only('global') }),
  refused(['container', 'thread'], OTHER_STATE),
  warned('diagnostics', NO_SETTING),
  warned('context_management', 'this provider edits no context', { harmless: keepsAllThoughts }),
  warned('compaction', 'this provider edits no context'),
  warned('fallbacks', 'where a call goes is said by the routes of this gateway'),
  warned(
    ['fallback_credit_token', 'billing_policy', 'user_profile_id', 'workspace_id'],
    'it belongs to the account of another provider',
  ),
  warned('betas', "they are another provider's"),
  refused('mcp_servers', 'this provider calls no MCP servers'),
  warned('output_config.task_budget', NO_SETTING),
  warned(
    ['thinking(between_tools)', 'thinking(enabled).block_binding', 'thinking(adaptive).block_binding'],
    NO_SETTING,
  ),
].flat();

const tools: readonly FieldFate[] = [
  mapped('tools[custom].eager_input_streaming', 'arguments are streamed as they come'),
  warned('tools[custom].allowed_callers', 'tools are called by the model alone', { harmless: listOf('direct') }),
  warned('tools[custom].defer_loading', 'the tool is told at once', { harmless: only(false) }),
  warned('tools[custom].input_examples', NO_SETTING),
  refused(
    ['bash_*', 'text_editor_*', 'computer_*', 'browser_*', 'memory_*'].map((type) => `tools[${type}]`),
    "models of other vendors do not know this tool of Anthropic's",
  ),
  refused(
    ['tool_search_tool_*', 'advisor_*', 'mcp_toolset'].map((type) => `tools[${type}]`),
    'this provider does not run this tool',
  ),
  refused('tools[*]', 'a tool of this type is not known to this gateway'),
].flat();

/** What a Messages request says that has the same fate at each provider of another dialect. */
export const messagesRequest: readonly FieldFate[] = [...handling, ...tools];
