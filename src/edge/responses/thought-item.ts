import type { Draft } from '../../kernel/draft.ts';
import type { WireObject } from '../../providers/openai/wire.ts';
import { ownFields } from '../../providers/responses/wire.ts';
import type { PartEvent, PartWriter } from '../part-line.ts';
import type { ItemList, OpenItem } from './item-list.ts';
import { isOwnThought, type ThoughtSeals, thoughtSeal } from './sealed-items.ts';

/**
 * A thought on its way to an item `reasoning`. Whatever can be read of another
 * vendor's is told as its summary, the form in which this dialect's clients show
 * thoughts. One of which there is neither a text nor a seal is no item.
 */
export class ThoughtItem implements PartWriter {
  readonly #list: ItemList;
  #item: OpenItem | undefined;
  #thought: Draft<ThoughtSeals> = {};
  readonly #texts: string[] = [];

  constructor(list: ItemList) {
    this.#list = list;
  }

  take(event: PartEvent): void {
    if (event.type === 'reasoning-start') {
      const { id, summary, rest } = event;
      if (id !== undefined) this.#thought.id = id;
      if (summary !== undefined) this.#thought.summary = summary;
      if (rest !== undefined) this.#thought.rest = rest;
    } else if (event.type === 'signature-add') {
      this.#thought[event.encrypted === true ? 'encrypted' : 'signature'] = event.signature;
    } else if (event.type === 'reasoning-delta' && event.text !== '') this.#think(event.text);
  }

  #think(text: string): void {
    this.#list.hold(text);
    if (this.#texts.length === 0) this.#beginText();
    this.#texts.push(text);
    if (this.#isSummary()) this.#item?.tellDelta('reasoning_summary_text.delta', '"summary_index":0,', text);
    else this.#item?.tellDelta('reasoning_text.delta', '"content_index":0,', text);
  }

  #beginText(): void {
    const item = this.#begun();
    if (this.#isSummary()) item.tell('reasoning_summary_part.added', { summary_index: 0, part: summaryPart('') });
    else item.tell('content_part.added', { content_index: 0, part: thoughtPart('') });
  }

  #endText(text: string): void {
    if (this.#isSummary()) {
      this.#item?.tell('reasoning_summary_text.done', { summary_index: 0, text });
      this.#item?.tell('reasoning_summary_part.done', { summary_index: 0, part: summaryPart(text) });
    } else {
      this.#item?.tell('reasoning_text.done', { content_index: 0, text });
      this.#item?.tell('content_part.done', { content_index: 0, part: thoughtPart(text) });
    }
  }

  /** Only this dialect's own models show more than a summary in a place of its own. */
  #isSummary(): boolean {
    const { summary, rest } = this.#thought;
    return summary === true || !isOwnThought(rest === undefined ? {} : { rest });
  }

  #begun(): OpenItem {
    const own = this.#thought.id?.startsWith('rs_') === true ? this.#thought.id : undefined;
    const id = own ?? this.#list.nextId('rs');
    this.#item ??= this.#list.open({ id, type: 'reasoning', summary: [] });
    return this.#item;
  }

  end(): void {
    const { signature, encrypted, rest } = this.#thought;
    const own = ownFields(rest);
    const text = this.#texts.join('');
    if (text === '' && (signature ?? encrypted) === undefined && Object.keys(own).length === 0) return;
    if (text !== '') this.#endText(text);
    const item = this.#begun();
    const seal = thoughtSeal(this.#thought);
    item.done({
      id: item.id,
      type: 'reasoning',
      summary: this.#isSummary() && text !== '' ? [summaryPart(text)] : [],
      ...(this.#isSummary() ? {} : { content: [thoughtPart(text)] }),
      ...own,
      ...(seal === undefined ? {} : { encrypted_content: seal }),
    });
  }
}

function summaryPart(text: string): WireObject {
  return { type: 'summary_text', text };
}

function thoughtPart(text: string): WireObject {
  return { type: 'reasoning_text', text };
}
