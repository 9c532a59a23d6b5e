import type { CustomTool, FunctionTool, HostedTool, Tool, ToolChoice } from '../../protocol/chat/call.ts';
import type { HostedToolName } from '../../protocol/chat/content.ts';
import type { Fields } from '../fields.ts';
import { PLAIN_INPUT } from '../tool-input.ts';
import { type CallWriting, loseMarker, loseSetting, refused } from './call-losses.ts';
import { functionName } from './function-names.ts';
import { GEMINI, ownRest } from './wire.ts';

/** Provider's own tools that have a counterpart here, whoever asks for them. */
const HOSTED: Readonly<Partial<Record<HostedToolName, string>>> = {
  'web-search': 'googleSearch',
  'web-fetch': 'urlContext',
  'code-execution': 'codeExecution',
};

export interface WrittenTools {
  readonly tools?: readonly Fields[];
  /** What of `toolConfig` says whether to call them. */
  readonly calling?: Fields;
}

/** The tools of a call; of those that the client only allows in part, that part. */
export function writeTools(writing: CallWriting): WrittenTools {
  const { tools = [], toolChoice } = writing.call;
  const some = toolChoice?.type === 'allowed' && !toolChoice.required ? new Set(toolChoice.names) : undefined;
  const functions: Fields[] = [];
  const hosted: Fields[] = [];
  for (const [index, tool] of tools.entries()) {
    if (some !== undefined && !some.has(nameOf(tool))) continue;
    const place = `tools[${index}]`;
    loseMarker(writing, tool.cache, place);
    if (tool.type === 'hosted') hosted.push(writeHosted(tool, place));
    else functions.push(writeFunction(tool));
  }
  const written = [...(functions.length === 0 ? [] : [{ functionDeclarations: functions }]), ...hosted];
  const calling = writeCalling(toolChoice, functions, strictTools(tools), writing);
  return {
    ...(written.length === 0 ? {} : { tools: written }),
    ...(calling === undefined ? {} : { calling }),
  };
}

function nameOf(tool: Tool): string {
  return tool.type === 'hosted' ? (tool.name ?? tool.tool) : tool.name;
}

/** A tool whose argument is plain text has it as its only member. */
function writeFunction(tool: FunctionTool | CustomTool): Fields {
  const description =
    tool.description === undefined || tool.description === '' ? {} : { description: tool.description };
  if (tool.type === 'custom') {
    const properties = { [PLAIN_INPUT]: { type: 'string' } };
    const schema = { type: 'object', properties, required: [PLAIN_INPUT] };
    return { name: functionName(tool.name), ...description, parametersJsonSchema: schema };
  }
  const { parameters } = tool;
  const schema = parameters === undefined || parameters === null ? {} : { parametersJsonSchema: parameters };
  return { name: functionName(tool.name), ...description, ...schema, ...ownRest(tool.rest) };
}

function writeHosted(tool: HostedTool, place: string): Fields {
  if (tool.source.dialect === GEMINI) return tool.source.fields;
  const name = HOSTED[tool.tool];
  if (name === undefined) {
    return refused(place, `the tool ${tool.name ?? tool.tool} runs at another provider and has no counterpart here`);
  }
  return { [name]: {} };
}

/** Arguments are kept to their schema where a tool wants that, in a mode of its own. */
function strictTools(tools: readonly Tool[]): boolean {
  return tools.some((tool) => tool.type === 'function' && tool.strict === true);
}

function writeCalling(
  choice: ToolChoice | undefined,
  functions: readonly Fields[],
  strict: boolean,
  writing: CallWriting,
): Fields | undefined {
  if (functions.length === 0) {
    const forced = choice?.type === 'required' || choice?.type === 'tool';
    if (forced) loseSetting(writing, 'toolChoice', 'there is no function to be called');
    return undefined;
  }
  switch (choice?.type) {
    case 'none':
      return { mode: 'NONE' };
    case 'required':
      return { mode: 'ANY' };
    case 'tool':
      return { mode: 'ANY', allowedFunctionNames: [functionName(choice.name)] };
    case 'allowed':
      if (choice.required) return { mode: 'ANY', allowedFunctionNames: choice.names.map(functionName) };
      return { mode: strict ? 'VALIDATED' : 'AUTO' };
    case 'auto':
      return { mode: strict ? 'VALIDATED' : 'AUTO' };
    case undefined:
      return strict ? { mode: 'VALIDATED' } : undefined;
  }
}
