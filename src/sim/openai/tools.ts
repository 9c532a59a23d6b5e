import type { Random } from '../../kernel/random.ts';
import { alphanumeric, pick, randomFor } from '../draws.ts';
import { valueForSchema } from '../schema/value.ts';
import { piecesOf, type TokenCounter } from '../tokenizer.ts';
import type { ChatRequest, FunctionTool } from './chat-request.ts';
import type { ToolCall } from './choice.ts';
import { firstTokens, tokensOf } from './limits.ts';

const PARALLEL_CALLS_MAX = 4;

/** The tools this answer calls; none when the caller's choice or the conversation asks for a text. */
export function toolsToCall(request: ChatRequest, userText: string, random: Random): readonly FunctionTool[] {
  const { toolChoice, tools } = request;
  if (toolChoice === 'none' || tools.length === 0) return [];
  if (typeof toolChoice === 'object') return tools.filter((tool) => tool.name === toolChoice.name).slice(0, 1);
  const answersTool = request.messages.at(-1)?.role === 'tool';
  if (toolChoice === 'auto' && answersTool) return [];
  const fitting = tools.filter((tool) => fits(tool, userText));
  if (fitting.length === 0) return [pick(random, tools)];
  return fitting.slice(0, request.parallelTools ? PARALLEL_CALLS_MAX : 1);
}

/** A tool fits when a word of its name stands in what the user wrote. */
function fits(tool: FunctionTool, userText: string): boolean {
  const text = userText.toLowerCase();
  const words = tool.name
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/);
  return words.some((word) => word.length >= 4 && text.includes(word));
}

export interface ToolBrief {
  readonly contentSeed: number;
  /** For the ids, which no two calls share. */
  readonly random: Random;
  readonly counter: TokenCounter;
  readonly words: readonly string[];
}

/** Calls with arguments that the tools' schemas accept. */
export function writeToolCalls(tools: readonly FunctionTool[], brief: ToolBrief): ToolCall[] {
  return tools.map((tool, position) => {
    const random = randomFor(brief.contentSeed, 'arguments', position);
    const value = valueForSchema(tool.parameters ?? { type: 'object', properties: {} }, random, brief.words);
    return {
      id: `call_${alphanumeric(brief.random, 24)}`,
      name: tool.name,
      nameTokens: brief.counter.count(tool.name),
      pieces: piecesOf(JSON.stringify(value)),
    };
  });
}

/** The calls as far as `tokensMax` lets them come, and how many tokens that is. */
export function limitedCalls(
  calls: readonly ToolCall[],
  tokensMax: number,
): { calls: ToolCall[]; tokens: number; whole: boolean } {
  const kept: ToolCall[] = [];
  let left = tokensMax;
  for (const call of calls) {
    if (left < call.nameTokens) return { calls: kept, tokens: tokensMax - left, whole: false };
    left -= call.nameTokens;
    const pieces = firstTokens(call.pieces, left);
    left -= tokensOf(pieces);
    kept.push({ ...call, pieces });
    if (pieces.length < call.pieces.length) return { calls: kept, tokens: tokensMax - left, whole: false };
  }
  return { calls: kept, tokens: tokensMax - left, whole: true };
}
