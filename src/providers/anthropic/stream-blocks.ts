import type { StreamEvent } from '../../protocol/chat/answer.ts';
import type { AskedTools } from '../../protocol/chat/codec.ts';
import { readSeal } from '../../protocol/chat/seals.ts';
import { type Fields, isFields, textIn } from '../fields.ts';
import { argumentsOf, plainInputOf } from '../tool-input.ts';
import { notUnderstood, refuseAnswer } from './answer-errors.ts';
import { readBlock, readHosted } from './block-reader.ts';
import { readCitation, readCitations } from './citations.ts';
import { MESSAGES, restOf } from './wire.ts';

/** Takes the events of a stream, in order. */
export type EventTaker = (event: StreamEvent) => void;

/**
 * A content block that has begun: one that is told piece by piece, or one that
 * is told when it is over, because what it consists of is not known here.
 */
type OpenBlock =
  | { readonly kind: 'text'; readonly part: number }
  | { readonly kind: 'reasoning'; readonly part: number }
  | { readonly kind: 'call'; readonly part: number; readonly input: unknown; seen: boolean; readonly custom?: string[] }
  | { readonly kind: 'whole'; readonly part: number; readonly block: Record<string, unknown>; input: string };

/** As much may be kept of blocks that are told when they are over; no answer has so much. */
const HELD_CHARS_MAX = 16 * 1024 * 1024;

const TOOL_USE = new Set(['type', 'id', 'name', 'input']);

/** Reads the content blocks of one stream. */
export class StreamBlocks {
  readonly #take: EventTaker;
  readonly #asked: AskedTools;
  readonly #open = new Map<unknown, OpenBlock>();
  #parts = 0;
  #heldChars = 0;

  constructor(take: EventTaker, asked: AskedTools) {
    this.#take = take;
    this.#asked = asked;
  }

  start({ index, content_block: block }: Fields): void {
    if (!isFields(block)) throw notUnderstood('a content_block_start without a content_block');
    // A block that was never closed is over when its place is taken.
    this.stop(index);
    this.#open.set(index, this.#opened(this.#parts++, block));
  }

  #opened(part: number, block: Fields): OpenBlock {
    switch (block['type']) {
      case 'text':
        return this.#startText(part, block);
      case 'thinking':
        this.#take({ type: 'reasoning-start', choice: 0, part });
        this.#think(part, textIn(block, 'thinking') ?? '');
        this.#sign(part, textIn(block, 'signature') ?? '');
        return { kind: 'reasoning', part };
      case 'tool_use':
        return this.#startCall(part, block);
      default:
        return this.#startHosted(part, block);
    }
  }

  #startText(part: number, block: Fields): OpenBlock {
    const citations = readCitations(block['citations']);
    const start = { type: 'text-start', choice: 0, part } as const;
    this.#take(citations === undefined ? start : { ...start, citations });
    const text = textIn(block, 'text');
    if (text !== undefined && text !== '') this.#take({ type: 'text-delta', choice: 0, part, text });
    return { kind: 'text', part };
  }

  #startCall(part: number, block: Fields): OpenBlock {
    const id = textIn(block, 'id') ?? refuseAnswer('a tool_use block', 'has no id');
    const name = textIn(block, 'name') ?? refuseAnswer('a tool_use block', 'has no name');
    const custom = this.#asked.customTools?.has(name) === true;
    const rest = restOf(block, TOOL_USE);
    const start = { type: 'tool-call-start', choice: 0, part, kind: custom ? 'custom' : 'function', id, name } as const;
    this.#take(rest === undefined ? start : { ...start, rest });
    const open = { kind: 'call', part, input: block['input'], seen: false } as const;
    return custom ? { ...open, custom: [] } : { ...open };
  }

  #startHosted(part: number, block: Fields): OpenBlock {
    const type = textIn(block, 'type') ?? refuseAnswer('a content block', 'has no type');
    const hosted = readHosted(type, block);
    if (hosted?.type !== 'hosted-call') return { kind: 'whole', part, block: { ...block }, input: '' };
    this.#take({ type: 'hosted-call-start', choice: 0, part, call: { ...hosted, arguments: '' } });
    return { kind: 'call', part, input: block['input'], seen: false };
  }

  delta({ index, delta }: Fields): void {
    const open = this.#open.get(index);
    if (open === undefined) throw notUnderstood(`a content_block_delta of block ${String(index)}, which is not open`);
    if (!isFields(delta)) throw notUnderstood('a content_block_delta without a delta');
    switch (open.kind) {
      case 'text':
        return this.#textDelta(open.part, delta);
      case 'reasoning':
        this.#think(open.part, textIn(delta, 'thinking') ?? '');
        return this.#sign(open.part, textIn(delta, 'signature') ?? '');
      case 'call':
        return this.#callDelta(open, textIn(delta, 'partial_json') ?? '');
      case 'whole':
        this.#hold(grow(open, delta));
        return;
    }
  }

  #textDelta(part: number, delta: Fields): void {
    const text = textIn(delta, 'text');
    if (text !== undefined && text !== '') this.#take({ type: 'text-delta', choice: 0, part, text });
    const { citation } = delta;
    if (isFields(citation)) this.#take({ type: 'citation-add', choice: 0, part, citation: readCitation(citation) });
  }

  #think(part: number, text: string): void {
    if (text !== '') this.#take({ type: 'reasoning-delta', choice: 0, part, text });
  }

  #sign(part: number, text: string): void {
    const seal = readSeal(MESSAGES, text, 'signature');
    if (seal?.signature === undefined) return;
    const add = { type: 'signature-add', choice: 0, part, signature: seal.signature } as const;
    this.#take(seal.what === 'signature' ? add : { ...add, encrypted: true });
  }

  #callDelta(open: Extract<OpenBlock, { kind: 'call' }>, text: string): void {
    if (text === '') return;
    open.seen = true;
    if (open.custom !== undefined) {
      this.#hold(text.length);
      open.custom.push(text);
    } else this.#take({ type: 'arguments-delta', choice: 0, part: open.part, text });
  }

  #hold(chars: number): void {
    this.#heldChars += chars;
    if (this.#heldChars <= HELD_CHARS_MAX) return;
    throw notUnderstood(`content blocks of more than ${HELD_CHARS_MAX} characters that are told as a whole`);
  }

  stop(index: unknown): void {
    const open = this.#open.get(index);
    if (open === undefined) return;
    this.#open.delete(index);
    const { part } = open;
    if (open.kind === 'whole') {
      if (open.input !== '') open.block['input'] = parsedInput(open.input);
      this.#take({
        type: 'part-add',
        choice: 0,
        part,
        content: readBlock(open.block, 'a content block', refuseAnswer),
      });
      return;
    }
    if (open.kind === 'call') this.#endArguments(open);
    this.#take({ type: 'part-end', choice: 0, part });
  }

  /** A tool without arguments gives no delta, or an empty one; some servers give the whole input at the start. */
  #endArguments(open: Extract<OpenBlock, { kind: 'call' }>): void {
    const { part, custom } = open;
    const json = open.seen ? undefined : argumentsOf(open.input);
    const text = custom === undefined ? json : plainInputOf(json ?? custom.join(''));
    if (text !== undefined && text !== '') this.#take({ type: 'arguments-delta', choice: 0, part, text });
  }

  stopAll(): void {
    for (const index of [...this.#open.keys()]) this.stop(index);
  }
}

/**
 * A delta of a block that is not known: texts go on from what there is, as
 * those of every known block do, and other values take its place.
 *
 * @returns by how many characters it grew
 */
function grow(open: Extract<OpenBlock, { kind: 'whole' }>, delta: Fields): number {
  let chars = 0;
  for (const [name, value] of Object.entries(delta)) {
    const before = open.block[name];
    if (name === 'type' || value === null || value === undefined) continue;
    if (typeof value === 'string') chars += value.length;
    if (name === 'partial_json') open.input += String(value);
    else open.block[name] = typeof before === 'string' && typeof value === 'string' ? before + value : value;
  }
  return chars;
}

function parsedInput(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) throw notUnderstood('the input of a content block is not JSON');
    throw error;
  }
}

/** Blocks that a message begins with, before any of its events: they come whole. */
export function startedParts(content: unknown): readonly Fields[] {
  return Array.isArray(content) ? content.filter(isFields) : [];
}
