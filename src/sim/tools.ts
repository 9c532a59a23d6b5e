import type { Random } from '../kernel/random.ts';
import { alphanumeric, pick, randomFor } from './draws.ts';
import { firstTokens, tokensOf } from './limits.ts';
import { valueForSchema } from './schema/value.ts';
import { type Piece, piecesOf, type TokenCounter } from './tokenizer.ts';

/** A tool that the client runs. */
export interface FunctionTool {
  readonly name: string;
  readonly description: string;
  /** JSON Schema of the arguments; absent: there are none. */
  readonly parameters: unknown;
}

export type ToolChoice = 'none' | 'auto' | 'required' | { readonly name: string };

/** One call of a tool, as an answer makes it. */
export interface ToolCall {
  readonly id: string;
  readonly name: string;
  readonly nameTokens: number;
  /** The arguments as JSON text. */
  readonly pieces: readonly Piece[];
}

/** What decides which tools an answer calls. */
export interface ToolWish {
  readonly tools: readonly FunctionTool[];
  readonly toolChoice: ToolChoice;
  readonly parallelTools: boolean;
  /** Whether the conversation's last word is what a tool answered. */
  readonly answersTool: boolean;
}

const PARALLEL_CALLS_MAX = 4;

/** The tools this answer calls; none when the caller's choice or the conversation asks for a text. */
export function toolsToCall(wish: ToolWish, userText: string, random: Random): readonly FunctionTool[] {
  const { toolChoice, tools, answersTool, parallelTools } = wish;
  if (toolChoice === 'none' || tools.length === 0) return [];
  if (typeof toolChoice === 'object') return tools.filter((tool) => tool.name === toolChoice.name).slice(0, 1);
  if (toolChoice === 'auto' && answersTool) return [];
  const fitting = tools.filter((tool) => nameFits(tool.name, userText));
  if (fitting.length === 0) return [pick(random, tools)];
  return fitting.slice(0, parallelTools ? PARALLEL_CALLS_MAX : 1);
}

/** Whether a word of a tool's name stands in what the user wrote. */
export function nameFits(name: string, userText: string): boolean {
  const text = userText.toLowerCase();
  const words = name
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/);
  return words.some((word) => word.length >= 4 && text.includes(word));
}

export interface ToolBrief {
  /** What an id begins with in its dialect. */
  readonly idPrefix: string;
  readonly idLength: number;
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
      id: `${brief.idPrefix}${alphanumeric(brief.random, brief.idLength)}`,
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
