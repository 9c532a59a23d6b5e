import { GatewayError } from '../../kernel/errors.ts';
import type { AnswerIdentity } from '../../protocol/chat/codec.ts';
import type { WireObject } from '../../providers/openai/wire.ts';
import { ToolNames } from './namespaces.ts';

/** Takes the events of a stream: each with its type and, as JSON without braces, its members beside its type and number. */
export type EventTaker = (type: string, members: string) => void;

/** A stream repeats its whole answer at its end; no answer has so much. */
const HELD_CHARS_MAX = 64 * 1024 * 1024;

/**
 * The output items of one answer, in their order, one open at a time. Written
 * as a stream, each is told as it comes; written as a whole, nothing is told.
 */
export class ItemList {
  readonly items: WireObject[] = [];
  /** What the client calls its tools. */
  readonly tools: ToolNames;
  readonly #ids: string;
  readonly #tell: EventTaker | undefined;
  #chars = 0;

  /** @param identity its id is `resp_…`; the ids of items follow from it, so that the same answer has the same ones each time */
  constructor({ id, echo }: Pick<AnswerIdentity, 'id' | 'echo'>, tell?: EventTaker) {
    this.tools = new ToolNames(echo?.['tools']);
    this.#ids = id
      .slice(id.indexOf('_') + 1)
      .replace(/[^\w-]/g, '')
      .slice(-48);
    this.#tell = tell;
  }

  /** @param prefix says the item's type, as in `msg` */
  nextId(prefix: string): string {
    return `${prefix}_${this.#ids}_${this.items.length}`;
  }

  /** @param item as it begins; its `id` stays */
  open(item: WireObject & { readonly id: unknown }): OpenItem {
    const index = this.items.length;
    this.items.push(item);
    this.#tell?.('response.output_item.added', itemMembers(index, item));
    return new OpenItem(item.id, index, this.#tell, (done) => {
      this.items[index] = done;
    });
  }

  /** An item that comes whole. */
  add(item: WireObject): void {
    const index = this.items.length;
    this.items.push(item);
    if (this.#tell === undefined) return;
    const members = itemMembers(index, item);
    this.#tell('response.output_item.added', members);
    this.#tell('response.output_item.done', members);
  }

  /** @throws `upstream_error` when the answer is longer than any answer is */
  hold(text: string): void {
    this.#chars += text.length;
    if (this.#chars <= HELD_CHARS_MAX) return;
    throw new GatewayError('upstream_error', {
      message: `The provider's answer has more than ${HELD_CHARS_MAX} characters.`,
      retry: 'never',
    });
  }
}

/** An item that has begun. */
export class OpenItem {
  readonly id: unknown;
  readonly #index: number;
  readonly #tell: EventTaker | undefined;
  readonly #keep: (item: WireObject) => void;
  /** What each event of the item begins with. */
  readonly #place: string;

  constructor(id: unknown, index: number, tell: EventTaker | undefined, keep: (item: WireObject) => void) {
    this.id = id;
    this.#index = index;
    this.#tell = tell;
    this.#keep = keep;
    this.#place = tell === undefined ? '' : `"item_id":${JSON.stringify(id)},"output_index":${index}`;
  }

  /** An event of this item: `response.` and its type. */
  tell(type: string, members?: WireObject): void {
    if (this.#tell === undefined) return;
    const more = members === undefined ? '' : `,${JSON.stringify(members).slice(1, -1)}`;
    this.#tell(`response.${type}`, this.#place + more);
  }

  /**
   * A piece of text, of which an answer has thousands.
   *
   * @param within where in the item, as JSON members that end in a comma
   */
  tellDelta(type: string, within: string, text: string, more = ''): void {
    this.#tell?.(`response.${type}`, `${this.#place},${within}"delta":${JSON.stringify(text)}${more}`);
  }

  done(item: WireObject): void {
    this.#keep(item);
    this.#tell?.('response.output_item.done', itemMembers(this.#index, item));
  }
}

function itemMembers(index: number, item: WireObject): string {
  return `"output_index":${index},"item":${JSON.stringify(item)}`;
}
