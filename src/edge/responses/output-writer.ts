import type { TokenLogprob } from '../../protocol/chat/answer.ts';
import type { ContentPart } from '../../protocol/chat/content.ts';
import type { WireObject } from '../../providers/openai/wire.ts';
import { itemOf } from '../../providers/responses/item-reader.ts';
import { ownFields } from '../../providers/responses/wire.ts';
import { partEvents } from '../part-events.ts';
import { type PartEvent, PartLine, type PartWriter } from '../part-line.ts';
import { CallItem, ownItem, SearchItem } from './call-items.ts';
import type { ItemList } from './item-list.ts';
import { MessageItem, type MessageStatus } from './message-item.ts';
import { bareSeal } from './sealed-items.ts';
import { ThoughtItem } from './thought-item.ts';

/**
 * Makes items of an answer's parts, whole ones and those of a stream alike, so
 * that both say the same. Texts and refusals in a row are one message, which
 * stays open until something else begins or the answer ends.
 */
export class OutputWriter {
  readonly #list: ItemList;
  readonly #line: PartLine;
  #message: MessageItem | undefined;
  #about: WireObject | undefined;

  constructor(list: ItemList) {
    this.#list = list;
    this.#line = new PartLine({
      begin: (first) => this.#begin(first),
      whole: ({ content, choice, part }) => this.#whole(content, { choice, part }),
    });
  }

  take(event: PartEvent): void {
    this.#line.take(event);
  }

  /** Probabilities of the text that was said last. */
  probable(tokens: readonly TokenLogprob[]): void {
    this.#message?.probable(tokens);
  }

  /** @returns the items of the answer */
  end(status: MessageStatus): readonly WireObject[] {
    this.#line.end();
    this.#leaveMessage(status);
    return this.#list.items;
  }

  #begin(first: PartEvent): PartWriter {
    switch (first.type) {
      case 'text-start':
      case 'text-delta':
      case 'refusal-start':
      case 'refusal-delta':
        return new TextPart(this.#messageAbout(undefined));
      case 'reasoning-start':
        return this.#other(new ThoughtItem(this.#list));
      case 'tool-call-start':
        return this.#other(new CallItem(this.#list));
      case 'hosted-call-start':
        return first.call.tool === 'web-search' ? this.#other(new SearchItem(this.#list)) : NOTHING_WRITTEN;
      default:
        return NOTHING_WRITTEN;
    }
  }

  #other(writer: PartWriter): PartWriter {
    this.#leaveMessage('completed');
    return writer;
  }

  #whole(content: ContentPart, place: { readonly choice: number; readonly part: number }): void {
    const own = 'source' in content && ownSource(content) ? ownItem(content.source) : undefined;
    if (own !== undefined) return this.#add(own);
    if (content.type === 'text' || content.type === 'refusal') return this.#say(content);
    if (content.type === 'redacted-reasoning') return this.#add(this.#sealed(bareSeal(content)));
    if (content.type === 'image') return this.#show(content);
    const [first, ...events] = partEvents(content, place);
    if (first === undefined) return;
    const writer = this.#begin(first);
    for (const event of [first, ...events]) writer.take(event);
    writer.end();
  }

  #say(content: Extract<ContentPart, { type: 'text' | 'refusal' }>): void {
    const message = this.#messageAbout(itemOf(content));
    message.beginPart();
    const { item: _, ...more } = ownFields(content.rest);
    message.say(content.type === 'text' ? 'output_text' : 'refusal', content.text, more);
    if (content.type === 'text') for (const citation of content.citations ?? []) message.cite(citation);
  }

  #sealed(seal: string): WireObject {
    return { id: this.#list.nextId('rs'), type: 'reasoning', summary: [], encrypted_content: seal };
  }

  /** A picture is what the tool that makes them gave; one that lies elsewhere has no form here. */
  #show({ source, rest }: Extract<ContentPart, { type: 'image' }>): void {
    if (source.kind !== 'bytes') return;
    this.#leaveMessage('completed');
    const id = this.#list.nextId('ig');
    const own = ownFields(rest);
    this.#add({ id, type: 'image_generation_call', status: 'completed', ...own, result: source.base64 });
  }

  #add(item: WireObject): void {
    this.#leaveMessage('completed');
    this.#list.add(item);
  }

  /** The message that is open, where it is the same one. */
  #messageAbout(about: WireObject | undefined): MessageItem {
    if (this.#message !== undefined && this.#about?.['id'] === about?.['id']) return this.#message;
    this.#leaveMessage('completed');
    this.#about = about;
    this.#message = new MessageItem(this.#list, about);
    return this.#message;
  }

  #leaveMessage(status: MessageStatus): void {
    this.#message?.end(status);
    this.#message = undefined;
  }
}

function ownSource(
  part: ContentPart,
): part is Extract<ContentPart, { type: 'hosted-call' | 'hosted-result' | 'other' }> {
  return part.type === 'hosted-call' || part.type === 'hosted-result' || part.type === 'other';
}

/** What no client of this dialect would know. */
const NOTHING_WRITTEN: PartWriter = { take: () => undefined, end: () => undefined };

/** A text or a refusal within its message. */
class TextPart implements PartWriter {
  readonly #message: MessageItem;

  constructor(message: MessageItem) {
    this.#message = message;
    message.beginPart();
  }

  take(event: PartEvent): void {
    if (event.type === 'text-delta') this.#message.say('output_text', event.text);
    else if (event.type === 'refusal-delta') this.#message.say('refusal', event.text);
    else if (event.type === 'text-start') for (const citation of event.citations ?? []) this.#message.cite(citation);
    else if (event.type === 'citation-add') this.#message.cite(event.citation);
  }

  /** Probabilities of its tokens may still follow. */
  end(): void {
    return;
  }
}
