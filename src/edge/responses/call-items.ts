import type { Signature } from '../../protocol/chat/content.ts';
import { isObject, type WireObject } from '../../providers/openai/wire.ts';
import { hostedItem } from '../../providers/responses/hosted-items.ts';
import { ownFields, RESPONSES } from '../../providers/responses/wire.ts';
import type { PartEvent, PartWriter } from '../part-line.ts';
import type { ItemList, OpenItem } from './item-list.ts';
import { bareSeal } from './sealed-items.ts';

type CallStart = Extract<PartEvent, { readonly type: 'tool-call-start' }>;

/**
 * A call of one of the client's tools. What its maker wants back with it stands
 * in an item of its own before it, so that the call's own begins with what
 * follows its start and its signature.
 */
export class CallItem implements PartWriter {
  readonly #list: ItemList;
  #start: CallStart | undefined;
  #signature: Signature | undefined;
  #item: OpenItem | undefined;
  readonly #texts: string[] = [];

  constructor(list: ItemList) {
    this.#list = list;
  }

  take(event: PartEvent): void {
    if (event.type === 'tool-call-start') this.#start = event;
    else if (event.type === 'signature-add') this.#signature = event.signature;
    else if (event.type === 'arguments-delta' && event.text !== '') this.#argue(event.text);
  }

  #argue(text: string): void {
    this.#list.hold(text);
    const item = this.#begun();
    this.#texts.push(text);
    item.tellDelta(`${this.#event()}.delta`, '', text);
  }

  #event(): string {
    return this.#start?.kind === 'custom' ? 'custom_tool_call_input' : 'function_call_arguments';
  }

  #begun(): OpenItem {
    if (this.#item !== undefined) return this.#item;
    if (this.#signature !== undefined) this.#list.add(signatureItem(this.#signature, this.#list.nextId('rs')));
    const own = ownFields(this.#start?.rest)['id'];
    const id = own ?? this.#list.nextId(this.#start?.kind === 'custom' ? 'ctc' : 'fc');
    this.#item = this.#list.open({ ...this.#json('in_progress', ''), id });
    return this.#item;
  }

  end(): void {
    // A function without arguments is called with `{}`: its client parses them.
    const silent = this.#start?.kind === 'function' && this.#texts.join('').trim() === '';
    if (silent) this.#argue('{}');
    const item = this.#begun();
    const text = this.#texts.join('');
    item.tell(`${this.#event()}.done`, this.#start?.kind === 'custom' ? { input: text } : { arguments: text });
    item.done({ ...this.#json('completed', text), id: item.id });
  }

  #json(status: string, text: string): WireObject {
    const custom = this.#start?.kind === 'custom';
    return {
      id: undefined,
      type: custom ? 'custom_tool_call' : 'function_call',
      ...ownFields(this.#start?.rest),
      status,
      call_id: this.#start?.id,
      ...this.#list.tools.apart(this.#start?.name),
      ...(custom ? { input: text } : { arguments: text }),
    };
  }
}

function signatureItem(signature: Signature, id: string): WireObject {
  return { id, type: 'reasoning', summary: [], encrypted_content: bareSeal({ type: 'call-signature', signature }) };
}

/** The search of another vendor, which this dialect's clients show as their own; of its other tools they know nothing. */
export class SearchItem implements PartWriter {
  readonly #list: ItemList;
  #item: OpenItem | undefined;
  #asked = '';

  constructor(list: ItemList) {
    this.#list = list;
  }

  take(event: PartEvent): void {
    if (event.type === 'hosted-call-start') this.#begin(event.call.arguments);
    else if (event.type === 'arguments-delta') {
      this.#list.hold(event.text);
      this.#asked += event.text;
    }
  }

  #begin(asked: string): void {
    this.#asked = asked;
    const id = this.#list.nextId('ws');
    this.#item = this.#list.open({ id, type: 'web_search_call', status: 'in_progress', action: { type: 'search' } });
    this.#item.tell('web_search_call.in_progress');
    this.#item.tell('web_search_call.searching');
  }

  end(): void {
    this.#item?.tell('web_search_call.completed');
    const query = queryIn(this.#asked);
    const action = { type: 'search', ...(query === undefined ? {} : { query, queries: [query] }) };
    this.#item?.done({ id: this.#item.id, type: 'web_search_call', status: 'completed', action });
  }
}

function queryIn(asked: string): string | undefined {
  try {
    const value: unknown = JSON.parse(asked);
    const query = isObject(value) ? value['query'] : undefined;
    return typeof query === 'string' ? query : undefined;
  } catch (error) {
    // A search that was cut off is still a search; what it was for is not known.
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** An item of this dialect's own, or `undefined` for what no client of it would know. */
export function ownItem(source: { readonly dialect: string; readonly fields: WireObject }): WireObject | undefined {
  const { type, id } = source.fields;
  const known = source.dialect === RESPONSES && typeof type === 'string' && typeof id === 'string';
  return known && (hostedItem(type) !== undefined || OWN.has(type)) ? source.fields : undefined;
}

/** Items that are no tool's (openai 7.55.0, ResponseOutputItem). */
const OWN: ReadonlySet<string> = new Set(['compaction', 'additional_tools', 'image_generation_call']);
