import type { HostedToolName } from '../../protocol/chat/content.ts';
import { someText, type WireObject } from '../openai/wire.ts';

/** What an item of a tool of the provider's tells: what the tool was asked, what it answered, or something else. */
export interface HostedItem {
  readonly tool: HostedToolName;
  readonly tells: 'call' | 'result';
}

/** By the types of items (openai 7.55.0, ResponseOutputItem and ResponseInputItem). */
const ITEMS: Readonly<Record<string, HostedItem>> = {
  web_search_call: { tool: 'web-search', tells: 'call' },
  file_search_call: { tool: 'file-search', tells: 'call' },
  code_interpreter_call: { tool: 'code-execution', tells: 'call' },
  image_generation_call: { tool: 'image-generation', tells: 'call' },
  computer_call: { tool: 'computer', tells: 'call' },
  computer_call_output: { tool: 'computer', tells: 'result' },
  shell_call: { tool: 'shell', tells: 'call' },
  shell_call_output: { tool: 'shell', tells: 'result' },
  local_shell_call: { tool: 'shell', tells: 'call' },
  local_shell_call_output: { tool: 'shell', tells: 'result' },
  apply_patch_call: { tool: 'text-editor', tells: 'call' },
  apply_patch_call_output: { tool: 'text-editor', tells: 'result' },
  tool_search_call: { tool: 'tool-search', tells: 'call' },
  tool_search_output: { tool: 'tool-search', tells: 'result' },
  mcp_call: { tool: 'mcp', tells: 'call' },
  mcp_approval_request: { tool: 'mcp', tells: 'call' },
  mcp_approval_response: { tool: 'mcp', tells: 'result' },
  mcp_list_tools: { tool: 'mcp', tells: 'result' },
  program: { tool: 'other', tells: 'call' },
  program_output: { tool: 'other', tells: 'result' },
};

/** `undefined` for an item that is none of a hosted tool's, or that is not known. */
export function hostedItem(type: string): HostedItem | undefined {
  return Object.hasOwn(ITEMS, type) ? ITEMS[type] : undefined;
}

/** As the model calls the tool: an MCP tool by its own name, all others by their type. */
export function hostedName(type: string, item: WireObject): string {
  return someText(item['name']) ?? type.replace(/_call$/, '');
}

/** Which members of an item hold what the tool was asked, as JSON text. */
const ASKED: readonly string[] = ['arguments', 'action', 'actions', 'queries', 'code', 'operation', 'revised_prompt'];

/** What a tool of the provider's was asked, as JSON text; an empty one where nothing of it is told. */
export function hostedArguments(item: WireObject): string {
  const name = ASKED.find((member) => item[member] !== undefined && item[member] !== null);
  if (name === undefined) return '';
  const asked = item[name];
  if (name === 'arguments') return typeof asked === 'string' ? asked : JSON.stringify(asked);
  return JSON.stringify(name === 'action' ? asked : { [name]: asked });
}

/** The id by which a call and its result find each other. */
export function hostedId(item: WireObject): string {
  return someText(item['call_id']) ?? someText(item['approval_request_id']) ?? someText(item['id']) ?? 'hosted';
}
