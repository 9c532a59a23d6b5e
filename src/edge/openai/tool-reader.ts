import type { Draft } from '../../kernel/draft.ts';
import type { ChatCall, CustomTool, FunctionTool, HostedTool, Tool, ToolChoice } from '../../protocol/chat/call.ts';
import { CACHE_MARKER_NAMES, readCacheMarker } from '../../providers/openai/cache-marker.ts';
import { isObject, ownRestOf, restOf, someText, type WireObject } from '../../providers/openai/wire.ts';
import { flag, list, misfit, object } from '../openai-fields.ts';

const FUNCTION_NAMES = new Set(['name', 'description', 'parameters', 'strict']);
const CUSTOM_NAMES = new Set(['name', 'description', 'format']);

/** Tools, which of them to use, and whether several at once; `functions` and `function_call` are their older names. */
export function readTools(fields: WireObject, call: Draft<ChatCall>): void {
  const tools = (list(fields, 'tools') ?? []).map((tool, at) => readTool(tool, `tools[${at}]`));
  for (const [at, each] of (list(fields, 'functions') ?? []).entries()) {
    tools.push(readFunction({ function: each }, `functions[${at}]`));
  }
  const search = object(fields, 'web_search_options');
  if (search !== undefined) tools.push(readSearch(search));
  if (tools.length > 0) call.tools = tools;
  const choice = readChoice(fields['tool_choice']) ?? readOlderChoice(fields['function_call']);
  if (choice !== undefined) call.toolChoice = choice;
  const parallel = flag(fields, 'parallel_tool_calls');
  if (parallel !== undefined) call.parallelToolCalls = parallel;
}

function readTool(tool: unknown, place: string): Tool {
  if (!isObject(tool)) throw misfit(place, 'an object');
  if (tool['type'] === 'function') return readFunction(tool, place);
  if (tool['type'] === 'custom') return readCustom(tool, place);
  if (typeof tool['type'] !== 'string') throw misfit(`${place}.type`, 'a string');
  return { type: 'hosted', tool: 'other', source: ownRestOf(tool) };
}

function readFunction(tool: WireObject, place: string): FunctionTool {
  const { name, description, parameters, strict, ...more } = bodyOf(tool, 'function', place);
  const read: Draft<FunctionTool> = { type: 'function', name: nameOf(name, place, 'function') };
  if (typeof description === 'string') read.description = description;
  if (parameters !== undefined && parameters !== null) read.parameters = parameters;
  if (typeof strict === 'boolean') read.strict = strict;
  putMore(read, tool, 'function', restOf(more, FUNCTION_NAMES)?.fields);
  return read;
}

function readCustom(tool: WireObject, place: string): CustomTool {
  const { name, description, format, ...more } = bodyOf(tool, 'custom', place);
  const read: Draft<CustomTool> = { type: 'custom', name: nameOf(name, place, 'custom') };
  if (typeof description === 'string') read.description = description;
  if (format !== undefined && format !== null) read.format = format;
  putMore(read, tool, 'custom', restOf(more, CUSTOM_NAMES)?.fields);
  return read;
}

function bodyOf(tool: WireObject, kind: 'function' | 'custom', place: string): WireObject {
  const body = tool[kind];
  if (!isObject(body)) throw misfit(`${place}.${kind}`, 'an object');
  return body;
}

function nameOf(name: unknown, place: string, kind: string): string {
  const given = someText(name);
  if (given === undefined) throw misfit(`${place}.${kind}.name`, 'a name');
  return given;
}

function putMore(
  read: Draft<FunctionTool> | Draft<CustomTool>,
  tool: WireObject,
  kind: string,
  inner: WireObject | undefined,
): void {
  const cache = readCacheMarker(tool);
  if (cache !== undefined) read.cache = cache;
  const known = new Set(['type', kind, ...(cache === undefined ? [] : CACHE_MARKER_NAMES)]);
  const outer = restOf(tool, known)?.fields;
  if (inner !== undefined || outer !== undefined) {
    read.rest = ownRestOf({ ...outer, ...(inner === undefined ? {} : { [kind]: inner }) });
  }
}

function readSearch(options: WireObject): HostedTool {
  const tool: Draft<HostedTool> = {
    type: 'hosted',
    tool: 'web-search',
    source: ownRestOf({ web_search_options: options }),
  };
  const { search_context_size: size, user_location: location } = options;
  if (size === 'low' || size === 'medium' || size === 'high') tool.contextSize = size;
  if (isObject(location) && isObject(location['approximate'])) {
    const known = Object.entries(location['approximate']).filter(([, value]) => typeof value === 'string');
    tool.userLocation = Object.fromEntries(known) as Record<string, string>;
  }
  return tool;
}

function readChoice(choice: unknown): ToolChoice | undefined {
  if (choice === undefined || choice === null) return undefined;
  if (choice === 'auto' || choice === 'none' || choice === 'required') return { type: choice };
  if (!isObject(choice)) throw misfit('tool_choice', "'auto', 'none', 'required' or an object");
  if (choice['type'] === 'allowed_tools') return readAllowed(choice['allowed_tools']);
  const name = chosenName(choice);
  if (name === undefined) throw misfit('tool_choice', 'an object that names a tool');
  return { type: 'tool', name };
}

function readAllowed(allowed: unknown): ToolChoice {
  const place = 'tool_choice.allowed_tools';
  if (!isObject(allowed)) throw misfit(place, 'an object');
  const { mode, tools } = allowed;
  if (!Array.isArray(tools)) throw misfit(`${place}.tools`, 'an array');
  const names = tools.map((tool, at) => {
    const name = isObject(tool) ? chosenName(tool) : undefined;
    if (name === undefined) throw misfit(`${place}.tools[${at}]`, 'an object that names a tool');
    return name;
  });
  return { type: 'allowed', names, required: mode === 'required' };
}

function chosenName(choice: WireObject): string | undefined {
  for (const kind of ['function', 'custom']) {
    const body = choice[kind];
    if (isObject(body)) return someText(body['name']);
  }
  return undefined;
}

function readOlderChoice(choice: unknown): ToolChoice | undefined {
  if (choice === undefined || choice === null) return undefined;
  if (choice === 'auto' || choice === 'none') return { type: choice };
  const name = isObject(choice) ? someText(choice['name']) : undefined;
  if (name === undefined) throw misfit('function_call', "'auto', 'none' or an object with a name");
  return { type: 'tool', name };
}
