import type { Draft } from '../../kernel/draft.ts';
import type { ChatCall, FunctionTool, HostedTool, Tool, ToolChoice } from '../../protocol/chat/call.ts';
import type { HostedToolName } from '../../protocol/chat/content.ts';
import { standsAt } from '../../protocol/chat/places.ts';
import { type Fields, isFields } from '../../providers/fields.ts';
import { GEMINI, restOf } from '../../providers/gemini/wire.ts';
import { listIn, objectIn, refuseCall, wordIn, wordsIn } from './field-reader.ts';
import { jsonSchemaOf } from './schema-reader.ts';

const HOSTED = new Map<string, HostedToolName>([
  ['googleSearch', 'web-search'],
  ['googleSearchRetrieval', 'web-search'],
  ['enterpriseWebSearch', 'web-search'],
  ['codeExecution', 'code-execution'],
  ['urlContext', 'web-fetch'],
  ['fileSearch', 'file-search'],
  ['computerUse', 'computer'],
  ['mcpServers', 'mcp'],
]);

/** Each element of `tools` has one kind of tool, or several: functions as a list, Google's own by their names. */
export function readTools(fields: Fields): Tool[] | undefined {
  const tools = listIn(fields, 'tools')?.flatMap((tool, at) => readTool(tool, `tools[${at}]`));
  return tools === undefined || tools.length === 0 ? undefined : tools;
}

function readTool(tool: unknown, place: string): Tool[] {
  if (!isFields(tool)) return refuseCall(place, 'must be an object');
  const functions = listIn(tool, 'functionDeclarations', `${place}.`) ?? [];
  const own = Object.entries(tool).filter(([name, value]) => name !== 'functionDeclarations' && value !== null);
  return [
    ...functions.map((each, at) => {
      const here = `${place}.functionDeclarations[${at}]`;
      return standsAt(readFunction(each, here), here);
    }),
    ...own.map(([name, value]) => standsAt(readHosted(name, value), `${place}.${name}`)),
  ];
}

const FUNCTION = new Set(['name', 'description', 'parameters', 'parametersJsonSchema']);

function readFunction(declared: unknown, place: string): FunctionTool {
  if (!isFields(declared)) return refuseCall(place, 'must be an object');
  const name = wordIn(declared, 'name', `${place}.`);
  if (name === undefined || name === '') return refuseCall(`${place}.name`, 'must be the name of a function');
  const read: Draft<FunctionTool> = { type: 'function', name };
  const description = wordIn(declared, 'description', `${place}.`);
  if (description !== undefined) read.description = description;
  const { parametersJsonSchema: schema, parameters } = declared;
  if (schema !== undefined && schema !== null) read.parameters = schema;
  else if (parameters !== undefined && parameters !== null) read.parameters = jsonSchemaOf(parameters);
  const rest = restOf(declared, FUNCTION);
  if (rest !== undefined) read.rest = rest;
  return read;
}

function readHosted(name: string, value: unknown): HostedTool {
  const read: Draft<HostedTool> = {
    type: 'hosted',
    tool: HOSTED.get(name) ?? 'other',
    source: { dialect: GEMINI, fields: { [name]: value } },
  };
  const blocked = isFields(value) ? value['excludeDomains'] : undefined;
  if (Array.isArray(blocked)) read.blockedDomains = blocked.filter((each) => typeof each === 'string');
  return read;
}

/** `toolConfig.functionCallingConfig`: whether functions are to be called, and which. */
export function readToolChoice(fields: Fields): Pick<ChatCall, 'toolChoice'> {
  const place = 'toolConfig.functionCallingConfig.';
  const config = objectIn(objectIn(fields, 'toolConfig') ?? {}, 'functionCallingConfig', 'toolConfig.');
  if (config === undefined) return {};
  const names = wordsIn(config, 'allowedFunctionNames', place) ?? [];
  const mode = wordIn(config, 'mode', place) ?? 'AUTO';
  const toolChoice = choiceOf(mode.toUpperCase(), names);
  if (toolChoice === undefined) return refuseCall(`${place}mode`, 'must be AUTO, ANY, NONE or VALIDATED');
  return { toolChoice };
}

function choiceOf(mode: string, names: readonly string[]): ToolChoice | undefined {
  const [name] = names;
  switch (mode) {
    case 'NONE':
      return { type: 'none' };
    case 'ANY':
      if (name === undefined) return { type: 'required' };
      return names.length === 1 ? { type: 'tool', name } : { type: 'allowed', names, required: true };
    case 'VALIDATED':
      return name === undefined ? { type: 'auto' } : { type: 'allowed', names, required: false };
    case 'AUTO':
    case 'MODE_UNSPECIFIED':
      return { type: 'auto' };
    default:
      return undefined;
  }
}
