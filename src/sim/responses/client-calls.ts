import { randomFor } from '../draws.ts';
import { plainWords } from '../prose/prose.ts';
import { textMatching } from '../schema/pattern.ts';
import { piecesOf } from '../tokenizer.ts';
import { type ToolCall, toolsToCall, writeToolCalls } from '../tools.ts';
import type { CallItem } from './answer.ts';
import { type ComposeBrief, idOf } from './brief.ts';
import type { CustomTool } from './tool-fields.ts';

/** The calls of the client's own tools that this answer makes, if any. */
export function clientCalls(brief: ComposeBrief): CallItem[] {
  const { request, turn, context, seed, words } = brief;
  const { functions, customs } = request.tools;
  const { toolChoice, allowed } = request.choice;
  const offered = [...functions, ...customs].filter(({ name }) => allowed?.includes(name) ?? true);
  const wish = {
    tools: offered,
    toolChoice,
    parallelTools: request.parallelTools,
    answersTool: turn.results.length > 0,
  };
  const tools = toolsToCall(wish, turn.userText, randomFor(seed, 'tools'));
  const calls = writeToolCalls(tools, {
    idPrefix: 'call_',
    idLength: 24,
    contentSeed: seed,
    random: context.random,
    counter: context.tokens,
    words,
  });
  return calls.map((call, position) => {
    const custom = customs.find(({ name }) => name === call.name);
    return custom === undefined ? functionCall(call, brief) : customCall(call, custom, brief, position);
  });
}

function functionCall(call: ToolCall, { context }: ComposeBrief): CallItem {
  const { pieces } = call;
  return {
    ...callItem(call, idOf('fc', context.random), 'function_call'),
    body: { member: 'arguments', event: 'response.function_call_arguments', pieces },
  };
}

function customCall(call: ToolCall, tool: CustomTool, { seed, words, context }: ComposeBrief, at: number): CallItem {
  const random = randomFor(seed, 'custom', at);
  const fitting = tool.pattern === undefined ? undefined : textMatching(tool.pattern, random);
  const text = fitting ?? ([...words, plainWords(random, 3)].join(' ') || call.name);
  return {
    ...callItem(call, idOf('ctc', context.random), 'custom_tool_call'),
    body: { member: 'input', event: 'response.custom_tool_call_input', pieces: piecesOf(text) },
  };
}

function callItem({ id: callId, name, nameTokens }: ToolCall, id: string, type: string): CallItem {
  const known = { call_id: callId, name };
  const common = { status: true, headTokens: nameTokens, before: [], after: [], found: '' };
  return { kind: 'call', id, type, first: known, last: known, ...common };
}
