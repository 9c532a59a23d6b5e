import type { JsonObject } from '../json-object.ts';
import type { Seal } from '../seal.ts';
import type { AnswerBlock, CallBlock } from './answer.ts';

const DIRECT = { type: 'direct' } as const;

/** How an answer's blocks stand on the wire: whole, or as the empty block that a stream begins with. */
export class BlockWriter {
  readonly #seal: Seal;
  /** Whether thoughts are kept back. */
  readonly omitted: boolean;

  constructor(seal: Seal, omitted: boolean) {
    this.#seal = seal;
    this.omitted = omitted;
  }

  whole(block: AnswerBlock): JsonObject {
    const text = block.kind === 'whole' ? '' : textOf(block);
    switch (block.kind) {
      case 'thinking':
        return { type: 'thinking', thinking: this.omitted ? '' : text, signature: this.signature(text) };
      case 'text':
        return { ...(block.citation === undefined ? {} : { citations: [block.citation] }), type: 'text', text };
      case 'call':
        return { ...callHead(block), input: parsedInput(text) };
      default:
        return this.first(block);
    }
  }

  /** What `content_block_start` says: all of a block that comes at once, else its empty form. */
  first(block: AnswerBlock): JsonObject {
    switch (block.kind) {
      case 'thinking':
        return { type: 'thinking', thinking: '', signature: '' };
      case 'redacted':
        return { type: 'redacted_thinking', data: this.#seal.close('redacted', textOf(block)) };
      case 'text':
        return { ...(block.citation === undefined ? {} : { citations: [] }), type: 'text', text: '' };
      case 'call':
        return callHead(block);
      case 'whole':
        return block.object;
    }
  }

  signature(thought: string): string {
    return this.omitted ? this.#seal.close('hidden', thought) : this.#seal.sign(thought);
  }
}

export function textOf(block: Exclude<AnswerBlock, { kind: 'whole' }>): string {
  return block.pieces.map((piece) => piece.text).join('');
}

function callHead({ type, id, name }: CallBlock): JsonObject {
  return { type, id, name, input: {}, caller: DIRECT };
}

/** Arguments that were cut off say nothing. */
function parsedInput(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}
