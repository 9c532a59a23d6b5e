import type { GateOptions } from '../../exchange/dialect.ts';
import { SaidText } from '../../exchange/said-text.ts';
import { GatewayError } from '../../kernel/errors.ts';
import { readGeminiUsage } from '../../providers/gemini/usage.ts';
import { isObject } from '../request-object.ts';
import { dataObject, SseGate } from '../sse-gate.ts';
import type { StreamForm } from './address.ts';
import { addCandidate, candidatesOf, errorInside, finishReasonOf } from './answer.ts';
import { ArrayForm } from './array-form.ts';

/**
 * The gate of Gemini's streams.
 *
 * They have no last event: an answer is over when each of its candidates has
 * given a reason, and the stream with its bytes. So from the event on that
 * completes the answer, the latest one is held until the next comes, and the
 * last one until the call is settled. Usage is cumulative: the last that was
 * told holds. Whole events pass as they came; for a client that reads an array,
 * their data become its elements.
 */
export class GeminiStreamGate extends SseGate {
  readonly #array: ArrayForm | undefined;
  /** The latest event of an answer that is complete. */
  #latest: Buffer | undefined;
  readonly #begun = new Set<unknown>();
  readonly #finished = new Set<unknown>();
  #blocked = false;

  constructor(options: GateOptions, form: StreamForm) {
    super(options, new SaidText());
    this.#array = form === 'array' ? new ArrayForm() : undefined;
  }

  protected override onEvent(event: Buffer, data: string | undefined): void {
    const fields = data === undefined ? undefined : dataObject(data);
    if (fields !== undefined) this.#read(fields);
    else if (data !== undefined) this.draft.dataEvents++;
    if (this.#array !== undefined && data !== undefined) {
      // What is no JSON has no place in an array.
      if (fields === undefined) throw notJson();
      this.#take(Buffer.from(this.#array.element(data)));
    } else if (this.#array === undefined) this.#pass(event, data);
  }

  #pass(event: Buffer, data: string | undefined): void {
    // A comment after the last event says nothing of whether it is the last.
    if (data === undefined && this.#latest !== undefined) this.#latest = Buffer.concat([this.#latest, event]);
    else this.#take(event);
  }

  #take(told: Buffer): void {
    if (this.#latest !== undefined) this.put(this.#latest);
    this.#latest = this.#complete ? told : undefined;
    if (this.#latest === undefined) this.put(told);
  }

  protected override end(): boolean {
    const complete = this.#complete && this.draft.error === undefined;
    this.draft.terminal = complete;
    if (this.#latest !== undefined) this.put(this.#latest);
    if (this.#array === undefined) return complete;
    // Otherwise an error of ours follows as the last element.
    if (complete || this.draft.error !== undefined) this.put(Buffer.from(this.#array.end()));
    return complete;
  }

  errorEvent(error: GatewayError, requestId: string): Buffer | undefined {
    return this.#array?.errorEvent(error, requestId);
  }

  protected override closed(rest: Buffer): Buffer {
    const crlf = rest.includes('\r\n');
    return rest.at(-1) === 0x0a && crlf ? Buffer.concat([rest, Buffer.from('\r\n')]) : super.closed(rest);
  }

  get #complete(): boolean {
    return this.#blocked || (this.#finished.size > 0 && this.#finished.size === this.#begun.size);
  }

  #read(fields: Readonly<Record<string, unknown>>): void {
    const candidates = candidatesOf(fields);
    for (const candidate of candidates) {
      const { index = 0, finishReason } = candidate;
      this.#begun.add(index);
      if (typeof finishReason === 'string' && finishReason !== '') this.#finished.add(index);
      if (addCandidate(this.said, candidate)) this.draft.contentSeen = true;
    }
    if (isObject(fields['error'])) this.draft.error ??= errorInside(fields['error']);
    const { promptFeedback } = fields;
    if (isObject(promptFeedback) && promptFeedback['blockReason'] !== undefined) this.#blocked = true;
    // One that only counts, or says who answers, is no progress: another target may still serve the call.
    if (candidates.length > 0 || this.#blocked || this.draft.error !== undefined) this.draft.dataEvents++;
    const reason = finishReasonOf(fields);
    if (reason !== undefined) this.draft.finishReason = reason;
    const usage = readGeminiUsage(fields['usageMetadata']);
    if (usage !== undefined) this.draft.usage = usage;
  }
}

function notJson(): GatewayError {
  return new GatewayError('upstream_error', {
    message: 'The provider sent an event that is no JSON object, which has no place in an array.',
    retry: 'other-target',
  });
}
