import type { ChatCall, HostedTool, Tool, ToolChoice } from '../../protocol/chat/call.ts';
import { markerPlace, placeOf } from '../../protocol/chat/places.ts';
import { writeCacheMarker } from './cache-marker.ts';
import { type CallWriting, lose, unsayable } from './call-losses.ts';
import { shortName } from './short-names.ts';
import { isObject, ownFields, type WireObject, withRest } from './wire.ts';

/** The tools of a call, which of them the model may or must use, and whether several at once. */
export function toolsJson({ tools = [], toolChoice, parallelToolCalls }: ChatCall, writing: CallWriting): WireObject {
  const written = tools.flatMap((tool, at) => toolJson(tool, placeOf(tool, `tools[${at}]`), writing));
  const search = tools.find((tool): tool is HostedTool => tool.type === 'hosted' && isOwnSearch(tool));
  const options = search === undefined ? {} : searchOptions(search);
  // The API refuses the two settings where there are no tools, and without tools they say nothing.
  if (written.length === 0) return options;
  return {
    tools: written,
    ...options,
    ...(toolChoice === undefined ? {} : { tool_choice: choiceJson(toolChoice, tools) }),
    ...(parallelToolCalls === undefined ? {} : { parallel_tool_calls: parallelToolCalls }),
  };
}

function toolJson(tool: Tool, place: string, writing: CallWriting): WireObject[] {
  if (tool.type === 'hosted') return hostedJson(tool, place);
  const { name, description, cache, rest } = tool;
  const named = { name: shortName(name), ...(description === undefined ? {} : { description }) };
  const written: Record<string, unknown> =
    tool.type === 'custom'
      ? {
          type: 'custom',
          custom: { ...named, ...(tool.format === undefined ? {} : { format: nestedFormat(tool.format) }) },
        }
      : {
          type: 'function',
          function: {
            ...named,
            ...(tool.parameters === undefined ? {} : { parameters: tool.parameters }),
            ...(tool.strict === undefined ? {} : { strict: tool.strict }),
          },
        };
  if (cache !== undefined) {
    // OpenAI's breakpoints stand on parts of messages alone.
    if (writing.traits.cacheMarkers === 'cache_control') writeCacheMarker(written, cache, 'cache_control');
    else lose(writing, markerPlace(writing.call, place, cache), 'this provider knows no cache markers on tools');
  }
  return [withRest(written, rest)];
}

/** The Responses API has no object of its own around a grammar. */
function nestedFormat(format: unknown): unknown {
  if (!isObject(format) || format['type'] !== 'grammar' || isObject(format['grammar'])) return format;
  const { type, ...grammar } = format;
  return { type, grammar };
}

function hostedJson(tool: HostedTool, place: string): WireObject[] {
  if (tool.tool === 'web-search') return [];
  if (tool.source.dialect === 'openai-chat') return [tool.source.fields];
  throw unsayable(place, 'its providers do not run this tool');
}

/** The few models that search do so in each answer, and all others refuse the field: who did not say it so did not mean it. */
function isOwnSearch({ tool, source }: HostedTool): boolean {
  return tool === 'web-search' && source.dialect === 'openai-chat';
}

function searchOptions({ source }: HostedTool): WireObject {
  const { web_search_options: options } = ownFields(source);
  return options === undefined ? {} : { web_search_options: options };
}

function choiceJson(choice: ToolChoice, tools: readonly Tool[]): unknown {
  const custom = new Set(tools.flatMap((tool) => (tool.type === 'custom' ? [tool.name] : [])));
  switch (choice.type) {
    case 'tool':
      return namedJson(choice.name, custom);
    case 'allowed': {
      const named = choice.names.map((name) => namedJson(name, custom));
      return {
        type: 'allowed_tools',
        allowed_tools: { mode: choice.required ? 'required' : 'auto', tools: named },
      };
    }
    default:
      return choice.type;
  }
}

function namedJson(whole: string, custom: ReadonlySet<string>): WireObject {
  const name = shortName(whole);
  return custom.has(whole) ? { type: 'custom', custom: { name } } : { type: 'function', function: { name } };
}
