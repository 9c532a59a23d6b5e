import type { HostedToolName } from '../../protocol/chat/content.ts';

/** By the beginning of the names and types of tools, calls and results, the longer ones first. */
const BEGINNINGS: readonly (readonly [string, HostedToolName])[] = [
  ['web_search', 'web-search'],
  ['web_fetch', 'web-fetch'],
  ['bash_code_execution', 'code-execution'],
  ['text_editor_code_execution', 'code-execution'],
  ['code_execution', 'code-execution'],
  ['tool_search_tool', 'tool-search'],
  ['text_editor', 'text-editor'],
  ['computer', 'computer'],
  ['memory', 'memory'],
  ['advisor', 'advisor'],
  ['bash', 'shell'],
  ['mcp', 'mcp'],
];

/** Which tool a name such as `web_search`, `web_search_20250305` or `web_search_tool_result` speaks of. */
export function hostedToolOf(name: string): HostedToolName {
  return BEGINNINGS.find(([beginning]) => name.startsWith(beginning))?.[1] ?? 'other';
}
