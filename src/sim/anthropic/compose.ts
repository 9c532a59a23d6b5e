import { randomFor, wholeBetween } from '../draws.ts';
import { firstTokens } from '../limits.ts';
import { usualLength, writeProse } from '../prose/prose.ts';
import { shortened } from '../prose/quote.ts';
import { valueForSchema } from '../schema/value.ts';
import { type Piece, piecesOf } from '../tokenizer.ts';
import { toolsToCall, writeToolCalls } from '../tools.ts';
import type { AnswerBlock, Composition } from './answer.ts';
import type { Block } from './blocks.ts';
import type { ComposeBrief } from './brief.ts';
import { type Cited, citedPassages } from './citations.ts';
import { type HostedRun, hostedToRun, printedBy, runHosted } from './hosted.ts';
import type { MessagesRequest } from './request.ts';
import { ranHostedTool, type Turn } from './turn.ts';

/** Anthropic's own words for tests, whatever follows them. @see https://platform.claude.com/docs/en/build-with-claude/extended-thinking (read 2026-11-21) */
const REDACTS = 'ANTHROPIC_MAGIC_STRING_TRIGGER_REDACTED_THINKING';
const REFUSES = 'ANTHROPIC_MAGIC_STRING_TRIGGER_REFUSAL';
/** And ours. */
const PAUSES = 'SIM_PAUSE_TURN';

const THOUGHT_TOKENS = { min: 24, max: 80 };

/** The whole answer as the model would give it. The same request gives the same words. */
export function compose(brief: ComposeBrief): Composition {
  const { request, turn } = brief;
  if (turn.userText.includes(REFUSES)) return { blocks: [], stopReason: 'refusal' };
  const blocks: AnswerBlock[] = [];
  if (thinksNow(brief)) blocks.push(thought(brief, 0));
  const hosted = hostedToRun(request, turn);
  const tool = hosted === undefined ? undefined : runHosted(hosted, brief, randomFor(brief.seed, 'hosted'));
  const ran = { ...(tool?.container ? { container: true as const } : {}), ...searches(request, tool) };
  if (tool !== undefined) {
    blocks.push(...tool.blocks);
    if (turn.userText.includes(PAUSES)) return { blocks, stopReason: 'pause_turn', ...ran };
    if (brief.interleaved) blocks.push(thought(brief, 1));
  }
  const calls = tool === undefined ? toolBlocks(brief) : [];
  if (calls.length > 0) return { blocks: [...blocks, ...calls], stopReason: 'tool_use', ...ran };
  return { blocks: [...blocks, ...textBlocks(brief, tool)], stopReason: 'end_turn', ...ran };
}

function searches({ tools }: MessagesRequest, tool: HostedRun | undefined): { webSearches?: number } {
  return tools.hosted.length === 0 ? {} : { webSearches: tool?.webSearches ?? 0 };
}

/** A turn begins with a thought; after a tool's answer there is another one only where thoughts are interleaved. */
function thinksNow({ request, turn, interleaved }: ComposeBrief): boolean {
  if (request.thinking.mode === 'disabled') return false;
  const begins = turn.results.length === 0 && !turn.continues;
  return begins ? request.thinking.mode !== 'between-tools' : interleaved;
}

function thought({ request, seed, turn, context, words }: ComposeBrief, index: number): AnswerBlock {
  const random = randomFor(seed, 'thinking', index);
  const echo = index > 0 ? [] : words.flatMap((word) => context.tokens.pieces(` ${word}`));
  const tokensMin = wholeBetween(random, THOUGHT_TOKENS.min, THOUGHT_TOKENS.max);
  const prose = writeProse({ random, echo, tokensMin });
  const pieces = firstTokens(prose, request.thinking.budgetTokens ?? Number.POSITIVE_INFINITY);
  return { kind: turn.userText.includes(REDACTS) ? 'redacted' : 'thinking', pieces };
}

function toolBlocks(brief: ComposeBrief): AnswerBlock[] {
  const { request, turn, context, seed, words } = brief;
  if (turn.continues) return [];
  const wish = { ...request, tools: request.tools.client, answersTool: turn.results.length > 0 };
  const tools = toolsToCall(wish, turn.userText, randomFor(seed, 'tools'));
  if (tools.length === 0) return [];
  const calls = writeToolCalls(tools, {
    idPrefix: 'toolu_',
    idLength: 24,
    contentSeed: seed,
    random: context.random,
    counter: context.tokens,
    words,
  });
  // Who has to call a tool says nothing before it.
  const before =
    request.toolChoice === 'auto' ? [text(`I will use ${tools.map(({ name }) => name).join(' and ')}.`)] : [];
  return [...before, ...calls.map((call): AnswerBlock => ({ kind: 'call', type: 'tool_use', ...call }))];
}

function text(words: string): AnswerBlock {
  return { kind: 'text', pieces: piecesOf(words) };
}

function textBlocks(brief: ComposeBrief, tool: HostedRun | undefined): AnswerBlock[] {
  const { request, turn, seed, words, context } = brief;
  const random = randomFor(seed, 'text');
  if (request.schema !== undefined) {
    return [text(JSON.stringify(valueForSchema(request.schema, random, words)))];
  }
  const tokensMin = Math.max(usualLength(random, brief.model.answerTokens), brief.textTokensMin);
  if (turn.continues && !ranHostedTool(request)) return [{ kind: 'text', pieces: prose([], tokensMin) }];
  const cited = tool?.cited ?? (turn.results.length > 0 ? [] : citedPassages(request, words));
  if (cited.length > 0) return [...cited.flatMap(citing), { kind: 'text', pieces: prose([], tokensMin) }];
  const lead = leadIn(turn, tool);
  if (lead !== '') return [{ kind: 'text', pieces: [...piecesOf(lead), ...prose([], tokensMin)] }];
  const echo = words.flatMap((word) => context.tokens.pieces(` ${word}`));
  return [{ kind: 'text', pieces: prose(echo, tokensMin) }];

  function prose(echoed: readonly Piece[], least: number): Piece[] {
    return writeProse({ random, echo: echoed, tokensMin: least });
  }
}

function citing({ text: quote, citation }: Cited, index: number): AnswerBlock[] {
  return [text(index === 0 ? 'It is written: ' : ' And: '), { kind: 'text', pieces: piecesOf(quote), citation }];
}

/** What shows that the last message was read: results of tools, pictures, documents, what code printed. */
function leadIn({ results, images, documents }: Turn, tool: HostedRun | undefined): string {
  if (results.length > 0) return `${results.map(resultText).join(' ')} `;
  const printed = tool?.blocks.map(printedBy).find((one) => one !== undefined);
  if (printed !== undefined) return `The code printed: ${shortened(printed)} `;
  const seen = [counted(images, 'image'), counted(documents, 'document')].filter((one) => one !== '');
  return seen.length > 0 ? `Looking at ${seen.join(' and ')}. ` : '';
}

function resultText({ object, text: said, inner = [] }: Block): string {
  const files = inner.filter(({ type }) => type === 'image' || type === 'document').length;
  const shown = [shortened(said), files > 0 ? `[${counted(files, 'file')}]` : ''].filter((one) => one !== '').join(' ');
  return object['is_error'] === true ? `The tool failed: ${shown}` : `The tool returned: ${shown}`;
}

function counted(count: number, noun: string): string {
  if (count === 0) return '';
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
