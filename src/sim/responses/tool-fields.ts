import type { JsonObject } from '../json-object.ts';
import { isObject } from '../json-object.ts';
import { missing, wrongType, wrongValue } from '../openai/fields.ts';
import type { FunctionTool, ToolChoice } from '../tools.ts';
import { refusal, StrictFields } from './fields.ts';
import { strictProblem } from './strict-schema.ts';

/** A tool whose one argument is a text. */
export interface CustomTool extends FunctionTool {
  /** A regular expression that the text fits. */
  readonly pattern?: string;
}

/** A tool of the provider's. */
export interface HostedTool {
  readonly type: string;
  readonly object: JsonObject;
}

export interface RequestTools {
  /** As an answer repeats them. */
  readonly given: readonly JsonObject[];
  readonly functions: readonly FunctionTool[];
  readonly customs: readonly CustomTool[];
  readonly hosted: readonly HostedTool[];
}

/** What the caller wants called: as for functions, or a kind of hosted tool, out of these tools. */
export interface Choice {
  readonly toolChoice: ToolChoice;
  /** The hosted tool that must run. */
  readonly hosted?: string;
  /** The only tools that may be called, by name or by type; absent: all. */
  readonly allowed?: readonly string[];
}

const NAME = /^[a-zA-Z0-9_-]+$/;
const NAME_CHARS_MAX = 64;
const HOSTED = [
  'file_search',
  'computer',
  'computer_use_preview',
  'web_search',
  'web_search_2025_08_26',
  'web_search_preview',
  'web_search_preview_2025_03_11',
  'mcp',
  'code_interpreter',
  'programmatic_tool_calling',
  'image_generation',
  'local_shell',
  'shell',
  'namespace',
  'tool_search',
  'apply_patch',
] as const;
const REQUIRED: Readonly<Record<string, string>> = {
  file_search: 'vector_store_ids',
  mcp: 'server_label',
  code_interpreter: 'container',
};

/** @throws OpenAiRefusal that names what is wrong about which tool */
export function readTools(fields: StrictFields): RequestTools {
  const given: JsonObject[] = [];
  const functions: FunctionTool[] = [];
  const customs: CustomTool[] = [];
  const hosted: HostedTool[] = [];
  (fields.objects('tools') ?? []).forEach((object, index) => {
    const tool = new StrictFields(object, `tools[${index}]`);
    const type = tool.requiredOneOf('type', ['function', 'custom', ...HOSTED] as const);
    if (type === 'function') {
      functions.push(readFunction(tool));
      given.push({ ...object, description: object['description'] ?? null, strict: object['strict'] ?? true });
    } else if (type === 'custom') {
      customs.push(readCustom(tool));
      given.push({ ...object, format: object['format'] ?? { type: 'text' } });
    } else {
      const needed = REQUIRED[type];
      if (needed !== undefined && tool.raw(needed) === undefined) throw missing(tool.path(needed));
      hosted.push({ type, object });
      given.push(object);
    }
  });
  return { given, functions, customs, hosted };
}

function readName(tool: StrictFields): string {
  const name = tool.requiredString('name');
  const param = tool.path('name');
  if (!NAME.test(name)) {
    const message = `Invalid '${param}': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.`;
    throw wrongValue(param, message);
  }
  if (name.length > NAME_CHARS_MAX) {
    const message = `Invalid '${param}': string too long. Expected a string with maximum length ${NAME_CHARS_MAX}, but got a string with length ${name.length} instead.`;
    throw wrongValue(param, message, 'string_above_max_length');
  }
  return name;
}

function readFunction(tool: StrictFields): FunctionTool {
  const name = readName(tool);
  const parameters = tool.object('parameters');
  const strict = tool.boolean('strict');
  const description = tool.string('description') ?? '';
  tool.mayHave('defer_loading', 'allowed_callers', 'async', 'output_schema').end();
  const problem = strict === true ? strictProblem(parameters ?? {}) : undefined;
  if (problem !== undefined) {
    const message = `Invalid schema for function '${name}': ${problem}`;
    throw refusal(message, tool.path('parameters'), 'invalid_function_parameters');
  }
  return { name, description, parameters };
}

function readCustom(tool: StrictFields): CustomTool {
  const name = readName(tool);
  const description = tool.string('description') ?? '';
  const formatObject = tool.object('format');
  tool.mayHave('defer_loading', 'allowed_callers', 'async').end();
  const custom = { name, description, parameters: undefined };
  if (formatObject === undefined) return custom;
  const format = new StrictFields(formatObject, tool.path('format'));
  const type = format.requiredOneOf('type', ['text', 'grammar'] as const);
  if (type === 'text') return custom;
  const syntax = format.requiredOneOf('syntax', ['lark', 'regex'] as const);
  const definition = format.requiredString('definition');
  return syntax === 'regex' ? { ...custom, pattern: definition } : custom;
}

/** @throws OpenAiRefusal for a choice of what there is not */
export function readToolChoice(fields: StrictFields, tools: RequestTools): Choice {
  const choice = fields.raw('tool_choice');
  if (choice === undefined) return { toolChoice: tools.given.length > 0 ? 'auto' : 'none' };
  if (typeof choice === 'string') {
    const mode = fields.requiredOneOf('tool_choice', ['none', 'auto', 'required'] as const);
    if (mode === 'required' && tools.given.length === 0) {
      throw refusal("Tool choice 'required' must be specified with 'tools' parameter.", 'tool_choice');
    }
    return { toolChoice: tools.given.length > 0 ? mode : 'none' };
  }
  if (!isObject(choice)) throw wrongType('tool_choice', 'one of a string or an object', choice);
  const named = new StrictFields(choice, 'tool_choice');
  const type = named.requiredOneOf('type', ['function', 'custom', 'allowed_tools', ...HOSTED] as const);
  if (type === 'allowed_tools') return readAllowed(named, tools);
  if (type === 'function' || type === 'custom') {
    const name = named.requiredString('name');
    const list = type === 'function' ? tools.functions : tools.customs;
    if (!list.some((tool) => tool.name === name)) throw notFound(name);
    named.end();
    return { toolChoice: { name } };
  }
  if (!tools.hosted.some((tool) => sameKind(tool.type, type))) throw notFound(type);
  return { toolChoice: 'required', hosted: type };
}

function readAllowed(named: StrictFields, tools: RequestTools): Choice {
  const mode = named.requiredOneOf('mode', ['auto', 'required'] as const);
  const listed = named.objects('tools');
  if (listed === undefined) throw missing(named.path('tools'));
  named.end();
  const allowed = listed.map((object) => String(object['name'] ?? object['type']));
  const known = new Set([
    ...[...tools.functions, ...tools.customs].map(({ name }) => name),
    ...tools.hosted.map(({ type }) => type),
  ]);
  const stranger = allowed.find((name) => !known.has(name));
  if (stranger !== undefined) throw notFound(stranger);
  return { toolChoice: mode, allowed };
}

/** The dated and preview forms of a hosted tool are one kind. */
export function sameKind(one: string, other: string): boolean {
  const kind = (type: string) => type.replace(/(_use)?(_preview)?(_\d{4}_\d{2}_\d{2})?$/, '');
  return kind(one) === kind(other);
}

function notFound(name: string): Error {
  return refusal(`Tool choice '${name}' not found in 'tools' parameter.`, 'tool_choice');
}
