import type { WholeNames } from '../openai/short-names.ts';
import { argumentsText } from '../openai/tool-calls.ts';
import { someText, type WireObject } from '../openai/wire.ts';
import { callRest } from './item-reader.ts';
import type { StreamLine } from './stream-line.ts';
import { notUnderstood } from './wire.ts';

/** As much may come of a call's arguments before anybody knows what is called. */
const EARLY_CHARS_MAX = 1024 * 1024;

/**
 * A call of one of the client's tools in a stream. It begins when its name is
 * known; arguments that came before that wait. Where no delta brought any, the
 * event that ends them or the item has them whole.
 */
export class StreamCall {
  readonly kind = 'call';
  readonly #line: StreamLine;
  readonly #names: WholeNames;
  #part: number | undefined;
  #early = '';
  #any = false;
  /** Arguments that the item already had when it began: deltas, if there are some, say them again. */
  #given = '';

  constructor(line: StreamLine, names: WholeNames) {
    this.#line = line;
    this.#names = names;
  }

  /** The item as it began, perhaps without all that it will say. */
  begin(item: WireObject): void {
    const name = someText(item['name']);
    const id = someText(item['call_id']) ?? someText(item['id']);
    this.#given = argumentsOf(item);
    if (this.#part !== undefined || name === undefined || id === undefined) return;
    const custom = item['type'] === 'custom_tool_call';
    const part = this.#line.begin('call');
    this.#part = part;
    const rest = callRest(item);
    this.#line.take({
      type: 'tool-call-start',
      choice: 0,
      part,
      kind: custom ? 'custom' : 'function',
      id,
      name: this.#names.of(name),
      ...(rest === undefined ? {} : { rest }),
    });
    if (this.#early !== '') this.#line.take({ type: 'arguments-delta', choice: 0, part, text: this.#early });
    this.#early = '';
  }

  read(type: string, event: WireObject): void {
    const delta = type.endsWith('.delta');
    if (!delta && this.#any) return;
    this.#add(argumentsText(delta ? event['delta'] : (event['arguments'] ?? event['input'])));
  }

  done(item: WireObject | undefined): void {
    if (item !== undefined) this.begin(item);
    if (this.#part === undefined) throw notUnderstood('a tool call of its stream has no name');
    if (!this.#any) this.#add(this.#given);
    this.#line.end(this.#part);
  }

  #add(text: string): void {
    if (text === '') return;
    this.#any = true;
    if (this.#part === undefined) {
      this.#early += text;
      if (this.#early.length > EARLY_CHARS_MAX) throw notUnderstood('a tool call of its stream has no name');
      return;
    }
    if (!this.#line.isOpen(this.#part)) {
      throw notUnderstood('a tool call of its stream went on after another part had begun');
    }
    this.#line.take({ type: 'arguments-delta', choice: 0, part: this.#part, text });
  }
}

function argumentsOf(item: WireObject): string {
  return argumentsText(item['type'] === 'custom_tool_call' ? item['input'] : item['arguments']);
}
