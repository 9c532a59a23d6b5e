import type { TokenLogprob } from '../../protocol/chat/answer.ts';
import type { Citation } from '../../protocol/chat/content.ts';
import type { WireObject } from '../../providers/openai/wire.ts';
import { annotationsJson } from '../../providers/responses/annotations.ts';
import type { ItemList, OpenItem } from './item-list.ts';

export type MessageStatus = 'completed' | 'incomplete';

/** One content part of a message, as far as it has come. */
interface Content {
  readonly type: 'output_text' | 'refusal';
  readonly texts: string[];
  readonly citations: Citation[];
  readonly tokens: TokenLogprob[];
  readonly more: WireObject;
}

/**
 * A message item: texts and refusals that follow each other, each a content
 * part of its own. It begins with the first that is said; a text that says
 * nothing is none.
 */
export class MessageItem {
  readonly #list: ItemList;
  readonly #about: WireObject;
  readonly #content: WireObject[] = [];
  #item: OpenItem | undefined;
  #open: Content | undefined;
  /** Told ahead of the text whose tokens they are. */
  #tokens: TokenLogprob[] = [];

  /** @param about what its own dialect said of the item: `id`, `phase` */
  constructor(list: ItemList, about: WireObject = {}) {
    this.#list = list;
    this.#about = about;
  }

  /** Another part begins, whatever it is going to say. */
  beginPart(): void {
    this.#endContent();
  }

  say(type: Content['type'], text: string, more: WireObject = {}): void {
    if (text === '') return;
    this.#list.hold(text);
    const open = this.#contentOf(type, more);
    open.texts.push(text);
    const place = `"content_index":${this.#content.length},`;
    if (type === 'refusal') this.#item?.tellDelta('refusal.delta', place, text);
    else this.#item?.tellDelta('output_text.delta', place, text, ',"logprobs":[]');
  }

  cite(citation: Citation): void {
    this.#contentOf('output_text', {}).citations.push(citation);
  }

  /** Probabilities of the tokens of the text that is open, or of the next one. */
  probable(tokens: readonly TokenLogprob[]): void {
    (this.#open?.type === 'output_text' ? this.#open.tokens : this.#tokens).push(...tokens);
  }

  end(status: MessageStatus): void {
    this.#endContent();
    this.#item?.done(this.#json(status, this.#content));
    this.#item = undefined;
  }

  #contentOf(type: Content['type'], more: WireObject): Content {
    if (this.#open?.type === type) return this.#open;
    this.#endContent();
    const id = this.#about['id'] ?? this.#list.nextId('msg');
    this.#item ??= this.#list.open({ ...this.#json('in_progress', []), id });
    const open: Content = { type, texts: [], citations: [], tokens: this.#tokens, more };
    this.#tokens = [];
    this.#open = open;
    this.#item.tell('content_part.added', { content_index: this.#content.length, part: emptyPart(type) });
    return open;
  }

  #endContent(): void {
    const open = this.#open;
    if (open === undefined) return;
    this.#open = undefined;
    const place = { content_index: this.#content.length };
    const text = open.texts.join('');
    const part = {
      ...open.more,
      ...(open.type === 'refusal' ? { type: open.type, refusal: text } : textPart(open, text)),
    };
    if ('annotations' in part) this.#tellText(part, place);
    else this.#item?.tell('refusal.done', { ...place, refusal: text });
    this.#item?.tell('content_part.done', { ...place, part });
    this.#content.push(part);
  }

  #tellText({ text, annotations, logprobs }: ReturnType<typeof textPart>, place: WireObject): void {
    for (const [index, annotation] of annotations.entries()) {
      this.#item?.tell('output_text.annotation.added', { ...place, annotation_index: index, annotation });
    }
    this.#item?.tell('output_text.done', { ...place, text, logprobs });
  }

  #json(status: string, content: readonly WireObject[]): WireObject {
    const id = this.#item?.id;
    return { ...(id === undefined ? {} : { id }), type: 'message', status, role: 'assistant', content, ...this.#own() };
  }

  #own(): WireObject {
    const { status: _, ...about } = this.#about;
    return about;
  }
}

function emptyPart(type: Content['type']): WireObject {
  return type === 'refusal' ? { type, refusal: '' } : { type, annotations: [], logprobs: [], text: '' };
}

function textPart({ citations, tokens }: Content, text: string) {
  const annotations = annotationsJson(citations, { start: 0, end: text.length });
  return { type: 'output_text', annotations, logprobs: tokens.map(tokenJson), text };
}

/** Bytes that nobody told are those of the token's text: this dialect wants them. */
function tokenJson({ top, ...token }: TokenLogprob): WireObject {
  return { ...bareToken(token), top_logprobs: (top ?? []).map(bareToken) };
}

function bareToken({ token, logprob, bytes }: Omit<TokenLogprob, 'top'>): WireObject {
  return { token, bytes: bytes ?? [...Buffer.from(token)], logprob };
}
