import type { Draft } from '../../kernel/draft.ts';
import type { Citation, ContentPart, ReasoningPart } from '../../protocol/chat/content.ts';
import { writeSeal } from '../../protocol/chat/seals.ts';
import { writeCitation } from '../../providers/anthropic/citations.ts';
import { MESSAGES } from '../../providers/anthropic/wire.ts';
import { type PartPlace, partEvents } from '../part-events.ts';
import type { PartEvent, PartWriter } from '../part-line.ts';
import { answerBlock, thoughtSeal } from './answer-blocks.ts';
import type { BlockTaker } from './block-taker.ts';
import { CallWriter, CustomCallWriter } from './call-blocks.ts';

/** @param first the event with which the part begins */
export function partWriter(first: PartEvent, out: BlockTaker): PartWriter {
  switch (first.type) {
    case 'text-start':
    case 'text-delta':
    case 'refusal-start':
      return new TextWriter(out);
    case 'reasoning-start':
      return new ThoughtWriter(out);
    case 'tool-call-start':
      return first.kind === 'custom' ? new CustomCallWriter(out) : new CallWriter(out);
    case 'hosted-call-start':
      return first.call.source.dialect === MESSAGES ? new CallWriter(out) : NOTHING_WRITTEN;
    default:
      return NOTHING_WRITTEN;
  }
}

/** What a tool of a provider of another dialect was asked has no form here. */
const NOTHING_WRITTEN: PartWriter = { take: () => undefined, end: () => undefined };

/** A text block begins with the first of its text: one without any says nothing, and some clients refuse to send it back. */
class TextWriter implements PartWriter {
  readonly #out: BlockTaker;
  #open = false;

  constructor(out: BlockTaker) {
    this.#out = out;
  }

  take(event: PartEvent): void {
    if (event.type === 'text-start') for (const citation of event.citations ?? []) this.#cite(citation);
    else if (event.type === 'citation-add') this.#cite(event.citation);
    else if ((event.type === 'text-delta' || event.type === 'refusal-delta') && event.text !== '') {
      this.#begin();
      this.#out.delta('text_delta', 'text', event.text);
    }
  }

  #cite(citation: Citation): void {
    const written = writeCitation(citation);
    if (written === undefined) return;
    this.#begin();
    this.#out.delta('citations_delta', 'citation', written);
  }

  #begin(): void {
    if (!this.#open) this.#out.start({ type: 'text', text: '' });
    this.#open = true;
  }

  end(): void {
    if (this.#open) this.#out.stop();
  }
}

/** A thought that can be read is a block of its own; the seal of one that cannot be is another, known at its end. */
class ThoughtWriter implements PartWriter {
  readonly #out: BlockTaker;
  #open = false;
  #thought: Draft<Omit<ReasoningPart, 'type' | 'text'>> = {};

  constructor(out: BlockTaker) {
    this.#out = out;
  }

  take(event: PartEvent): void {
    if (event.type === 'signature-add') {
      this.#thought[event.encrypted === true ? 'encrypted' : 'signature'] = event.signature;
    } else if (event.type === 'reasoning-start') {
      this.#thought = { ...event, ...this.#thought };
    } else if (event.type === 'reasoning-delta' && event.text !== '') {
      this.#begin();
      this.#out.delta('thinking_delta', 'thinking', event.text);
    }
  }

  #begin(): void {
    if (!this.#open) this.#out.start({ type: 'thinking', thinking: '', signature: '' });
    this.#open = true;
  }

  end(): void {
    const { signature, encrypted } = this.#thought;
    if (this.#open || signature !== undefined) {
      this.#begin();
      this.#out.delta('signature_delta', 'signature', thoughtSeal(this.#thought));
      this.#out.stop();
    } else if (encrypted !== undefined) {
      this.#out.start({ type: 'redacted_thinking', data: writeSeal(MESSAGES, encrypted, 'encrypted', this.#thought) });
      this.#out.stop();
    }
  }
}

/** A part that came whole, piece by piece where the dialect gives it so. */
export function writeWhole(content: ContentPart, place: PartPlace, out: BlockTaker): void {
  const events = partEvents(content, place);
  const [first] = events;
  if (first !== undefined) {
    const writer = partWriter(first, out);
    for (const event of events) writer.take(event);
    writer.end();
    return;
  }
  const block = answerBlock(content);
  if (block === undefined) return;
  out.start(block);
  out.stop();
}
