import type { Draft } from '../../kernel/draft.ts';
import { GatewayError } from '../../kernel/errors.ts';
import type { Citation, ReasoningPart, Signature, ToolCallPart } from '../../protocol/chat/content.ts';
import type { Fields } from '../../providers/fields.ts';
import { GEMINI } from '../../providers/gemini/wire.ts';
import type { PartEvent, PartWriter } from '../part-line.ts';
import { callPart, signed, thoughtSeal } from './part-writer.ts';
import { thoughtSignatureOf } from './seals.ts';

/** What parts say on their way out, in their order. */
export interface PieceTaker {
  /** A piece of a text, of which a later one may go on. */
  text(text: string): void;
  /** What the text of a part rested on, of which the last so many characters were. */
  cited(citations: readonly Citation[], chars: number): void;
  /** A piece of a thought, of which a later one may go on. */
  thought(text: string): void;
  /** A thought that nothing seals is over. */
  thoughtEnd(): void;
  /** A part that is whole, or the seal that ends one. */
  piece(part: Fields): void;
}

/** No call's arguments are as long. */
const ARGUMENT_CHARS_MAX = 16 * 1024 * 1024;

/** @param first the event with which the part begins */
export function partWriter(first: PartEvent, out: PieceTaker): PartWriter {
  switch (first.type) {
    case 'text-start':
    case 'text-delta':
    case 'refusal-start':
      return new TextWriter(out);
    case 'reasoning-start':
      return new ThoughtWriter(out);
    case 'tool-call-start':
      return new CallWriter(out, first);
    case 'hosted-call-start':
      if (first.call.source.dialect === GEMINI) out.piece(first.call.source.fields);
      return NOTHING_WRITTEN;
    default:
      return NOTHING_WRITTEN;
  }
}

/** What a tool of a provider of another dialect was asked has no form here. */
const NOTHING_WRITTEN: PartWriter = { take: () => undefined, end: () => undefined };

class TextWriter implements PartWriter {
  readonly #out: PieceTaker;
  readonly #citations: Citation[] = [];
  #chars = 0;
  #signature: Signature | undefined;

  constructor(out: PieceTaker) {
    this.#out = out;
  }

  take(event: PartEvent): void {
    switch (event.type) {
      case 'text-start':
        this.#citations.push(...(event.citations ?? []));
        return;
      case 'citation-add':
        this.#citations.push(event.citation);
        return;
      case 'text-delta':
      case 'refusal-delta':
        this.#chars += event.text.length;
        if (event.text !== '') this.#out.text(event.text);
        return;
      case 'signature-add':
        this.#signature = event.signature;
        return;
    }
  }

  end(): void {
    if (this.#citations.length > 0 && this.#chars > 0) this.#out.cited(this.#citations, this.#chars);
    const seal = thoughtSignatureOf(this.#signature, 'signature');
    if (seal !== undefined) this.#out.piece({ text: '', ...signed(seal) });
  }
}

/** What is shown of a thought goes out as it comes; its seal, which is known at its end, on an empty piece. */
class ThoughtWriter implements PartWriter {
  readonly #out: PieceTaker;
  #thought: Draft<Omit<ReasoningPart, 'type' | 'text'>> = {};

  constructor(out: PieceTaker) {
    this.#out = out;
  }

  take(event: PartEvent): void {
    if (event.type === 'signature-add') {
      this.#thought[event.encrypted === true ? 'encrypted' : 'signature'] = event.signature;
    } else if (event.type === 'reasoning-start') {
      const { id, summary, rest } = event;
      if (id !== undefined) this.#thought.id = id;
      if (summary !== undefined) this.#thought.summary = summary;
      if (rest !== undefined) this.#thought.rest = rest;
    } else if (event.type === 'reasoning-delta' && event.text !== '') this.#out.thought(event.text);
  }

  end(): void {
    const seal = thoughtSeal(this.#thought);
    if (seal === undefined) this.#out.thoughtEnd();
    else this.#out.piece({ text: '', thought: true, ...signed(seal) });
  }
}

/** A call is told whole: here arguments are an object. */
class CallWriter implements PartWriter {
  readonly #out: PieceTaker;
  readonly #call: Omit<Draft<ToolCallPart>, 'arguments'>;
  readonly #arguments: string[] = [];
  #chars = 0;

  constructor(out: PieceTaker, { kind, id, name, rest }: Extract<PartEvent, { type: 'tool-call-start' }>) {
    this.#out = out;
    this.#call = { type: 'tool-call', kind, id, name };
    if (rest !== undefined) this.#call.rest = rest;
  }

  take(event: PartEvent): void {
    if (event.type === 'signature-add') this.#call.signature = event.signature;
    if (event.type !== 'arguments-delta') return;
    this.#chars += event.text.length;
    if (this.#chars > ARGUMENT_CHARS_MAX) throw tooLong();
    this.#arguments.push(event.text);
  }

  end(): void {
    this.#out.piece(callPart({ ...this.#call, arguments: this.#arguments.join('') }));
  }
}

function tooLong(): GatewayError {
  return new GatewayError('upstream_error', {
    message: `The provider called a tool with more than ${ARGUMENT_CHARS_MAX} characters.`,
    retry: 'other-target',
  });
}
