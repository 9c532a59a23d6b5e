import type { Draft } from '../../kernel/draft.ts';
import type { ChatCall, FunctionTool, HostedTool, Tool, ToolChoice } from '../../protocol/chat/call.ts';
import { readCacheMarker } from '../../providers/anthropic/cache-marker.ts';
import { hostedToolOf } from '../../providers/anthropic/hosted-tools.ts';
import { MESSAGES, restOf } from '../../providers/anthropic/wire.ts';
import { type Fields, isFields, numberIn, textIn } from '../../providers/fields.ts';
import { listIn, objectIn, refuseCall } from './field-reader.ts';

const CLIENT_TOOL = new Set(['type', 'name', 'description', 'input_schema', 'strict', 'cache_control']);

export function readTools(fields: Fields): Tool[] | undefined {
  const tools = listIn(fields, 'tools');
  return tools === undefined || tools.length === 0
    ? undefined
    : tools.map((tool, index) => readTool(tool, `tools[${index}]`));
}

function readTool(tool: unknown, place: string): Tool {
  if (!isFields(tool)) return refuseCall(place, 'Input should be a valid object');
  const type = textIn(tool, 'type') ?? 'custom';
  const read = type === 'custom' ? readClientTool(tool, place) : readHostedTool(type, tool);
  const cache = readCacheMarker(tool['cache_control'], `${place}.cache_control`, refuseCall);
  return cache === undefined ? read : { ...read, cache };
}

function readClientTool(tool: Fields, place: string): FunctionTool {
  const schema = tool['input_schema'];
  if (!isFields(schema)) return refuseCall(`${place}.input_schema`, 'Field required');
  const read: Draft<FunctionTool> = {
    type: 'function',
    name: textIn(tool, 'name') ?? refuseCall(`${place}.name`, 'Field required'),
    parameters: schema,
  };
  const description = textIn(tool, 'description');
  if (description !== undefined) read.description = description;
  if (typeof tool['strict'] === 'boolean') read.strict = tool['strict'];
  const rest = restOf(tool, CLIENT_TOOL);
  if (rest !== undefined) read.rest = rest;
  return read;
}

/** A tool of Anthropic's: one that it runs, or one of the client's that its models know by heart. */
function readHostedTool(type: string, tool: Fields): HostedTool {
  const read: Draft<HostedTool> = {
    type: 'hosted',
    tool: hostedToolOf(type),
    source: { dialect: MESSAGES, fields: tool },
  };
  const name = textIn(tool, 'name');
  if (name !== undefined) read.name = name;
  const usesMax = numberIn(tool, 'max_uses');
  if (usesMax !== undefined) read.usesMax = usesMax;
  const allowed = texts(tool['allowed_domains']);
  if (allowed !== undefined) read.allowedDomains = allowed;
  const blocked = texts(tool['blocked_domains']);
  if (blocked !== undefined) read.blockedDomains = blocked;
  const location = tool['user_location'];
  if (isFields(location)) read.userLocation = locationOf(location);
  return read;
}

function texts(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : undefined;
}

function locationOf(value: Fields): Record<string, string> {
  const known = Object.entries(value).filter(([name, each]) => name !== 'type' && typeof each === 'string');
  return Object.fromEntries(known) as Record<string, string>;
}

const CHOICE: Readonly<Record<string, 'auto' | 'none' | 'required'>> = { auto: 'auto', none: 'none', any: 'required' };

/** `tool_choice`, and whether one answer may hold several tool calls. */
export function readToolChoice(fields: Fields): Pick<ChatCall, 'toolChoice' | 'parallelToolCalls'> {
  const value = objectIn(fields, 'tool_choice');
  if (value === undefined) return {};
  const single = value['disable_parallel_tool_use'];
  const toolChoice = choiceOf(value);
  return typeof single === 'boolean' ? { toolChoice, parallelToolCalls: !single } : { toolChoice };
}

function choiceOf(value: Fields): ToolChoice {
  const type = textIn(value, 'type') ?? '';
  if (type === 'tool') {
    return { type, name: textIn(value, 'name') ?? refuseCall('tool_choice.name', 'Field required') };
  }
  const known = CHOICE[type];
  return known === undefined
    ? refuseCall('tool_choice.type', "Input should be 'auto', 'any', 'tool' or 'none'")
    : { type: known };
}
