import type { GateOptions } from '../../exchange/dialect.ts';
import { SaidText } from '../../exchange/said-text.ts';
import { isRawUsage, type RawUsage } from '../../protocol/usage-fields.ts';
import { mergedAnthropicUsage, readAnthropicUsage } from '../../providers/anthropic/usage.ts';
import { isObject } from '../request-object.ts';
import { dataObject, SseGate } from '../sse-gate.ts';
import { addBlock, errorInside } from './answer.ts';

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
 * until the call is settled, and a stream without it is not complete. Usage
 * comes in two halves: the input at the start, the output with the end; the
 * placeholder for the output that stands at the start is no count.
 */
export class AnthropicStreamGate extends SseGate {
  #usage: RawUsage | undefined;

  constructor(options: GateOptions) {
    super(options, new SaidText());
  }

  protected override onEvent(event: Buffer, data: string | undefined): void {
    const fields = data === undefined ? undefined : dataObject(data);
    if (fields !== undefined) this.#read(fields);
    if (data !== undefined && !SAY_NOTHING.has(fields?.['type'])) this.draft.dataEvents++;
    this.put(event);
  }

  #read(fields: Readonly<Record<string, unknown>>): void {
    const { type, delta } = fields;
    switch (type) {
      case 'content_block_delta':
        this.draft.contentSeen = true;
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
          this.draft.finishReason = delta['stop_reason'];
        }
        this.#addUsage(fields['usage']);
        return;
      case 'message_stop':
        this.draft.terminal = true;
        return;
      case 'error':
        this.draft.error ??= errorInside(fields['error']);
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
    addBlock(this.said, block);
    if (isObject(block) && (!FILLED_LATER.has(block['type']) || this.said.chars > 0)) this.draft.contentSeen = true;
  }

  #addDelta({ text, thinking, partial_json: json }: Readonly<Record<string, unknown>>): void {
    for (const piece of [text, thinking, json]) if (typeof piece === 'string') this.said.add(piece);
  }

  #addUsage(usage: unknown): void {
    if (!isRawUsage(usage)) return;
    this.#usage = mergedAnthropicUsage(this.#usage, usage);
    const read = readAnthropicUsage(this.#usage);
    if (read !== undefined) this.draft.usage = read;
  }
}
