import type { ChatCall, CustomTool, FunctionTool, HostedTool, Tool } from '../../protocol/chat/call.ts';
import type { Loss } from '../../protocol/chat/codec.ts';
import { placeOf } from '../../protocol/chat/places.ts';
import { type Fields, isFields } from '../fields.ts';
import { PLAIN_INPUT } from '../tool-input.ts';
import { refused } from './block-writer.ts';
import { writeCacheMarker } from './cache-marker.ts';
import type { ModelTraits } from './model-traits.ts';
import { MESSAGES, ownRest } from './wire.ts';

/** The tools of a call; of those that the client only allows in part, that part. */
export function writeTools(call: ChatCall, model: ModelTraits, losses: Loss[]): Fields[] | undefined {
  const { client = 'openai-chat', tools, toolChoice } = call;
  if (tools === undefined || tools.length === 0) return undefined;
  const allowed = toolChoice?.type === 'allowed' ? new Set(toolChoice.names) : undefined;
  const written: Fields[] = [];
  for (const [index, tool] of tools.entries()) {
    if (allowed !== undefined && !allowed.has(nameOf(tool))) continue;
    const place = placeOf(tool, `tools[${index}]`);
    const strict = tool.type === 'function' && tool.strict === true;
    if (strict && !model.strictTools) {
      losses.push({
        field: client === 'openai-chat' ? `${place}.function.strict` : `${place}.strict`,
        reason: 'this model does not keep strictly to a schema',
      });
    }
    const block = writeTool(tool, place, strict && model.strictTools);
    const { cache } = tool;
    written.push(cache === undefined ? block : { ...block, cache_control: writeCacheMarker(cache) });
  }
  return written.length === 0 ? undefined : written;
}

function nameOf(tool: Tool): string {
  return tool.type === 'hosted' ? (tool.name ?? tool.tool) : tool.name;
}

function writeTool(tool: Tool, place: string, strict: boolean): Fields {
  return tool.type === 'hosted' ? writeHostedTool(tool, place) : writeClientTool(tool, strict);
}

const NO_ARGUMENTS = { type: 'object', properties: {} };

/** Here each tool takes an object: one whose argument is plain text has it as its only member. */
function writeClientTool(tool: FunctionTool | CustomTool, strict: boolean): Fields {
  const written: Record<string, unknown> = { name: tool.name };
  if (tool.description !== undefined && tool.description !== '') written['description'] = tool.description;
  if (tool.type === 'function') {
    written['input_schema'] = objectSchema(tool.parameters);
    if (strict) written['strict'] = true;
  } else {
    const properties = { [PLAIN_INPUT]: { type: 'string' } };
    written['input_schema'] = { type: 'object', properties, required: [PLAIN_INPUT], additionalProperties: false };
  }
  return { ...written, ...ownRest(tool.rest) };
}

/** The API wants to be told that a tool takes an object, even where nothing else is said of it. */
function objectSchema(parameters: unknown): unknown {
  if (parameters === undefined || parameters === null) return NO_ARGUMENTS;
  return isFields(parameters) && parameters['type'] === undefined ? { type: 'object', ...parameters } : parameters;
}

function writeHostedTool(tool: HostedTool, place: string): Fields {
  if (tool.source.dialect === MESSAGES) return tool.source.fields;
  if (tool.tool !== 'web-search') {
    return refused(place, `the tool ${tool.name ?? tool.tool} runs at another provider and has no counterpart here`);
  }
  const written: Record<string, unknown> = { type: 'web_search_20250305', name: 'web_search' };
  if (tool.usesMax !== undefined) written['max_uses'] = tool.usesMax;
  if (tool.allowedDomains !== undefined) written['allowed_domains'] = tool.allowedDomains;
  // Either list, not both: the one that says where to search says the more.
  else if (tool.blockedDomains !== undefined) written['blocked_domains'] = tool.blockedDomains;
  if (tool.userLocation !== undefined) written['user_location'] = { type: 'approximate', ...tool.userLocation };
  return written;
}

const CHOICE = { auto: 'auto', none: 'none', required: 'any' } as const;

/** @param forced false: the model may be asked, and not made, to call a tool */
export function writeToolChoice(call: ChatCall, forced: boolean): Fields | undefined {
  const { toolChoice, parallelToolCalls } = call;
  const choice = choiceOf(toolChoice, forced);
  if (choice['type'] === 'none') return choice;
  if (parallelToolCalls === false) return { ...choice, disable_parallel_tool_use: true };
  if (toolChoice === undefined) return undefined;
  return parallelToolCalls === undefined ? choice : { ...choice, disable_parallel_tool_use: false };
}

function choiceOf(choice: ChatCall['toolChoice'], forced: boolean): Fields {
  if (choice === undefined) return { type: 'auto' };
  if (choice.type === 'none') return { type: 'none' };
  if (!forced) return { type: 'auto' };
  if (choice.type === 'tool') return { type: 'tool', name: choice.name };
  if (choice.type === 'allowed') return { type: choice.required ? 'any' : 'auto' };
  return { type: CHOICE[choice.type] };
}

/** Whether the model has to call a tool. */
export function isForced({ toolChoice }: ChatCall): boolean {
  if (toolChoice === undefined) return false;
  return toolChoice.type === 'allowed'
    ? toolChoice.required
    : toolChoice.type === 'required' || toolChoice.type === 'tool';
}
