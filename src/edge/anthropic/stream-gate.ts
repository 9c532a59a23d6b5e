import type { GateEnd, GateFacts, GateOptions, StreamGate } from '../../exchange/dialect.ts';
import { SaidText } from '../../exchange/said-text.ts';
import { GatewayError } from '../../kernel/errors.ts';
import { eventData, SseSplitter } from '../../kernel/sse-splitter.ts';
import { isRawUsage, type RawUsage } from '../../protocol/usage-fields.ts';
import { mergedAnthropicUsage, readAnthropicUsage } from '../../providers/anthropic/usage.ts';
import { isObject } from '../request-object.ts';
import { addBlock, errorInside } from './answer.ts';

const LF = 0x0a;
/**
 * A message that has only begun is no progress yet: an overloaded provider may
 * begin one, and then say so, and until more has come another target may still
 * serve the call.
 */
const SAY_NOTHING: ReadonlySet<unknown> = new Set(['message_start', 'ping']);
/** Blocks that begin empty and are filled by what follows; any other one is content by itself. */
const FILLED_LATER: ReadonlySet<unknown> = new Set(['text', 'thinking']);

/**
 * The gate of Anthropic's streams.
 *
 * Every event passes as it came; `message_stop`, and what follows it, is held
 * until the call is settled, and a stream without it is not complete. A half
 * event is held until its other half comes, so that an error event of ours
 * never lands inside one of theirs. Usage comes in two halves: the input at the
 * start, the output with the end; the placeholder for the output that stands at
 * the start is no count.
 */
export class AnthropicStreamGate implements StreamGate {
  readonly #options: GateOptions;
  readonly #splitter = new SseSplitter();
  #passed: Buffer[] = [];
  readonly #held: Buffer[] = [];
  readonly #output = new SaidText();
  #usage: RawUsage | undefined;
  readonly #facts: { -readonly [Key in keyof GateFacts]: GateFacts[Key] } = {
    dataEvents: 0,
    contentSeen: false,
    terminal: false,
    output: () => this.#output.text(),
    outputChars: () => this.#output.chars,
  };
  readonly #take = (event: Buffer) => this.#onEvent(event);

  constructor(options: GateOptions) {
    this.#options = options;
  }

  get facts(): GateFacts {
    return this.#facts;
  }

  get heldBytes(): number {
    return this.#splitter.heldBytes;
  }

  push(chunk: Buffer): Buffer | undefined {
    this.#splitter.push(chunk, this.#take);
    if (this.#splitter.heldBytes > this.#options.eventBytesMax) {
      throw new GatewayError('upstream_error', {
        message: `The provider sent a single event of more than ${this.#options.eventBytesMax} bytes.`,
        retry: 'other-target',
      });
    }
    return this.#takePassed();
  }

  finish(): GateEnd {
    const rest = this.#splitter.rest();
    if (rest !== undefined && isWhole(rest)) this.#onEvent(closed(rest));
    const passed = this.#takePassed();
    const parts = passed === undefined ? this.#held : [passed, ...this.#held];
    return { bytes: parts.length === 0 ? undefined : joined(parts), complete: this.#facts.terminal };
  }

  #takePassed(): Buffer | undefined {
    if (this.#passed.length === 0) return undefined;
    const bytes = joined(this.#passed);
    this.#passed = [];
    return bytes;
  }

  #onEvent(event: Buffer): void {
    const data = eventData(event);
    // A malformed event is upstream's own: on the native lane the client decides.
    const fields = data === undefined ? undefined : parsed(data);
    if (fields !== undefined) this.#read(fields);
    if (data !== undefined && !SAY_NOTHING.has(fields?.['type'])) this.#facts.dataEvents++;
    (this.#facts.terminal ? this.#held : this.#passed).push(event);
  }

  #read(fields: Readonly<Record<string, unknown>>): void {
    const { type, delta } = fields;
    switch (type) {
      case 'content_block_delta':
        this.#facts.contentSeen = true;
        if (isObject(delta)) this.#addDelta(delta);
        return;
      case 'content_block_start':
        this.#startBlock(fields['content_block']);
        return;
      case 'message_start':
        this.#start(fields['message']);
        return;
      case 'message_delta':
        if (isObject(delta) && typeof delta['stop_reason'] === 'string') {
          this.#facts.finishReason = delta['stop_reason'];
        }
        this.#addUsage(fields['usage']);
        return;
      case 'message_stop':
        this.#facts.terminal = true;
        return;
      case 'error':
        this.#facts.error ??= errorInside(fields['error']);
        return;
    }
  }

  #start(message: unknown): void {
    const usage = isObject(message) ? message['usage'] : undefined;
    if (!isRawUsage(usage)) return;
    const { output_tokens: _, ...known } = usage;
    this.#addUsage(known);
    // A message that comes whole at its start is no stream that anybody sends, and is read all the same.
    const content = isObject(message) ? message['content'] : undefined;
    if (Array.isArray(content)) for (const block of content) this.#startBlock(block);
  }

  #startBlock(block: unknown): void {
    addBlock(this.#output, block);
    if (isObject(block) && (!FILLED_LATER.has(block['type']) || this.#output.chars > 0)) this.#facts.contentSeen = true;
  }

  #addDelta({ text, thinking, partial_json: json }: Readonly<Record<string, unknown>>): void {
    for (const piece of [text, thinking, json]) if (typeof piece === 'string') this.#output.add(piece);
  }

  #addUsage(usage: unknown): void {
    if (!isRawUsage(usage)) return;
    this.#usage = mergedAnthropicUsage(this.#usage, usage);
    const read = readAnthropicUsage(this.#usage);
    if (read !== undefined) this.#facts.usage = read;
  }
}

function parsed(data: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(data);
    return isObject(value) ? value : undefined;
  } catch {
    // Not JSON: the caller passes the event on as it came.
    return undefined;
  }
}

/** Whether bytes without a closing blank line are nevertheless a complete event. */
function isWhole(rest: Buffer): boolean {
  const data = eventData(rest);
  if (data !== undefined) return parsed(data) !== undefined;
  const text = rest.toString('latin1');
  return text.trimStart().startsWith(':') || text.trim() === '';
}

/** With the blank line that ends it: without one no parser would take it, nor tell it from what we may have to say next. */
function closed(rest: Buffer): Buffer {
  if (rest.toString('latin1').trim() === '') return rest;
  return Buffer.concat([rest, Buffer.from(rest.at(-1) === LF ? '\n' : '\n\n')]);
}

function joined(parts: readonly Buffer[]): Buffer {
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : Buffer.concat(parts);
}
