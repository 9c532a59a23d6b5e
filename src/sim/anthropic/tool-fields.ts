import { isObject, type JsonObject } from '../json-object.ts';
import type { FunctionTool, ToolChoice } from '../tools.ts';
import type { CacheMarkers, CacheTtl } from './cache-control.ts';
import { AnthropicRefusal, missing, wrong } from './errors.ts';
import { Fields } from './fields.ts';

/** A tool that the provider runs itself. */
export interface HostedTool {
  readonly kind: 'web-search' | 'code-execution' | 'other';
  /** With its date: `web_search_20250305`. */
  readonly type: string;
  readonly name: string;
  readonly object: JsonObject;
}

export interface GivenTool {
  readonly object: JsonObject;
  readonly marker?: CacheTtl;
}

export interface RequestTools {
  /** All of them as they came, for their tokens and their cache markers. */
  readonly given: readonly GivenTool[];
  /** Those that the client runs. */
  readonly client: readonly FunctionTool[];
  readonly hosted: readonly HostedTool[];
}

const NAME = /^[a-zA-Z0-9_-]{1,128}$/;
const EXTRAS = ['allowed_callers', 'defer_loading', 'eager_input_streaming', 'input_examples', 'strict'] as const;
const HOSTED = [
  ['web_search_', 'web-search'],
  ['code_execution_', 'code-execution'],
  ['web_fetch_', 'other'],
  ['tool_search_tool_', 'other'],
] as const;

/** The schemas that the model knows of the tools Anthropic names and the client runs. */
const KNOWN_CLIENT_TOOLS = [
  ['bash_', { command: { type: 'string' } }],
  ['text_editor_', { command: { enum: ['view'] }, path: { type: 'string', pattern: '^/[a-z]{4,9}$' } }],
  ['memory_', { command: { enum: ['view'] }, path: { enum: ['/memories'] } }],
  ['computer_2', { action: { enum: ['screenshot'] } }],
] as const;

/** Many tools under one entry: they are taken, and none of them is called. */
const TOOLSETS = ['browser_toolset_', 'computer_toolset_'] as const;

/** @throws a refusal of a tool that is none, or of two of one name */
export function readTools(fields: Fields, markers: CacheMarkers, beta: boolean): RequestTools {
  const read = (fields.list('tools') ?? []).map((item, index) => {
    if (!isObject(item)) throw wrong(`tools.${index}`, 'Input should be a valid dictionary');
    const type = item['type'] ?? 'custom';
    return type === 'custom' ? readCustom(item, index, markers) : readNamed(item, index, markers, beta);
  });
  const client = read.flatMap((tool) => tool.client ?? []);
  const hosted = read.flatMap((tool) => tool.hosted ?? []);
  const names = [...client, ...hosted].map(({ name }) => name);
  if (new Set(names).size < names.length) throw wrong('tools', 'Tool names must be unique.');
  return { given: read, client, hosted };
}

/** A tool with what it is to the answer; with neither, it is never called. */
interface ReadTool extends GivenTool {
  readonly client?: FunctionTool;
  readonly hosted?: HostedTool;
}

function readCustom(object: JsonObject, index: number, markers: CacheMarkers): ReadTool {
  const tool = new Fields(object, `tools.${index}.custom`).mayHave('type', ...EXTRAS);
  const name = tool.requiredString('name');
  if (!NAME.test(name)) throw wrong(tool.path('name'), "String should match pattern '^[a-zA-Z0-9_-]{1,128}$'");
  const schema = tool.requiredObject('input_schema');
  const type = new Fields(schema, tool.path('input_schema')).raw('type');
  if (type === undefined) throw missing(tool.path('input_schema.type'));
  if (type !== 'object') throw wrong(tool.path('input_schema.type'), "Input should be 'object'");
  const client = { name, description: tool.string('description') ?? '', parameters: schema };
  const marker = markers.read(tool);
  tool.end();
  return { object, client, ...(marker === undefined ? {} : { marker }) };
}

/** A tool by a name and a date of Anthropic's. */
function readNamed(object: JsonObject, index: number, markers: CacheMarkers, beta: boolean): ReadTool {
  const type = String(object['type']);
  const tool = new Fields(object, `tools.${index}.${type}`);
  const marker = markers.read(tool);
  const given = { object, ...(marker === undefined ? {} : { marker }) };
  const own = HOSTED.find(([prefix]) => type.startsWith(prefix));
  if (own !== undefined) return { ...given, hosted: { kind: own[1], type, name: tool.requiredString('name'), object } };
  const known = KNOWN_CLIENT_TOOLS.find(([prefix]) => type.startsWith(prefix));
  if (known !== undefined) {
    const parameters = { type: 'object', properties: known[1], required: Object.keys(known[1]) };
    return { ...given, client: { name: tool.requiredString('name'), description: '', parameters } };
  }
  if (beta || TOOLSETS.some((prefix) => type.startsWith(prefix))) return given;
  const prefixes = [...HOSTED, ...KNOWN_CLIENT_TOOLS].map(([prefix]) => prefix);
  const expected = ['custom', ...[...prefixes, ...TOOLSETS].map((prefix) => `${prefix}*`)].map((tag) => `'${tag}'`);
  throw wrong(
    `tools.${index}`,
    `Input tag '${type.slice(0, 100)}' found using 'type' does not match any of the expected tags: ${expected.join(', ')}`,
  );
}

/** @throws a refusal of a choice among tools that are not there */
export function readToolChoice(
  fields: Fields,
  tools: RequestTools,
): { toolChoice: ToolChoice; parallelTools: boolean } {
  const object = fields.object('tool_choice');
  if (object === undefined) return { toolChoice: tools.given.length > 0 ? 'auto' : 'none', parallelTools: true };
  const type = new Fields(object, 'tool_choice').tag(['any', 'auto', 'none', 'tool'] as const);
  const choice = new Fields(object, `tool_choice.${type}`).mayHave('type');
  const parallelTools = type === 'none' || choice.boolean('disable_parallel_tool_use') !== true;
  const name = type === 'tool' ? choice.requiredString('name') : undefined;
  choice.end();
  if (type === 'none') return { toolChoice: 'none', parallelTools };
  if (tools.given.length === 0) {
    throw new AnthropicRefusal(400, `tool_choice.${type}: tool_choice may only be specified while providing tools.`);
  }
  if (name === undefined) return { toolChoice: type === 'any' ? 'required' : 'auto', parallelTools };
  if (![...tools.client, ...tools.hosted].some((tool) => tool.name === name)) {
    throw new AnthropicRefusal(400, `Tool '${name.slice(0, 128)}' not found in provided tools`);
  }
  return { toolChoice: { name }, parallelTools };
}
