import type { StreamEvent } from '../../protocol/chat/answer.ts';
import type { Citation, ContentPart, Signature } from '../../protocol/chat/content.ts';
import { annotationsJson } from '../../providers/openai/annotations.ts';
import { spokenAudioJson } from '../../providers/openai/assistant-message.ts';
import { callSignatureJson } from '../../providers/openai/call-signature.ts';
import { detailSeal, formatOf, reasoningDetails } from '../../providers/openai/reasoning.ts';
import { ownFields, type WireObject } from '../../providers/openai/wire.ts';
import { imageJson } from './answer-writer.ts';

/** An event of a part of this choice. */
type PartEvent = Extract<StreamEvent, { readonly part: number }>;
type Of<Type extends PartEvent['type']> = Extract<PartEvent, { readonly type: Type }>;

/** A part that has begun and not ended. */
type Open =
  | { readonly type: 'refusal' | 'unsaid' }
  | { readonly type: 'text'; readonly start: number; readonly citations: Citation[] }
  | { readonly type: 'reasoning'; readonly detail: WireObject; readonly summary: boolean }
  | { readonly type: 'thought'; readonly index: number; readonly texts: string[]; signature: Signature | undefined }
  | { readonly type: 'function' | 'custom'; readonly index: number; readonly id: string; called: boolean };

const UNSAID: Open = { type: 'unsaid' };
const NONE: readonly WireObject[] = [];
const REFUSAL: Open = { type: 'refusal' };

const TEXT_EVENTS: ReadonlySet<PartEvent['type']> = new Set(['text-start', 'text-delta', 'citation-add', 'part-end']);

/** One choice of a stream: events of its parts in, the `delta`s that say them out. */
export class ChoiceWriter {
  readonly #open = new Map<number, Open>();
  readonly #cited: WireObject[] = [];
  /** A call that has begun and is not told yet: its clients look for its signature where it begins. */
  #starting: { readonly part: number; readonly call: WireObject } | undefined;
  #textChars = 0;
  #calls = 0;
  #details = 0;

  deltas(event: PartEvent): readonly WireObject[] {
    const begun = this.#starting === undefined || isItsSignature(event, this.#starting.part) ? NONE : this.#started();
    const said = this.#deltasOf(event);
    const deltas = begun.length === 0 ? said : [...begun, ...said];
    // What a text rests on belongs before what follows the text, and all of it into one list.
    const leavesText = deltas.length > 0 && (begun.length > 0 || !TEXT_EVENTS.has(event.type));
    return leavesText ? [...this.#annotations(), ...deltas] : deltas;
  }

  #deltasOf(event: PartEvent): readonly WireObject[] {
    switch (event.type) {
      case 'text-start':
        return this.#begin(event.part, {
          type: 'text',
          start: this.#textChars,
          citations: [...(event.citations ?? [])],
        });
      case 'refusal-start':
        return this.#begin(event.part, REFUSAL);
      case 'text-delta':
        this.#textChars += event.text.length;
        return [{ content: event.text }];
      case 'refusal-delta':
        return [{ refusal: event.text }];
      case 'citation-add':
        return this.#cite(event);
      case 'reasoning-start':
        return this.#beginThought(event);
      case 'reasoning-delta':
        return this.#think(event);
      case 'signature-add':
        return this.#sign(event);
      case 'tool-call-start':
        return this.#beginCall(event);
      case 'arguments-delta':
        return this.#argue(event);
      // What a provider's own tools do has no word in this dialect.
      case 'hosted-call-start':
        return this.#begin(event.part, UNSAID);
      case 'part-add':
        return this.#whole(event.content);
      case 'part-end':
        return this.#end(event.part);
    }
  }

  /** Ends what is still open, and says what the text rests on. */
  lastDeltas(): readonly WireObject[] {
    const begun = this.#started();
    return [...begun, ...[...this.#open.keys()].flatMap((part) => this.#end(part)), ...this.#annotations()];
  }

  /** Clients take the last list for the whole one: as few lists as there are texts with something between them. */
  #annotations(): readonly WireObject[] {
    if (this.#cited.length === 0) return [];
    return [{ annotations: this.#cited.splice(0) }];
  }

  #begin(part: number, open: Open): readonly WireObject[] {
    this.#open.set(part, open);
    return [];
  }

  #cite({ part, citation }: Of<'citation-add'>): readonly WireObject[] {
    const open = this.#open.get(part);
    if (open?.type === 'text') open.citations.push(citation);
    return [];
  }

  #beginThought({ part, id, summary = false, rest }: Of<'reasoning-start'>): readonly WireObject[] {
    if (id === undefined && rest === undefined && !summary) {
      return this.#begin(part, { type: 'thought', index: this.#details++, texts: [], signature: undefined });
    }
    const detail = { ...ownFields(rest), ...(id === undefined ? {} : { id }), index: this.#details++ };
    return this.#begin(part, { type: 'reasoning', detail, summary });
  }

  #think({ part, text }: Of<'reasoning-delta'>): readonly WireObject[] {
    const open = this.#open.get(part);
    if (open?.type === 'thought') {
      open.texts.push(text);
      return [{ reasoning_content: text }];
    }
    if (open?.type !== 'reasoning') return [];
    const detail = open.summary
      ? { type: 'reasoning.summary', summary: text, ...open.detail }
      : { type: 'reasoning.text', text, ...open.detail };
    return [{ reasoning_content: text, reasoning_details: [detail] }];
  }

  #sign({ part, signature, encrypted = false }: Of<'signature-add'>): readonly WireObject[] {
    const open = this.#open.get(part);
    if (open?.type === 'thought' && !encrypted) {
      open.signature = signature;
      return [];
    }
    if (open?.type === 'thought') return [{ reasoning_details: [sealed(signature, { index: open.index })] }];
    if (open?.type === 'reasoning' && !encrypted) {
      const detail = {
        type: 'reasoning.text',
        ...open.detail,
        signature: detailSeal(signature),
        ...formatOf(signature),
      };
      return [{ reasoning_details: [{ ...detail, ...formatNamed(open.detail, signature) }] }];
    }
    if (open?.type === 'reasoning') return [{ reasoning_details: [sealed(signature, open.detail)] }];
    if (open?.type === 'function' || open?.type === 'custom') return this.#signCall(part, open, signature);
    // One that stands on a text would look like a thought of its own.
    return [];
  }

  #beginCall({ part, kind, id, name, rest }: Of<'tool-call-start'>): readonly WireObject[] {
    const index = this.#calls++;
    this.#open.set(part, { type: kind, index, id, called: false });
    const body = kind === 'custom' ? { custom: { name, input: '' } } : { function: { name, arguments: '' } };
    this.#starting = { part, call: { ...ownFields(rest), index, id, type: kind, ...body } };
    return [];
  }

  /** Gemini's stands on the call; any other one OpenRouter tells as a sealed thought with the call's id. */
  #signCall(
    part: number,
    { type, index, id }: Extract<Open, { id: string }>,
    signature: Signature,
  ): readonly WireObject[] {
    if (signature.dialect !== 'gemini') {
      return [{ reasoning_details: [sealed(signature, { id, index: this.#details++ })] }];
    }
    const signed = callSignatureJson(signature);
    // Strict clients read no piece of a call that has nothing of the call in it.
    const piece = type === 'custom' ? { custom: { input: '' } } : { function: { arguments: '' } };
    if (this.#starting?.part !== part) return [{ tool_calls: [{ index, ...piece, ...signed }] }];
    this.#starting = { part, call: { ...this.#starting.call, ...signed } };
    return [];
  }

  #started(): readonly WireObject[] {
    if (this.#starting === undefined) return NONE;
    const { call } = this.#starting;
    this.#starting = undefined;
    return [{ tool_calls: [call] }];
  }

  #argue({ part, text }: Of<'arguments-delta'>): readonly WireObject[] {
    const open = this.#open.get(part);
    if ((open?.type !== 'function' && open?.type !== 'custom') || text === '') return [];
    open.called ||= text.trim() !== '';
    const { index } = open;
    return [
      {
        tool_calls: [
          open.type === 'custom' ? { index, custom: { input: text } } : { index, function: { arguments: text } },
        ],
      },
    ];
  }

  #end(part: number): readonly WireObject[] {
    const open = this.#open.get(part);
    this.#open.delete(part);
    if (open?.type === 'text') {
      this.#cited.push(...annotationsJson(open.citations, { start: open.start, end: this.#textChars }));
    }
    if (open?.type === 'thought') return wholeThought(open);
    // A function without arguments is called with `{}`: its client parses them.
    const empty = open?.type === 'function' && !open.called;
    return empty ? [{ tool_calls: [{ index: open.index, function: { arguments: '{}' } }] }] : [];
  }

  #whole(content: ContentPart): readonly WireObject[] {
    switch (content.type) {
      case 'text':
        return this.#wholeText(content);
      case 'refusal':
        return [{ refusal: content.text }];
      case 'audio':
        return [{ audio: spokenAudioJson(content) }];
      case 'image':
        return [{ images: imageJson(content) }];
      case 'tool-call':
        return this.#wholeCall(content);
      default:
        return this.#wholeThought(content);
    }
  }

  #wholeText({ text, citations = [] }: Extract<ContentPart, { type: 'text' }>): readonly WireObject[] {
    const range = { start: this.#textChars, end: this.#textChars + text.length };
    this.#textChars = range.end;
    this.#cited.push(...annotationsJson(citations, range));
    return text === '' ? [] : [{ content: text }];
  }

  #wholeCall({ kind, id, name, arguments: given, signature, rest }: Extract<ContentPart, { type: 'tool-call' }>) {
    const part = -1;
    const more = rest === undefined ? {} : { rest };
    this.#beginCall({ type: 'tool-call-start', choice: 0, part, kind, id, name, ...more });
    const signed = signature === undefined ? NONE : this.#sign({ type: 'signature-add', choice: 0, part, signature });
    return [
      ...this.#started(),
      ...signed,
      ...this.#argue({ type: 'arguments-delta', choice: 0, part, text: given }),
      ...this.#end(part),
    ];
  }

  #wholeThought(content: ContentPart): readonly WireObject[] {
    const [detail] = reasoningDetails([content]);
    if (detail === undefined) return [];
    const plain = content.type === 'reasoning' && content.text !== undefined ? { reasoning_content: content.text } : {};
    return [{ ...plain, reasoning_details: [{ ...detail, index: this.#details++ }] }];
  }
}

/**
 * A thought as its client has to send it back, once it is over and in one
 * piece: OpenAI's own client keeps of a member that it does not know only what
 * came last. What is to be seen of it meanwhile went out as `reasoning_content`.
 */
function wholeThought({ index, texts, signature }: Extract<Open, { type: 'thought' }>): WireObject[] {
  if (texts.length === 0 && signature === undefined) return [];
  const text = texts.length === 0 ? {} : { text: texts.join('') };
  const signed = signature === undefined ? {} : { signature: detailSeal(signature), ...formatOf(signature) };
  return [{ reasoning_details: [{ type: 'reasoning.text', ...text, index, ...signed }] }];
}

function isItsSignature(event: PartEvent, part: number): boolean {
  return event.type === 'signature-add' && event.part === part;
}

function sealed(signature: Signature, more: WireObject): WireObject {
  return { type: 'reasoning.encrypted', data: detailSeal(signature), ...formatOf(signature), ...more };
}

/** A thought that named its form where it began keeps that name. */
function formatNamed({ format }: WireObject, signature: Signature): WireObject {
  return typeof format === 'string' ? { format } : formatOf(signature);
}
