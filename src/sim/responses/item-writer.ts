import { randomFor } from '../draws.ts';
import type { JsonObject } from '../json-object.ts';
import { chatLogprob } from '../openai/logprobs.ts';
import type { Seal } from '../seal.ts';
import type { Piece } from '../tokenizer.ts';
import type { AnswerItem, CallItem, MessageItem, ReasoningItem } from './answer.ts';
import { sealThought } from './sealed-items.ts';

export interface WriterFacts {
  readonly seal: Seal;
  /** Whether thoughts are given away encrypted. */
  readonly encrypts: boolean;
  /** How many alternatives to name for each token; absent: no logprobs. */
  readonly topLogprobs: number | undefined;
  readonly seed: number;
  /** Whether messages say that they are the last word. */
  readonly phases: boolean;
}

export type Status = 'in_progress' | 'completed' | 'incomplete';

/** How an answer's items stand on the wire: whole, or as the empty item that a stream begins with. */
export class ItemWriter {
  readonly #facts: WriterFacts;

  constructor(facts: WriterFacts) {
    this.#facts = facts;
  }

  first(item: AnswerItem): JsonObject {
    switch (item.kind) {
      case 'reasoning':
        return this.#reasoning(item, '', []);
      case 'message':
        return this.#message(item, 'in_progress', []);
      case 'call':
        return this.#call(item, 'in_progress', item.first, '');
    }
  }

  whole(item: AnswerItem, status: Status): JsonObject {
    switch (item.kind) {
      case 'reasoning':
        return this.#reasoning(item, textOf(item.pieces), item.summary);
      case 'message':
        return this.#message(item, status, [this.part(item)]);
      case 'call':
        return this.#call(item, status, item.last, textOf(item.body?.pieces ?? []));
    }
  }

  /** The one part of a message, whole. */
  part({ part, pieces, annotations }: MessageItem): JsonObject {
    const text = textOf(pieces);
    if (part === 'refusal') return { type: 'refusal', refusal: text };
    const logprobs = this.logprobs(pieces);
    return { type: 'output_text', annotations: annotations.map(({ object }) => object), logprobs, text };
  }

  /** Drawn for each piece by itself: streamed or not, they are the same. */
  logprobs(pieces: readonly Piece[], from = 0): unknown[] {
    const { topLogprobs, seed } = this.#facts;
    if (topLogprobs === undefined) return [];
    return pieces.map((piece, index) => {
      const probable: unknown = JSON.parse(chatLogprob(piece, topLogprobs, randomFor(seed, 'logprobs', from + index)));
      return probable;
    });
  }

  #reasoning({ id }: ReasoningItem, thought: string, summary: ReasoningItem['summary']): JsonObject {
    const { encrypts, seal } = this.#facts;
    return {
      id,
      type: 'reasoning',
      ...(encrypts ? { content: [], encrypted_content: sealThought(seal, id, thought) } : {}),
      summary: summary.map((pieces) => ({ type: 'summary_text', text: textOf(pieces) })),
    };
  }

  #message({ id }: MessageItem, status: Status, content: readonly JsonObject[]): JsonObject {
    const phase = this.#facts.phases ? { phase: 'final_answer' } : {};
    return { id, type: 'message', status, content, ...phase, role: 'assistant' };
  }

  #call({ id, type, status: says, body }: CallItem, status: Status, known: JsonObject, text: string): JsonObject {
    const written = body === undefined ? {} : { [body.member]: text };
    return { id, type, ...(says ? { status } : {}), ...written, ...known };
  }
}

export function textOf(pieces: readonly Piece[]): string {
  return pieces.map(({ text }) => text).join('');
}
