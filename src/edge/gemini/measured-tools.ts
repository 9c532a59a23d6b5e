import { isObject } from '../request-object.ts';

type JsonObject = Readonly<Record<string, unknown>>;

/** How a provider explains tools to the model: the longest known is of 530 tokens, another vendor's. */
const TOOLS_TOKENS = 640;
/** The tools that run at the client, and cost nothing but their tokens. */
const CLIENT_TOOLS: ReadonlySet<string> = new Set(['functionDeclarations']);
/** Runs at the client, and is explained at length by the provider. */
const COMPUTER = 'computerUse';
const COMPUTER_TOKENS = 4_096;

/** What the tools that run at the client add to the input beyond their bytes. */
export function clientToolTokens({ tools }: JsonObject): number {
  if (!Array.isArray(tools) || tools.length === 0) return 0;
  const computers = tools.filter((tool) => isObject(tool) && isObject(tool[COMPUTER])).length;
  return TOOLS_TOKENS + COMPUTER_TOKENS * computers;
}

/** The first thing in a request that lets the provider do paid work of its own, as often as it likes. */
export function hostedTool({ tools }: JsonObject): string | undefined {
  for (const tool of Array.isArray(tools) ? (tools as readonly unknown[]) : []) {
    if (!isObject(tool)) continue;
    const name = Object.keys(tool).find((key) => !CLIENT_TOOLS.has(key) && key !== COMPUTER && isObject(tool[key]));
    if (name !== undefined) return name.slice(0, 64);
  }
  return undefined;
}
