import type { JsonObject } from '../json-object.ts';
import type { FunctionTool, ToolChoice } from '../tools.ts';
import { GeminiRefusal, invalid } from './errors.ts';
import type { Fields } from './fields.ts';
import { jsonSchema, readSchema } from './schema.ts';

/** Tools that the provider runs itself. The first three do something here. */
const HOSTED = [
  'googleSearch',
  'codeExecution',
  'urlContext',
  'googleSearchRetrieval',
  'googleMaps',
  'fileSearch',
  'computerUse',
  'mcpServers',
] as const;
export type HostedTool = (typeof HOSTED)[number];

export interface RequestTools {
  /** All of them as they came, for their tokens. */
  readonly given: readonly JsonObject[];
  /** Those that the client runs. */
  readonly client: readonly FunctionTool[];
  readonly hosted: readonly HostedTool[];
}

/** @see the documentation of `FunctionDeclaration.name` in Google's client */
const NAME = /^[a-zA-Z_][a-zA-Z0-9_.:-]{0,127}$/;
const TOOLS_MAX = 512;

/** @throws GeminiRefusal */
export function readTools(fields: Fields): RequestTools {
  const tools = fields.objects('tools', 'Tool');
  const client: FunctionTool[] = [];
  const hosted: HostedTool[] = [];
  for (const tool of tools) {
    for (const declaration of tool.objects('functionDeclarations', 'FunctionDeclaration')) {
      client.push(readDeclaration(declaration));
    }
    for (const name of HOSTED) if (tool.raw(name) !== undefined) hosted.push(name);
    tool.end();
  }
  if (client.length > TOOLS_MAX) throw invalid('tools', `at most ${TOOLS_MAX} function declarations can be provided`);
  const names = client.map(({ name }) => name);
  const twice = names.find((name, at) => names.indexOf(name) < at);
  if (twice !== undefined) throw new GeminiRefusal(400, `Duplicate function declaration found: ${twice}`);
  return { given: tools.map(({ source }) => source), client, hosted };
}

function readDeclaration(declaration: Fields): FunctionTool {
  const name = declaration.string('name') ?? '';
  if (!NAME.test(name)) {
    throw invalid(
      declaration.path('name'),
      'Invalid function name. Must start with a letter or an underscore. Must be alphanumeric (a-z, A-Z, 0-9), underscores (_), dots (.), colons (:), or dashes (-), with a maximum length of 128.',
    );
  }
  const description = declaration.mayHave('behavior', 'responseJsonSchema').string('description') ?? '';
  const own = declaration.nested('parameters', 'Schema');
  const parameters = own === undefined ? undefined : readSchema(own);
  const json = declaration.raw('parametersJsonSchema');
  if (parameters !== undefined && json !== undefined) {
    throw invalid(declaration.path('parameters'), 'only one of parameters and parameters_json_schema may be set');
  }
  const response = declaration.nested('response', 'Schema');
  if (response !== undefined) readSchema(response);
  declaration.end();
  return { name, description, parameters: parameters ?? jsonSchema(json) };
}

const MODES = ['MODE_UNSPECIFIED', 'AUTO', 'ANY', 'NONE', 'VALIDATED'] as const;

/** Which of the client's tools may be called, and whether one must be. */
export interface CallingWish {
  readonly toolChoice: ToolChoice;
  readonly allowed: readonly FunctionTool[];
}

/** @throws GeminiRefusal */
export function readCalling(fields: Fields, { client }: RequestTools): CallingWish {
  const auto: CallingWish = { toolChoice: client.length > 0 ? 'auto' : 'none', allowed: client };
  const config = fields.nested('toolConfig', 'ToolConfig')?.mayHave('retrievalConfig');
  if (config === undefined) return auto;
  config.boolean('includeServerSideToolInvocations');
  const calling = config.nested('functionCallingConfig', 'FunctionCallingConfig');
  config.end();
  if (calling === undefined) return auto;
  const mode = calling.oneOf('mode', 'FunctionCallingConfig.Mode', MODES) ?? 'AUTO';
  const names = calling.strings('allowedFunctionNames') ?? [];
  calling.boolean('streamFunctionCallArguments');
  calling.end();
  if (names.length > 0 && mode !== 'ANY' && mode !== 'VALIDATED') {
    throw new GeminiRefusal(400, 'allowed_function_names should only be set when the function calling mode is ANY.');
  }
  const stranger = names.find((name) => !client.some((tool) => tool.name === name));
  if (stranger !== undefined) {
    throw invalid(calling.path('allowedFunctionNames'), `no function declaration is named ${stranger.slice(0, 128)}`);
  }
  if (mode === 'NONE') return { toolChoice: 'none', allowed: [] };
  if (mode === 'ANY' && client.length === 0) {
    throw new GeminiRefusal(400, 'Function calling config is set without function_declarations.');
  }
  const allowed = names.length === 0 ? client : client.filter(({ name }) => names.includes(name));
  return mode === 'ANY' ? { toolChoice: 'required', allowed } : { ...auto, allowed };
}
