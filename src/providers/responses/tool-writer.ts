import type { CustomTool, FunctionTool, HostedTool, Tool, ToolChoice } from '../../protocol/chat/call.ts';
import { placeOf } from '../../protocol/chat/places.ts';
import { shortName } from '../openai/short-names.ts';
import { isObject, type WireObject } from '../openai/wire.ts';
import { type CallWriting, unsayable } from './call-losses.ts';
import { isStrictSchema, keepsToSchemas } from './strict-schema.ts';
import { ownFields, RESPONSES, withRest } from './wire.ts';

/** The tools of a call, which of them the model may or must use, and whether several at once. */
export function toolsJson(writing: CallWriting): WireObject {
  const { tools = [], toolChoice, parallelToolCalls } = writing.call;
  // Without tools the two settings say nothing, and the API refuses them.
  if (tools.length === 0) return {};
  return {
    tools: tools.map((tool, at) => toolJson(tool, placeOf(tool, `tools[${at}]`), writing)),
    ...(toolChoice === undefined ? {} : { tool_choice: choiceJson(toolChoice, tools) }),
    ...(parallelToolCalls === undefined ? {} : { parallel_tool_calls: parallelToolCalls }),
  };
}

function toolJson(tool: Tool, place: string, writing: CallWriting): WireObject {
  if (tool.cache !== undefined) {
    writing.lose(`${place}.cache_control`, 'tools carry no cache marker in this dialect');
  }
  switch (tool.type) {
    case 'function':
      return withRest(functionJson(tool, strictness(tool, place, writing)), tool.rest);
    case 'custom':
      return withRest(customJson(tool), tool.rest);
    case 'hosted':
      return hostedJson(tool, place, writing);
  }
}

const NO_ARGUMENTS = { type: 'object', properties: {} };

/**
 * Here a tool is kept strictly to its schema unless that is said not to be; in
 * the other dialects it is the other way round, and of schemas that OpenAI does
 * not take so.
 */
function strictness({ strict, parameters }: FunctionTool, place: string, { call, lose }: CallWriting): boolean {
  if (strict !== true || !keepsToSchemas(call.client)) return strict ?? false;
  if (isStrictSchema(parameters ?? NO_ARGUMENTS)) return true;
  lose(`${place}.strict`, 'this provider keeps strictly to schemas alone whose objects require all their members');
  return false;
}

function functionJson({ name, description, parameters }: FunctionTool, strict: boolean): Record<string, unknown> {
  return {
    type: 'function',
    name: shortName(name),
    ...(description === undefined ? {} : { description }),
    parameters: parameters ?? NO_ARGUMENTS,
    strict,
  };
}

function customJson({ name, description, format }: CustomTool): Record<string, unknown> {
  return {
    type: 'custom',
    name: shortName(name),
    ...(description === undefined ? {} : { description }),
    ...(format === undefined ? {} : { format: flatFormat(format) }),
  };
}

/** Chat Completions has an object of its own around a grammar. */
function flatFormat(format: unknown): unknown {
  if (!isObject(format) || !isObject(format['grammar'])) return format;
  const { grammar, ...about } = format;
  return { ...about, ...grammar };
}

function hostedJson(tool: HostedTool, place: string, { call, lose }: CallWriting): WireObject {
  if (tool.source.dialect === RESPONSES) return tool.source.fields;
  if (tool.tool === 'code-execution') return { type: 'code_interpreter', container: { type: 'auto' } };
  if (tool.tool !== 'web-search') throw unsayable(place, 'its providers do not run this tool');
  const { allowedDomains, blockedDomains, userLocation, contextSize } = tool;
  if (blockedDomains !== undefined) {
    const name = call.client === 'gemini' ? 'excludeDomains' : 'blocked_domains';
    lose(`${place}.${name}`, 'this provider searches all sites or some');
  }
  return {
    type: 'web_search',
    ...(allowedDomains === undefined ? {} : { filters: { allowed_domains: allowedDomains } }),
    ...(contextSize === undefined ? {} : { search_context_size: contextSize }),
    ...(userLocation === undefined ? {} : { user_location: { type: 'approximate', ...userLocation } }),
  };
}

function choiceJson(choice: ToolChoice, tools: readonly Tool[]): unknown {
  switch (choice.type) {
    case 'tool':
      return namedJson(choice.name, tools);
    case 'allowed': {
      const named = choice.names.map((name) => namedJson(name, tools));
      return { type: 'allowed_tools', mode: choice.required ? 'required' : 'auto', tools: named };
    }
    default:
      return choice.type;
  }
}

/** The client's own tools by their name, those of the provider by their type. */
function namedJson(name: string, tools: readonly Tool[]): WireObject {
  const own = tools.find((tool) => tool.type !== 'hosted' && tool.name === name);
  if (own !== undefined) return { type: own.type, name: shortName(name) };
  const hosted = tools.find((tool): tool is HostedTool => tool.type === 'hosted' && isNamed(tool, name));
  if (hosted === undefined) return { type: 'function', name: shortName(name) };
  const { type } = ownFields(hosted.source);
  return { type: type ?? (hosted.tool === 'web-search' ? 'web_search' : 'code_interpreter') };
}

function isNamed(tool: HostedTool, name: string): boolean {
  const { type } = ownFields(tool.source);
  return tool.name === name || type === name || (tool.tool === 'web-search' && name === 'web_search');
}
