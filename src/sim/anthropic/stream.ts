import type { Random } from '../../kernel/random.ts';
import type { Shape } from '../dialect.ts';
import type { JsonObject } from '../json-object.ts';
import { drawMs, type Latency } from '../latency.ts';
import { endlessProse } from '../prose/prose.ts';
import type { StreamEvent } from '../script.ts';
import { type Piece, pieceOf } from '../tokenizer.ts';
import type { Answer, AnswerBlock } from './answer.ts';
import { blockTokens } from './answer-limits.ts';
import { anthropicVoice } from './errors.ts';
import { deltaUsage, type MessagesUsage, messageUsage } from './usage.ts';
import { type BlockWriter, textOf } from './written-blocks.ts';

export interface StreamBrief {
  readonly answer: Answer;
  readonly head: JsonObject;
  readonly end: JsonObject;
  readonly usage: MessagesUsage;
  /** What was read before the answer began. */
  readonly promptTokens: number;
  readonly writer: BlockWriter;
  readonly shape: Shape;
  readonly latency: Latency;
  readonly random: Random;
}

type Events = Generator<StreamEvent, void, undefined>;

/** Anthropic fills its lines up with spaces, so that their length says nothing about the text. */
const PADDING_MAX = 14;
/** How many tokens the first event says were made: those of what it has read so far. */
const FIRST_TOKENS = 1;

/** The named events of a streamed message. */
export function* messageEvents(brief: StreamBrief): Events {
  const { answer, shape, usage } = brief;
  yield quiet('open', startText(brief));
  let made = 0;
  for (const [index, block] of answer.blocks.entries()) {
    yield* blockEvents(brief, block, index);
    made += blockTokens(block);
    if (shape.usagePlace === 'every') yield quiet('usage', usageText(brief, { ...usage, outputTokens: made }));
  }
  if (answer.blocks.length === 0 && shape.endless !== undefined) yield* emptyEndless(brief);
  yield quiet('finish', finishText(brief));
  if (shape.usagePlace === 'twice') yield quiet('usage', finishText(brief));
  yield quiet('done', anthropicVoice.doneEvent);
  if (shape.usagePlace === 'after-done') yield quiet('usage', usageText(brief, usage));
}

function* blockEvents(brief: StreamBrief, block: AnswerBlock, index: number): Events {
  const { writer, answer, shape, random, latency } = brief;
  // A part that comes whole has cost its tokens by then.
  const comesWhole = block.kind === 'redacted' || block.kind === 'whole';
  const start = { type: 'content_block_start', index, content_block: writer.first(block) };
  const tokens = block.kind === 'redacted' ? blockTokens(block) : block.kind === 'call' ? block.nameTokens : 0;
  const afterMs = comesWhole ? latencyOf(tokens, latency, random) : 0;
  yield { ...quiet('delta', padded(start, random)), tokens, afterMs, thought: block.kind === 'redacted' };
  if (index === 0) yield quiet('open', anthropicVoice.pingEvent);
  if (!comesWhole) yield* deltaEvents(brief, block, index);
  const last = index === answer.blocks.length - 1;
  if (last && block.kind === 'text' && shape.endless !== undefined) yield* endlessText(brief, index);
  yield quiet('delta', padded({ type: 'content_block_stop', index }, random));
}

function* deltaEvents(brief: StreamBrief, block: AnswerBlock, index: number): Events {
  const { writer, random, latency } = brief;
  const event = (delta: JsonObject) => padded({ type: 'content_block_delta', index, delta }, random);
  if (block.kind === 'whole') return;
  if (block.kind === 'text' && block.citation !== undefined) {
    yield quiet('delta', event({ type: 'citations_delta', citation: block.citation }));
  }
  if (block.kind === 'call') yield quiet('delta', event({ type: 'input_json_delta', partial_json: '' }));
  const thought = block.kind === 'thinking';
  const withheld = thought && writer.omitted;
  for (const [at, piece] of shownPieces(block).entries()) {
    const afterMs = index === 0 && at === 0 ? 0 : latencyOf(piece.tokens, latency, random);
    const text = withheld ? '' : event(deltaOf(block, piece));
    yield { afterMs, text, tokens: piece.tokens, part: withheld ? 'hidden' : 'delta', thought };
  }
  if (thought) yield quiet('delta', event({ type: 'signature_delta', signature: writer.signature(textOf(block)) }));
}

/** No arguments are no text, although they count as the tokens of an empty object. */
function shownPieces(block: Exclude<AnswerBlock, { kind: 'whole' }>): readonly Piece[] {
  if (block.kind !== 'call' || textOf(block) !== '{}') return block.pieces;
  return [pieceOf('', blockTokens(block) - block.nameTokens)];
}

function deltaOf({ kind }: AnswerBlock, { text }: Piece): JsonObject {
  switch (kind) {
    case 'thinking':
      return { type: 'thinking_delta', thinking: text };
    case 'call':
      return { type: 'input_json_delta', partial_json: text };
    default:
      return { type: 'text_delta', text };
  }
}

function latencyOf(tokens: number, latency: Latency, random: Random): number {
  return tokens === 0 ? 0 : drawMs(latency.perToken, random);
}

function* endlessText({ shape, random }: StreamBrief, index: number): Events {
  const afterMs = shape.endless?.intervalMs ?? 0;
  for (const { text, tokens } of endlessProse(random)) {
    const delta = { type: 'content_block_delta', index, delta: { type: 'text_delta', text } };
    yield { afterMs, text: padded(delta, random), tokens, part: 'delta' };
  }
}

function* emptyEndless(brief: StreamBrief): Events {
  const start = { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } };
  yield quiet('delta', padded(start, brief.random));
  yield* endlessText(brief, 0);
}

function startText({ head, usage, promptTokens, shape, random }: StreamBrief): string {
  const outputTokens = Math.min(FIRST_TOKENS, usage.outputTokens);
  const said = messageUsage({ promptTokens, cache: usage.cache, outputTokens }, shape);
  const message = { ...head, content: [], stop_reason: null, stop_sequence: null, stop_details: null };
  return padded({ type: 'message_start' }, random, `,"message":${withMember(message, 'usage', said)}`);
}

function finishText({ end, usage, shape, random }: StreamBrief): string {
  const said = shape.usagePlace === 'after-done' ? undefined : deltaUsage(usage, shape);
  return padded({ type: 'message_delta', delta: end }, random, said === undefined ? '' : `,"usage":${said}`);
}

/** A `message_delta` that only tells what was used. */
function usageText({ shape, random }: StreamBrief, usage: MessagesUsage): string {
  const said = deltaUsage(usage, shape);
  const delta = { type: 'message_delta', delta: { stop_reason: null, stop_sequence: null } };
  return padded(delta, random, said === undefined ? '' : `,"usage":${said}`);
}

/** An object's JSON with one member more, whose text need not be JSON. */
export function withMember(object: JsonObject, name: string, json: string | undefined): string {
  const text = JSON.stringify(object);
  return json === undefined ? text : `${text.slice(0, -1)},"${name}":${json}}`;
}

function padded(data: JsonObject & { readonly type: string }, random: Random, more = ''): string {
  const spaces = ' '.repeat(Math.floor(random.float() * PADDING_MAX));
  return `event: ${data.type}\ndata: ${JSON.stringify(data).slice(0, -1)}${more}}${spaces}\n\n`;
}

function quiet(part: StreamEvent['part'], text: string): StreamEvent {
  return { afterMs: 0, text, tokens: 0, part };
}
