import type { Draft } from '../../kernel/draft.ts';
import { GatewayError } from '../../kernel/errors.ts';
import { eventData, SseSplitter } from '../../kernel/sse-splitter.ts';
import type { StreamEvent } from '../../protocol/chat/answer.ts';
import type { StreamReader, StreamReaderOptions } from '../../protocol/chat/codec.ts';
import type { RawUsage } from '../../protocol/usage-fields.ts';
import { type Fields, isFields, textIn } from '../fields.ts';
import { errorOf, notUnderstood } from './answer-errors.ts';
import { messageRest } from './answer-reader.ts';
import { readFinish } from './finish.ts';
import { StreamBlocks, startedParts } from './stream-blocks.ts';
import { mergedAnthropicUsage, readAnthropicUsage } from './usage.ts';
import { MESSAGES } from './wire.ts';

const DONE = '[DONE]';

type Update = Extract<StreamEvent, { type: 'usage-update' }>;
type Start = Extract<StreamEvent, { type: 'answer-start' }>;

/**
 * Reads a stream of Messages: `message_start`, then for each content block its
 * start, deltas and stop, then `message_delta` with the reason for the end and
 * `message_stop`. Only a stream with the last one is complete. Events and
 * members that are not known here are passed over.
 */
export class MessagesStreamReader implements StreamReader {
  readonly #options: StreamReaderOptions;
  readonly #splitter = new SseSplitter();
  readonly #blocks: StreamBlocks;
  #events: StreamEvent[] = [];
  #started = false;
  #ended = false;
  #failed = false;
  #bytes = 0;
  /** As the provider said it, and what of it is a count. */
  #usage: RawUsage | undefined;
  #counted: RawUsage | undefined;
  readonly #onEvent = (event: Buffer) => this.#readEvent(event);

  constructor(options: StreamReaderOptions) {
    this.#options = options;
    this.#blocks = new StreamBlocks((event) => this.#events.push(event), options);
  }

  get heldBytes(): number {
    return this.#splitter.heldBytes;
  }

  push(chunk: Buffer): readonly StreamEvent[] {
    this.#bytes += chunk.length;
    this.#splitter.push(chunk, this.#onEvent);
    if (this.#splitter.heldBytes > this.#options.eventBytesMax) {
      throw new GatewayError('upstream_error', {
        message: `The provider sent a single event of more than ${this.#options.eventBytesMax} bytes.`,
        retry: 'other-target',
      });
    }
    return this.#taken();
  }

  finish(): readonly StreamEvent[] {
    const rest = this.#splitter.rest();
    // What lacks its blank line is a whole event or the half of one that was cut: a half one is not read.
    const data = rest === undefined ? undefined : eventData(rest);
    if (data !== undefined && isJson(data)) this.#readData(data);
    if (this.#bytes > 0 && !this.#started && !this.#failed) throw notUnderstood('it has no message_start');
    return this.#taken();
  }

  #taken(): readonly StreamEvent[] {
    const events = this.#events;
    if (events.length > 0) this.#events = [];
    return events;
  }

  #readEvent(event: Buffer): void {
    const data = eventData(event);
    if (data !== undefined && data !== '') this.#readData(data);
  }

  #readData(data: string): void {
    if (this.#ended || data === DONE) return;
    const fields = parsedEvent(data);
    const type = textIn(fields, 'type');
    if (type === 'error' || (type === undefined && isFields(fields['error']))) this.#fail(fields);
    else if (type === undefined) throw notUnderstood('an event without a type');
    else if (type === 'ping') this.#events.push({ type: 'ping' });
    else if (type === 'message_start') this.#start(fields);
    else if (this.#started) this.#go(type, fields);
    else throw notUnderstood(`its first event is ${type.slice(0, 64)}, not message_start`);
  }

  #fail(fields: Fields): void {
    this.#failed = true;
    this.#events.push({ type: 'answer-error', error: errorOf(fields['error']) });
  }

  #start({ message }: Fields): void {
    if (!isFields(message)) throw notUnderstood('a message_start without a message');
    this.#started = true;
    const { usage, ...rest } = messageRest(message);
    const start: Draft<Start> = { type: 'answer-start', rest: { dialect: MESSAGES, fields: rest } };
    const id = textIn(message, 'id');
    if (id !== undefined) start.id = id;
    const model = textIn(message, 'model');
    if (model !== undefined) start.model = model;
    const tier = isFields(usage) ? textIn(usage, 'service_tier') : undefined;
    if (tier !== undefined) start.serviceTier = tier;
    this.#events.push(start);
    // What stands there for the output is no count yet, but a placeholder until `message_delta`.
    const { output_tokens: _, ...counted } = isFields(usage) ? usage : {};
    this.#count(usage, counted);
    for (const block of startedParts(message['content'])) {
      this.#blocks.start({ content_block: block });
      this.#blocks.stopAll();
    }
  }

  #go(type: string, fields: Fields): void {
    if (type === 'content_block_delta') this.#blocks.delta(fields);
    else if (type === 'content_block_start') this.#blocks.start(fields);
    else if (type === 'content_block_stop') this.#blocks.stop(fields['index']);
    else if (type === 'message_delta') this.#messageDelta(fields);
    else if (type === 'message_stop') this.#end();
  }

  #messageDelta({ delta, usage, type: _, ...rest }: Fields): void {
    this.#count(usage);
    if (!isFields(delta) || textIn(delta, 'stop_reason') === undefined) return;
    this.#blocks.stopAll();
    const own = { ...messageRest(delta), ...messageRest(rest) };
    const finish = { type: 'choice-finish', choice: 0, finish: readFinish(delta) } as const;
    const known = Object.keys(own).length === 0;
    this.#events.push(known ? finish : { ...finish, rest: { dialect: MESSAGES, fields: own } });
  }

  #count(usage: unknown, counted = usage): void {
    if (!isFields(usage) || !isFields(counted)) return;
    this.#usage = mergedAnthropicUsage(this.#usage, usage);
    this.#counted = mergedAnthropicUsage(this.#counted, counted);
    const counts = readAnthropicUsage(this.#counted);
    if (counts === undefined) return;
    const update: Draft<Update> = {
      type: 'usage-update',
      usage: counts,
      rest: { dialect: MESSAGES, fields: this.#usage },
    };
    const tier = textIn(this.#usage, 'service_tier');
    if (tier !== undefined) update.serviceTier = tier;
    this.#events.push(update);
  }

  #end(): void {
    this.#blocks.stopAll();
    this.#ended = true;
    this.#events.push({ type: 'answer-end' });
  }
}

function parsedEvent(data: string): Fields {
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch (error) {
    if (error instanceof SyntaxError) throw notUnderstood('an event that is not JSON');
    throw error;
  }
  if (!isFields(value)) throw notUnderstood('an event that is no JSON object');
  return value;
}

function isJson(data: string): boolean {
  try {
    JSON.parse(data);
    return true;
  } catch (error) {
    // The half of an event that was cut off; the stream is incomplete, and is told as that.
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}
