import type { GateOptions } from '../../exchange/dialect.ts';
import { SaidText } from '../../exchange/said-text.ts';
import type { GatewayError } from '../../kernel/errors.ts';
import { errorInEvent, errorOf } from '../../providers/responses/answer-errors.ts';
import { responseUsage } from '../../providers/responses/usage.ts';
import { isObject } from '../request-object.ts';
import { dataObject, SseGate } from '../sse-gate.ts';
import { finishReasonOf } from './answer.ts';
import { failureEvents } from './errors.ts';
import type { ResponseIdentity } from './response-object.ts';
import { addItem, isContent } from './said-items.ts';

type Fields = Readonly<Record<string, unknown>>;

/**
 * An answer that has only begun is no progress yet: a provider at its limit may
 * begin one, and then say so, and until more has come another target may still
 * serve the call.
 */
const SAY_NOTHING: ReadonlySet<unknown> = new Set([
  'response.created',
  'response.queued',
  'response.in_progress',
  'keepalive',
]);
/** The marker of other dialects' ends, which some providers send after this one's. */
const DONE = '[DONE]';
/** Whose pieces are sound in base64, and no text. */
const SOUND = 'response.audio.delta';

/**
 * The gate of the Responses API's streams.
 *
 * Every event passes as it came; the one that ends the answer, complete or not,
 * is held with all that follows until the call is settled, and a stream without
 * it is not complete. Errors are the provider's own and pass too: an `error`,
 * and the `response.failed` after it.
 */
export class ResponsesStreamGate extends SseGate {
  #response: ResponseIdentity | undefined;
  /** What the next event is numbered. */
  #sequence = 0;

  constructor(options: GateOptions) {
    super(options, new SaidText());
  }

  errorEvent(error: GatewayError, requestId: string): Buffer {
    return failureEvents(error, requestId, { sequence: this.#sequence, response: this.#response });
  }

  protected override onEvent(event: Buffer, data: string | undefined): void {
    const fields = data === undefined ? undefined : dataObject(data);
    if (fields !== undefined) this.#read(fields);
    if (data !== undefined && !SAY_NOTHING.has(fields?.['type'])) this.draft.dataEvents++;
    this.put(event);
  }

  protected override isWholeData(data: string): boolean {
    return data === DONE || super.isWholeData(data);
  }

  #read(fields: Fields): void {
    const { type, delta, sequence_number: sequence } = fields;
    if (typeof sequence === 'number') this.#sequence = sequence + 1;
    if (typeof delta === 'string') {
      if (type !== SOUND) this.said.add(delta);
      if (delta !== '') this.draft.contentSeen = true;
      return;
    }
    switch (type) {
      case 'response.created':
        this.#begin(fields['response']);
        return;
      case 'response.output_item.added':
      case 'response.output_item.done':
        this.#addItem(fields['item'], type === 'response.output_item.added');
        return;
      case 'response.completed':
      case 'response.incomplete':
      case 'response.failed':
        this.#end(fields['response'], type);
        return;
      case 'error':
        this.draft.error ??= errorInEvent(fields);
        return;
      default:
        // Hosted tools at work, pictures as they come: more than an answer that has only begun.
        if (typeof type === 'string' && type.endsWith('.partial_image')) this.draft.contentSeen = true;
    }
  }

  #begin(response: unknown): void {
    if (!isObject(response)) return;
    const { id, created_at: createdAt, model } = response;
    if (typeof id !== 'string') return;
    this.#response = {
      id,
      createdAt: typeof createdAt === 'number' ? createdAt : 0,
      model: typeof model === 'string' ? model : '',
    };
  }

  #addItem(item: unknown, begun: boolean): void {
    if (isContent(item)) this.draft.contentSeen = true;
    // What an item says comes in pieces once it has begun; its name comes only here.
    if (begun && isObject(item) && typeof item['name'] === 'string') this.said.add(item['name']);
  }

  #end(response: unknown, type: string): void {
    this.draft.terminal = true;
    const fields = isObject(response) ? response : {};
    const usage = responseUsage(fields);
    if (usage !== undefined) this.draft.usage = usage;
    if (type === 'response.failed') {
      this.draft.error ??= errorOf(fields['error']);
      return;
    }
    const reason = finishReasonOf(fields);
    if (reason !== undefined) this.draft.finishReason = reason;
    const { output } = fields;
    if (!Array.isArray(output)) return;
    if (output.some(isContent)) this.draft.contentSeen = true;
    // Of an answer that came whole with its end.
    if (this.said.chars === 0) for (const item of output) addItem(this.said, item);
  }
}
