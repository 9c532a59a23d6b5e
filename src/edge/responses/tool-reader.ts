import type { Draft } from '../../kernel/draft.ts';
import type { ChatCall, CustomTool, FunctionTool, HostedTool, Tool, ToolChoice } from '../../protocol/chat/call.ts';
import type { HostedToolName } from '../../protocol/chat/content.ts';
import { standsAt } from '../../protocol/chat/places.ts';
import { isObject, someText, type WireObject } from '../../providers/openai/wire.ts';
import { ownRestOf, restOf } from '../../providers/responses/wire.ts';
import { flag, list, misfit } from '../openai-fields.ts';
import { flatTools, ToolNames } from './namespaces.ts';

/** The tools of a request, which of them to use, and whether several at once. */
export function readTools(fields: WireObject, call: Draft<ChatCall>): void {
  const tools = flatTools(list(fields, 'tools') ?? [])
    .filter(({ tool }) => !isLeftOut(tool))
    .map(({ tool, place }) => standsAt(readTool(tool, place), place));
  if (tools.length > 0) call.tools = tools;
  const choice = readChoice(fields['tool_choice'], new ToolNames(fields['tools']));
  if (choice !== undefined) call.toolChoice = choice;
  const parallel = flag(fields, 'parallel_tool_calls');
  if (parallel !== undefined) call.parallelToolCalls = parallel;
}

/**
 * A search among tools, where they are all told at once; and a search of the
 * web that is to stay offline, which nobody but OpenAI offers.
 */
function isLeftOut(tool: unknown): boolean {
  if (!isObject(tool)) return false;
  const { type, external_web_access: online } = tool;
  return type === 'tool_search' || (typeof type === 'string' && type.startsWith('web_search') && online === false);
}

function readTool(tool: unknown, place: string): Tool {
  if (!isObject(tool)) throw misfit(place, 'an object');
  const type = someText(tool['type']);
  if (type === undefined) throw misfit(`${place}.type`, 'a string');
  if (type === 'function') return readFunction(tool, place);
  return type === 'custom' ? readCustom(tool, place) : readHosted(type, tool);
}

const FUNCTION = new Set(['type', 'name', 'description', 'parameters', 'strict']);

function readFunction(tool: WireObject, place: string): FunctionTool {
  const { description, parameters, strict } = tool;
  const read: Draft<FunctionTool> = { type: 'function', name: nameOf(tool, place) };
  if (typeof description === 'string') read.description = description;
  if (parameters !== undefined && parameters !== null) read.parameters = parameters;
  if (typeof strict === 'boolean') read.strict = strict;
  const rest = restOf(tool, FUNCTION);
  if (rest !== undefined) read.rest = rest;
  return read;
}

const CUSTOM = new Set(['type', 'name', 'description', 'format']);

function readCustom(tool: WireObject, place: string): CustomTool {
  const { description, format } = tool;
  const read: Draft<CustomTool> = { type: 'custom', name: nameOf(tool, place) };
  if (typeof description === 'string') read.description = description;
  if (format !== undefined && format !== null) read.format = format;
  const rest = restOf(tool, CUSTOM);
  if (rest !== undefined) read.rest = rest;
  return read;
}

function nameOf(tool: WireObject, place: string): string {
  const name = someText(tool['name']);
  if (name === undefined) throw misfit(`${place}.name`, 'a name');
  return name;
}

/** By the beginning of their types, the longer ones first (openai 7.55.0, Tool). */
const HOSTED: readonly (readonly [string, HostedToolName])[] = [
  ['web_search', 'web-search'],
  ['file_search', 'file-search'],
  ['code_interpreter', 'code-execution'],
  ['image_generation', 'image-generation'],
  ['computer', 'computer'],
  ['apply_patch', 'text-editor'],
  ['local_shell', 'shell'],
  ['shell', 'shell'],
  ['tool_search', 'tool-search'],
  ['mcp', 'mcp'],
];

function hostedToolOf(type: string): HostedToolName {
  return HOSTED.find(([beginning]) => type.startsWith(beginning))?.[1] ?? 'other';
}

function readHosted(type: string, tool: WireObject): HostedTool {
  const read: Draft<HostedTool> = { type: 'hosted', tool: hostedToolOf(type), source: ownRestOf(tool) };
  if (read.tool !== 'web-search') return read;
  const { filters, user_location: location, search_context_size: size } = tool;
  if (isObject(filters)) {
    const allowed = texts(filters['allowed_domains']);
    if (allowed !== undefined) read.allowedDomains = allowed;
    const blocked = texts(filters['blocked_domains']);
    if (blocked !== undefined) read.blockedDomains = blocked;
  }
  if (size === 'low' || size === 'medium' || size === 'high') read.contextSize = size;
  if (isObject(location)) {
    const known = Object.entries(location).filter(([name, value]) => name !== 'type' && typeof value === 'string');
    read.userLocation = Object.fromEntries(known) as Record<string, string>;
  }
  return read;
}

function texts(value: unknown): readonly string[] | undefined {
  const known = Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
  return known.length === 0 ? undefined : known;
}

function readChoice(choice: unknown, names: ToolNames): ToolChoice | undefined {
  if (choice === undefined || choice === null) return undefined;
  if (choice === 'auto' || choice === 'none' || choice === 'required') return { type: choice };
  if (!isObject(choice)) throw misfit('tool_choice', "'auto', 'none', 'required' or an object");
  if (choice['type'] === 'allowed_tools') return readAllowed(choice, names);
  const name = chosenName(choice);
  if (name === undefined) throw misfit('tool_choice', 'an object that names a tool');
  return { type: 'tool', name: names.joined(name) };
}

function readAllowed({ mode, tools }: WireObject, toolNames: ToolNames): ToolChoice {
  if (!Array.isArray(tools)) throw misfit('tool_choice.tools', 'an array');
  const names = tools.map((tool, at) => {
    const name = isObject(tool) ? chosenName(tool) : undefined;
    if (name === undefined) throw misfit(`tool_choice.tools[${at}]`, 'an object that names a tool');
    return toolNames.joined(name);
  });
  return { type: 'allowed', names, required: mode === 'required' };
}

/** The client's own tools by their name, those of the provider by their type; its searches have one for all versions. */
function chosenName(choice: WireObject): string | undefined {
  const type = someText(choice['type']);
  const named = someText(choice['name']);
  if (named !== undefined || type === undefined || type === 'function' || type === 'custom') return named;
  return type.startsWith('web_search') ? 'web_search' : type;
}
