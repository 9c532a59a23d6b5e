import { GatewayError } from '../../kernel/errors.ts';
import { eventData, SseSplitter } from '../../kernel/sse-splitter.ts';
import type { StreamEvent } from '../../protocol/chat/answer.ts';
import type { StreamReader, StreamReaderOptions } from '../../protocol/chat/codec.ts';
import { WholeNames } from '../openai/short-names.ts';
import { DONE, eventObject, isWholeEvent } from '../openai/stream-event.ts';
import { isObject, someText, type WireObject } from '../openai/wire.ts';
import { cancelled, errorInEvent, errorOf } from './answer-errors.ts';
import { headOf } from './answer-reader.ts';
import { readFinish } from './finish.ts';
import { StreamItems } from './stream-items.ts';
import { StreamLine } from './stream-line.ts';
import { responseUsage } from './usage.ts';
import { notUnderstood } from './wire.ts';

const COLON = 0x3a;

/**
 * Reads a stream of the Responses API by the `type` of its events; sequence
 * numbers and padding say nothing here. It is complete with
 * `response.completed` or `response.incomplete`, and fails with `error` or
 * `response.failed`, whichever comes first.
 *
 * The answer starts with its first item: until then an error is one that came
 * in the place of an answer.
 */
export class ResponsesStreamReader implements StreamReader {
  readonly #eventBytesMax: number;
  readonly #splitter = new SseSplitter();
  readonly #line = new StreamLine((event) => this.#tell(event));
  readonly #items: StreamItems;
  #events: StreamEvent[] = [];
  #head: WireObject | undefined = {};
  #over = false;
  #failed = false;
  readonly #take = (event: Buffer) => this.#onEvent(event);

  constructor({ eventBytesMax, longNames }: StreamReaderOptions) {
    this.#eventBytesMax = eventBytesMax;
    this.#items = new StreamItems(this.#line, new WholeNames(longNames));
  }

  get heldBytes(): number {
    return this.#splitter.heldBytes;
  }

  push(chunk: Buffer): readonly StreamEvent[] {
    return this.#reading(() => {
      this.#splitter.push(chunk, this.#take);
      if (this.#splitter.heldBytes <= this.#eventBytesMax) return;
      throw new GatewayError('upstream_error', {
        message: `The provider sent a single event of more than ${this.#eventBytesMax} bytes.`,
        retry: 'other-target',
      });
    });
  }

  finish(): readonly StreamEvent[] {
    return this.#reading(() => {
      const rest = this.#splitter.rest();
      // A last event without its blank line counts if it is whole; half of one is what a cut stream leaves.
      if (rest !== undefined && isWholeEvent(rest)) this.#onEvent(rest);
    });
  }

  /** What came before something that is not understood is told first, however the bytes were cut. */
  #reading(read: () => void): readonly StreamEvent[] {
    try {
      read();
    } catch (error) {
      this.#failed = true;
      if (!(error instanceof GatewayError) || this.#events.length === 0) throw error;
      this.#events.push({ type: 'answer-error', error });
    }
    const events = this.#events;
    this.#events = [];
    return events;
  }

  #onEvent(event: Buffer): void {
    if (this.#over || this.#failed) return;
    const data = eventData(event);
    if (data === undefined) {
      if (event[0] === COLON) this.#events.push({ type: 'ping' });
      return;
    }
    if (data === DONE || data === '') return;
    this.#read(eventObject(data, notUnderstood));
  }

  #read(event: WireObject): void {
    const type = someText(event['type']);
    switch (type) {
      case 'error':
        return this.#fail(errorInEvent(event));
      case 'response.created':
      case 'response.in_progress':
      case 'response.queued':
        return this.#progress(event['response']);
      case 'response.output_item.added':
        return this.#items.added(event);
      case 'response.output_item.done':
        return this.#items.done(event);
      case 'response.completed':
      case 'response.incomplete':
      case 'response.done':
      case 'response.failed':
      case 'response.cancelled':
        return this.#end(type, event['response']);
      case undefined:
        if (isObject(event['error'])) return this.#fail(errorInEvent(event));
        throw notUnderstood('an event of its stream has no `type`');
      default:
        return this.#readOther(type, event);
    }
  }

  /** The provider is at work, whatever it says of it. */
  #readOther(type: string, event: WireObject): void {
    const before = this.#events.length;
    this.#items.read(type, event);
    if (this.#events.length === before) this.#events.push({ type: 'ping' });
  }

  #progress(response: unknown): void {
    if (this.#head !== undefined && isObject(response)) this.#head = response;
    this.#events.push({ type: 'ping' });
  }

  #tell(event: StreamEvent): void {
    this.#start();
    this.#events.push(event);
  }

  #start(): void {
    const head = this.#head;
    if (head === undefined) return;
    this.#head = undefined;
    this.#events.push({ type: 'answer-start', ...headOf(head) });
  }

  #fail(error: GatewayError): void {
    this.#failed = true;
    this.#events.push({ type: 'answer-error', error });
  }

  #end(type: string, value: unknown): void {
    if (!isObject(value)) throw notUnderstood(`\`${type}\` has no \`response\``);
    const { status } = value;
    if (type === 'response.failed' || status === 'failed') return this.#endFailed(value, errorOf(value['error']));
    if (type === 'response.cancelled' || status === 'cancelled') return this.#endFailed(value, cancelled());
    if (this.#head !== undefined) this.#head = { ...this.#head, ...value };
    this.#start();
    this.#items.end(value['output']);
    this.#use(value);
    const signs = { toolCalls: this.#line.has('call'), refused: this.#line.has('refusal') };
    const response = type === 'response.incomplete' ? { ...value, status: 'incomplete' } : value;
    this.#over = true;
    this.#events.push({ type: 'choice-finish', choice: 0, finish: readFinish(response, signs) });
    this.#events.push({ type: 'answer-end' });
  }

  /** What a failed answer used is billed all the same. */
  #endFailed(response: WireObject, error: GatewayError): void {
    this.#use(response);
    this.#fail(error);
  }

  #use(response: WireObject): void {
    // Some servers have told the items, and leave them out of the whole answer.
    const usage = responseUsage({ ...response, output: this.#items.hosted });
    if (usage === undefined) return;
    const tier = someText(response['service_tier']);
    this.#events.push({ type: 'usage-update', usage, ...(tier === undefined ? {} : { serviceTier: tier }) });
  }
}
