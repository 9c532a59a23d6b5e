import { isObject } from '../request-object.ts';

type JsonObject = Readonly<Record<string, unknown>>;

/** How a provider explains tools to the model: the longest known is of 530 tokens (platform.claude.com/docs, pricing of tool use, as of 2026). */
const TOOLS_TOKENS = 640;

/**
 * Tools of Anthropic's that run at the client, by the beginning of their type,
 * with the most tokens that one adds: up to 735 for the computer, 700 for the
 * editor, 245 for the shell (the same page), and as much again for what is not told.
 */
const CLIENT_TOOLS: readonly (readonly [beginning: string, tokensMax: number])[] = [
  ['computer_2', 2_048],
  ['text_editor_', 2_048],
  ['bash_', 1_024],
  ['memory_', 2_048],
];

/** Sets of tools, as many as they are: nobody says how long they are for the model. */
const TOOLSETS = /^(?:browser|computer)_toolset_/;

/** What the tools that run at the client add to the input beyond their bytes. */
export function clientToolTokens({ tools }: JsonObject): {
  readonly tokensMax: number;
  readonly unbounded: string | undefined;
} {
  if (!Array.isArray(tools) || tools.length === 0) return { tokensMax: 0, unbounded: undefined };
  let tokensMax = TOOLS_TOKENS;
  let unbounded: string | undefined;
  for (const tool of tools) {
    const type = typeOf(tool);
    if (type === undefined) continue;
    if (TOOLSETS.test(type)) unbounded ??= type.slice(0, 64);
    tokensMax += CLIENT_TOOLS.find(([beginning]) => type.startsWith(beginning))?.[1] ?? 0;
  }
  return { tokensMax, unbounded };
}

/** The first thing in a request that lets the provider do paid work of its own, as often as it likes. */
export function hostedTool(fields: JsonObject): string | undefined {
  const { tools, mcp_servers: servers, container, context_management: context, fallbacks } = fields;
  if (Array.isArray(servers) && servers.length > 0) return 'mcp_servers';
  if (isObject(container)) return 'container';
  // Another model at another price may answer in this one's place.
  if (fallbacks !== undefined && fallbacks !== null) return 'fallbacks';
  const edits = isObject(context) ? context['edits'] : undefined;
  // Summing up a conversation is an answer of its own, in no bound of this one.
  if (Array.isArray(edits) && edits.some((edit) => typeOf(edit)?.startsWith('compact') === true)) {
    return 'context_management';
  }
  if (!Array.isArray(tools)) return undefined;
  for (const tool of tools) {
    const type = typeOf(tool);
    if (type !== undefined && !runsAtClient(type)) return type.slice(0, 64);
  }
  return undefined;
}

function runsAtClient(type: string): boolean {
  return type === 'custom' || TOOLSETS.test(type) || CLIENT_TOOLS.some(([beginning]) => type.startsWith(beginning));
}

function typeOf(tool: unknown): string | undefined {
  return isObject(tool) && typeof tool['type'] === 'string' ? tool['type'] : undefined;
}
