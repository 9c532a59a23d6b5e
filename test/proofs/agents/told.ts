import type { Turn } from './claude.ts';

/** Token counts of a turn, over all of its calls. */
export interface Tokens {
  /** All input, whether read from the provider's cache, written to it or neither. */
  readonly input: number;
  readonly cached: number;
  readonly output: number;
}

export interface ToldCall {
  readonly name: string;
  result?: string;
  isError?: boolean;
}

/** What an agent says of a turn that it took. */
export interface ToldTurn {
  readonly succeeded: boolean;
  readonly text: string;
  /** Each call of a tool by its id, with what came of it; absent: nothing did. */
  readonly toolCalls: ReadonlyMap<string, ToldCall>;
  readonly thoughtChars: number;
  readonly tokens: Tokens;
}

type Json = Record<string, unknown>;

/** Reads the lines that Claude Code tells of itself with `--output-format stream-json`. */
export function toldTurn({ told }: Turn): ToldTurn {
  const toolCalls = new Map<string, ToldCall>();
  let thoughtChars = 0;
  for (const block of told.flatMap(blocksOf)) {
    if (block['type'] === 'thinking') thoughtChars += String(block['thinking']).length;
    if (block['type'] === 'tool_use') toolCalls.set(String(block['id']), { name: String(block['name']) });
    const call = toolCalls.get(String(block['tool_use_id']));
    if (block['type'] !== 'tool_result' || call === undefined) continue;
    call.isError = block['is_error'] === true;
    call.result = resultText(block['content']);
  }
  const result = told.findLast((line) => line['type'] === 'result') ?? {};
  return {
    succeeded: result['subtype'] === 'success' && result['is_error'] === false,
    text: typeof result['result'] === 'string' ? result['result'] : '',
    toolCalls,
    thoughtChars,
    tokens: tokensOf(result),
  };
}

function resultText(content: unknown): string {
  if (!Array.isArray(content)) return String(content ?? '');
  return (content as Json[]).map(({ text }) => text ?? '').join('\n');
}

/** A sub-agent's own lines are of another conversation. */
function blocksOf(line: Json): Json[] {
  if (typeof line['parent_tool_use_id'] === 'string') return [];
  const content = (line['message'] as Json | undefined)?.['content'];
  return Array.isArray(content) ? (content as Json[]) : [];
}

function tokensOf(result: Json): Tokens {
  const perModel = Object.values((result['modelUsage'] ?? {}) as Record<string, Json>);
  const sum = (name: string) => perModel.reduce((total, usage) => total + Number(usage[name] ?? 0), 0);
  const cached = sum('cacheReadInputTokens');
  return {
    input: sum('inputTokens') + cached + sum('cacheCreationInputTokens'),
    cached,
    output: sum('outputTokens'),
  };
}
