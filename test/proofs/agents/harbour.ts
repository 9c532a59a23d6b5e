/**
 * Tools that change nothing, for agents that take theirs from a server of the
 * Model Context Protocol: what each answers has in it what it was called with.
 * One JSON object a line, in and out.
 */
import { createInterface } from 'node:readline';

type Json = Readonly<Record<string, unknown>>;

interface Tool {
  readonly name: string;
  readonly description: string;
  /** The arguments, all of them texts, and all of them needed. */
  readonly takes: readonly string[];
}

const TOOLS: readonly Tool[] = [
  { name: 'read_tide', description: 'How high the water stands at a place.', takes: ['place'] },
  { name: 'count_ships', description: 'How many ships of a kind lie at a place.', takes: ['kind', 'place'] },
];

for await (const line of createInterface({ input: process.stdin })) {
  const { id, method, params } = JSON.parse(line) as { id?: unknown; method: string; params?: Json };
  const result = id === undefined ? undefined : answer(method, params ?? {});
  if (result !== undefined) process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id, result })}\n`);
}

function answer(method: string, params: Json): Json {
  switch (method) {
    case 'initialize':
      return {
        protocolVersion: params['protocolVersion'],
        capabilities: { tools: {} },
        serverInfo: { name: 'harbour', version: '1.0.0' },
      };
    case 'tools/list':
      return { tools: TOOLS.map(listed) };
    case 'tools/call':
      return called(String(params['name']), (params['arguments'] ?? {}) as Json);
    default:
      return {};
  }
}

function listed({ name, description, takes }: Tool): Json {
  return {
    name,
    description,
    inputSchema: {
      type: 'object',
      properties: Object.fromEntries(takes.map((each) => [each, { type: 'string' }])),
      required: takes,
    },
    annotations: { readOnlyHint: true, destructiveHint: false, openWorldHint: false },
  };
}

function called(name: string, given: Json): Json {
  const tool = TOOLS.find((each) => each.name === name);
  const lacks = tool?.takes.filter((each) => typeof given[each] !== 'string') ?? [name];
  const isError = lacks.length > 0;
  const text = isError
    ? `lacks ${lacks.join(', ')}`
    : `Seven fathoms of ${tool?.takes.map((each) => given[each]).join(' at ')}`;
  return { content: [{ type: 'text', text }], isError };
}
