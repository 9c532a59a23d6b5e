import type { WholeNames } from '../openai/short-names.ts';
import { isObject, someText, type WireObject } from '../openai/wire.ts';
import { StreamCall } from './stream-call.ts';
import type { StreamLine } from './stream-line.ts';
import { StreamMessage } from './stream-message.ts';
import { isThought, StreamThought } from './stream-thought.ts';
import { StreamWhole } from './stream-whole.ts';
import { notUnderstood } from './wire.ts';

type ItemReader = StreamMessage | StreamThought | StreamCall | StreamWhole;

interface StreamItem {
  readonly id: string | undefined;
  readonly reader: ItemReader;
  over: boolean;
}

/** More items in one answer than any model gives; each costs memory for as long as the stream runs. */
const ITEMS_MAX = 4_096;

/**
 * The output items of one stream. An event names its item by id and by place;
 * servers get one or the other wrong (an id that changes from event to event,
 * every item at place 0), and some leave out the event with which an item
 * begins or ends.
 */
export class StreamItems {
  readonly #line: StreamLine;
  readonly #names: WholeNames;
  readonly #items: StreamItem[] = [];
  readonly #byId = new Map<string, StreamItem>();
  /** The latest item at each place. */
  readonly #byPlace = new Map<unknown, StreamItem>();
  readonly #hosted: WireObject[] = [];

  constructor(line: StreamLine, names: WholeNames) {
    this.#line = line;
    this.#names = names;
  }

  /** An item begins. */
  added({ item, output_index: place }: WireObject): void {
    if (!isObject(item)) throw notUnderstood('an item of its stream is not an object');
    const id = someText(item['id']);
    const known = id === undefined ? undefined : this.#byId.get(id);
    const { reader } = known ?? this.#start(kindOf(item), id, place);
    if (reader.kind === 'call') reader.begin(item);
  }

  /** Something of an item. */
  read(type: string, event: WireObject): void {
    const kind = kindOfEvent(type, event);
    if (kind === undefined) return;
    const id = someText(event['item_id']);
    const place = event['output_index'];
    const found = this.#find(kind, id, place);
    if (found?.over === true) return;
    const { reader } = found ?? this.#start(kind, id, place);
    reader.read(type, event);
  }

  /** An item is complete. */
  done({ item, output_index: place }: WireObject): void {
    if (!isObject(item)) throw notUnderstood('an item of its stream is not an object');
    const kind = kindOf(item);
    const id = someText(item['id']);
    const found = this.#find(kind, id, place);
    const another = found?.over === true && found.id !== id;
    this.#end(found === undefined || another ? this.#start(kind, id, place) : found, item);
  }

  /**
   * The answer is complete: what it has that was not told yet, and the end of
   * what is still open.
   *
   * @param output the items of the whole answer; servers that leave them out have told them all
   */
  end(output: unknown): void {
    const items = Array.isArray(output) ? output.filter(isObject) : [];
    const told = [...this.#items];
    const ids = new Set(items.map(({ id }) => id));
    for (const [at, item] of items.entries()) {
      const kind = kindOf(item);
      const id = someText(item['id']);
      const placed = told[at];
      const same =
        told.find((each) => id !== undefined && each.id === id) ?? (ids.has(placed?.id) ? undefined : placed);
      this.#end(same?.reader.kind === kind ? same : this.#start(kind, id, at), item);
    }
    for (const item of this.#items) this.#end(item, undefined);
    this.#line.endAll();
  }

  /** What the finished items of hosted tools are, as far as it is paid for. */
  get hosted(): readonly WireObject[] {
    return this.#hosted;
  }

  #end(item: StreamItem, whole: WireObject | undefined): void {
    if (item.over) return;
    item.over = true;
    item.reader.done(whole);
    if (item.reader.kind === 'whole' && whole !== undefined) {
      this.#hosted.push({ type: whole['type'], action: whole['action'] });
    }
  }

  #find(kind: ItemReader['kind'], id: string | undefined, place: unknown): StreamItem | undefined {
    const named = id === undefined ? undefined : this.#byId.get(id);
    if (named?.reader.kind === kind) return named;
    const placed = place === undefined ? this.#items.at(-1) : this.#byPlace.get(place);
    return placed?.reader.kind === kind ? placed : undefined;
  }

  #start(kind: ItemReader['kind'], id: string | undefined, place: unknown): StreamItem {
    if (this.#items.length >= ITEMS_MAX) throw notUnderstood(`its stream has more than ${ITEMS_MAX} items`);
    const item: StreamItem = { id, reader: this.#readerOf(kind, id), over: false };
    this.#items.push(item);
    if (id !== undefined) this.#byId.set(id, item);
    this.#byPlace.set(place, item);
    return item;
  }

  #readerOf(kind: ItemReader['kind'], id: string | undefined): ItemReader {
    switch (kind) {
      case 'message':
        return new StreamMessage(this.#line);
      case 'reasoning':
        return new StreamThought(this.#line, id);
      case 'call':
        return new StreamCall(this.#line, this.#names);
      case 'whole':
        return new StreamWhole(this.#line);
    }
  }
}

function kindOf({ type }: WireObject): ItemReader['kind'] {
  if (type === 'message' || type === 'reasoning') return type;
  return type === 'function_call' || type === 'custom_tool_call' ? 'call' : 'whole';
}

const KINDS: readonly (readonly [string, ItemReader['kind']])[] = [
  ['response.output_text.', 'message'],
  ['response.refusal.', 'message'],
  ['response.content_part.', 'message'],
  ['response.reasoning', 'reasoning'],
  ['response.function_call_arguments.', 'call'],
  ['response.custom_tool_call_input.', 'call'],
];

/** Of which kind of item an event tells; `undefined` for the progress of a hosted tool and all that is not known. */
function kindOfEvent(type: string, event: WireObject): ItemReader['kind'] | undefined {
  if (type.startsWith('response.content_part.') && isThought(event['part'])) return undefined;
  return KINDS.find(([beginning]) => type.startsWith(beginning))?.[1];
}
