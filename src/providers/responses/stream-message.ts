import { isObject, someText, type WireObject } from '../openai/wire.ts';
import { readAnnotation } from './annotations.ts';
import { readContentPart } from './content-reader.ts';
import { readTokens } from './logprobs.ts';
import type { StreamLine } from './stream-line.ts';
import { answerMisfit, notUnderstood } from './wire.ts';

/** More contents in one message than any model gives. */
const CONTENTS_MAX = 1_024;

/** One entry of a message's `content`. */
interface Content {
  kind: 'text' | 'refusal';
  /** Set once it has said something. */
  part: number | undefined;
  said: boolean;
  /** How many of its annotations, and whether any of its tokens' probabilities, were told. */
  cited: number;
  tokensTold: boolean;
}

/**
 * A message of a stream: its texts and refusals by their `content_index`. What
 * the deltas did not say, the events that end a content or the item say.
 */
export class StreamMessage {
  readonly kind = 'message';
  readonly #line: StreamLine;
  readonly #contents = new Map<number, Content>();

  constructor(line: StreamLine) {
    this.#line = line;
  }

  read(type: string, event: WireObject): void {
    const content = this.#contentAt(event['content_index']);
    switch (type) {
      case 'response.output_text.delta':
        this.#say(content, 'text', event['delta']);
        return this.#tell(content, event['logprobs']);
      case 'response.output_text.done':
        if (!content.said) this.#say(content, 'text', event['text']);
        return content.tokensTold ? undefined : this.#tell(content, event['logprobs']);
      case 'response.output_text.annotation.added':
        return this.#cite(content, event['annotation']);
      case 'response.refusal.delta':
        return this.#say(content, 'refusal', event['delta']);
      case 'response.refusal.done':
        return content.said ? undefined : this.#say(content, 'refusal', event['refusal']);
      case 'response.content_part.done':
        return this.#whole(content, event['part']);
    }
  }

  done(item: WireObject | undefined): void {
    const given = item?.['content'];
    for (const [at, part] of (Array.isArray(given) ? given : []).entries()) this.#whole(this.#contentAt(at), part);
    if (typeof given === 'string' && !this.#contentAt(0).said) this.#say(this.#contentAt(0), 'text', given);
    for (const { part } of this.#contents.values()) if (part !== undefined) this.#line.end(part);
  }

  #contentAt(index: unknown): Content {
    const place = typeof index === 'number' && Number.isSafeInteger(index) && index >= 0 ? index : 0;
    let content = this.#contents.get(place);
    if (content === undefined) {
      if (this.#contents.size >= CONTENTS_MAX) throw notUnderstood(`a message of more than ${CONTENTS_MAX} contents`);
      content = { kind: 'text', part: undefined, said: false, cited: 0, tokensTold: false };
      this.#contents.set(place, content);
    }
    return content;
  }

  #say(content: Content, kind: Content['kind'], value: unknown): void {
    const text = someText(value);
    if (text === undefined) return;
    const part = this.#open(content, kind);
    content.said = true;
    this.#line.take({ type: kind === 'text' ? 'text-delta' : 'refusal-delta', choice: 0, part, text });
  }

  #open(content: Content, kind: Content['kind']): number {
    const { part: before } = content;
    if (before !== undefined && content.kind === kind && this.#line.isOpen(before)) return before;
    const part = this.#line.begin(kind);
    content.kind = kind;
    content.part = part;
    this.#line.take({ type: kind === 'text' ? 'text-start' : 'refusal-start', choice: 0, part });
    return part;
  }

  #cite(content: Content, annotation: unknown): void {
    if (!isObject(annotation)) return;
    const part = this.#open(content, 'text');
    content.cited++;
    this.#line.take({ type: 'citation-add', choice: 0, part, citation: readAnnotation(annotation) });
  }

  #tell(content: Content, value: unknown): void {
    const logprobs = readTokens(value);
    if (logprobs.length === 0) return;
    content.tokensTold = true;
    this.#line.take({ type: 'logprobs-add', choice: 0, of: 'text', logprobs });
  }

  /** A content as it is in the end. One that is neither text nor refusal is told only here. */
  #whole(content: Content, value: unknown): void {
    if (!isObject(value)) return;
    const { type } = value;
    if (type === 'refusal') {
      if (!content.said) this.#say(content, 'refusal', value['refusal']);
      return;
    }
    if (type !== 'output_text' && type !== 'text') return this.#other(content, value);
    if (!content.said) this.#say(content, 'text', value['text']);
    const annotations = Array.isArray(value['annotations']) ? value['annotations'] : [];
    for (const annotation of annotations.slice(content.cited)) this.#cite(content, annotation);
    if (!content.tokensTold) this.#tell(content, value['logprobs']);
  }

  #other(content: Content, value: WireObject): void {
    if (content.said) return;
    content.said = true;
    const read = readContentPart(value, 'content[]', answerMisfit);
    this.#line.take({ type: 'part-add', choice: 0, part: this.#line.begin('whole'), content: read });
  }
}
