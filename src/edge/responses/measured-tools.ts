import { isObject } from '../request-object.ts';
import { TOOLS_TOKENS } from '../token-bounds.ts';

type Fields = Readonly<Record<string, unknown>>;

/**
 * Tools that run at the client, with the most tokens that one adds beyond its
 * bytes: those whose words are the vendor's own are taken to have as many as
 * the longest known of another vendor's, and as much again (see `edge/anthropic`).
 */
const CLIENT_TOOLS: Readonly<Record<string, number>> = {
  function: 0,
  custom: 0,
  namespace: 0,
  tool_search: 1_024,
  local_shell: 1_024,
  shell: 1_024,
  apply_patch: 2_048,
  computer: 2_048,
  computer_use_preview: 2_048,
};
/** Deeper than namespaces of tools are. */
const NESTING_MAX = 4;

/** What the tools that run at the client add to the input beyond their bytes. */
export function clientToolTokens({ tools }: Fields): number {
  if (!Array.isArray(tools) || tools.length === 0) return 0;
  return tools.reduce<number>((sum, tool) => sum + (ownTokens(typeOf(tool)) ?? 0), TOOLS_TOKENS);
}

/** The first thing in a request that lets the provider do paid work of its own, as often as it likes. */
export function hostedTool(fields: Fields): string | undefined {
  const { tools, context_management: context, moderation } = fields;
  // Summing up a conversation is an answer of its own, in no bound of this one.
  if (Array.isArray(context) && context.length > 0) return 'context_management';
  if (isObject(moderation)) return 'moderation';
  return hostedAmong(tools, 0);
}

function hostedAmong(tools: unknown, depth: number): string | undefined {
  if (!Array.isArray(tools)) return undefined;
  for (const tool of tools) {
    const type = typeOf(tool);
    if (type === undefined) continue;
    if (ownTokens(type) === undefined || depth > NESTING_MAX || runsInContainer(tool)) return type.slice(0, 64);
    const inside = hostedAmong(isObject(tool) ? tool['tools'] : undefined, depth + 1);
    if (inside !== undefined) return inside;
  }
  return undefined;
}

/** A shell is the client's, unless it is asked for in a container of the provider's. */
function runsInContainer(tool: unknown): boolean {
  const environment = isObject(tool) ? tool['environment'] : undefined;
  return isObject(environment) && environment['type'] !== 'local';
}

function ownTokens(type: string | undefined): number | undefined {
  return type !== undefined && Object.hasOwn(CLIENT_TOOLS, type) ? CLIENT_TOOLS[type] : undefined;
}

function typeOf(tool: unknown): string | undefined {
  return isObject(tool) && typeof tool['type'] === 'string' ? tool['type'] : undefined;
}
