import { GatewayError } from '../../kernel/errors.ts';
import { eventData, SseSplitter } from '../../kernel/sse-splitter.ts';
import type { StreamEvent } from '../../protocol/chat/answer.ts';
import type { StreamReader, StreamReaderOptions } from '../../protocol/chat/codec.ts';
import type { Usage } from '../../protocol/usage.ts';
import { readSearchResults } from './annotations.ts';
import { endedInError, errorInAnswer } from './error-inside.ts';
import { readLogprobs } from './logprobs.ts';
import { WholeNames } from './short-names.ts';
import { StreamChoice } from './stream-choice.ts';
import { DONE, eventObject, isWholeEvent } from './stream-event.ts';
import { readUsage } from './usage.ts';
import { answerMisfit, isObject, notUnderstood, restOf, someText, type WireObject } from './wire.ts';

const CHUNK_NAMES = new Set([
  'id',
  'object',
  'created',
  'model',
  'choices',
  'usage',
  'service_tier',
  // Padding that hides how long the chunks are: OpenAI's, Mistral's.
  'obfuscation',
  'p',
]);
/** More choices than any provider gives; each costs memory for as long as the stream runs. */
const CHOICES_MAX = 128;

/**
 * Reads the stream of a provider of the Chat Completions family.
 *
 * It is complete once `[DONE]` has come, or without one once each of its
 * choices has said why it ended. Reasons are told at that end and not before:
 * some providers say them twice, and some go on after the first.
 */
export class ChatStreamReader implements StreamReader {
  readonly #eventBytesMax: number;
  readonly #names: WholeNames;
  readonly #splitter = new SseSplitter();
  readonly #choices = new Map<number, StreamChoice>();
  #events: StreamEvent[] = [];
  #head: Record<string, unknown> | undefined = {};
  #answerId: string | undefined;
  #usage: Usage | undefined;
  #over = false;
  #failed = false;
  readonly #take = (event: Buffer) => this.#onEvent(event);

  constructor({ eventBytesMax, longNames }: StreamReaderOptions) {
    this.#eventBytesMax = eventBytesMax;
    this.#names = new WholeNames(longNames);
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
      const choices = [...this.#choices.values()];
      if (choices.length > 0 && choices.every(({ ended }) => ended)) this.#end();
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
    const data = eventData(event);
    if (data === undefined) {
      if (event[0] === COLON) this.#events.push({ type: 'ping' });
      return;
    }
    if (this.#failed) return;
    if (data === DONE) this.#end();
    else this.#readChunk(eventObject(data, notUnderstood));
  }

  #end(): void {
    if (this.#over || this.#failed) return;
    this.#over = true;
    if (this.#choices.size === 0) throw notUnderstood('its stream ended without a choice');
    for (const choice of this.#choices.values()) choice.end(this.#events);
    this.#events.push({ type: 'answer-end' });
  }

  #readChunk(chunk: WireObject): void {
    const { choices, error } = chunk;
    if (error !== undefined && error !== null) return this.#fail(errorInAnswer(error));
    if (!Array.isArray(choices) && !this.#isAside(chunk))
      throw notUnderstood('an event of its stream has no `choices`');
    const given = Array.isArray(choices) && !this.#over ? choices : [];
    this.#readHead(chunk, given.length > 0);
    // Before the choices: one of them may end the stream with an error, and what was used is billed all the same.
    this.#readUsage(chunk, given);
    for (const choice of given) if (!this.#failed) this.#readChoice(choice);
    if (!this.#over && !this.#headless()) this.#cite(chunk);
  }

  #fail(error: GatewayError): void {
    this.#failed = true;
    this.#events.push({ type: 'answer-error', error });
  }

  #headless(): boolean {
    return this.#head !== undefined;
  }

  /** What is no chunk may stand beside chunks: usage by itself, and what a provider adds to a stream that is under way. */
  #isAside(chunk: WireObject): boolean {
    return (
      isObject(chunk['usage']) || !this.#headless() || someText(chunk['object'])?.startsWith('chat.completion') === true
    );
  }

  /** The answer starts with its first choice: Azure's filter results and other prefaces come before that. */
  #readHead(chunk: WireObject, starts: boolean): void {
    if (this.#head === undefined) return;
    for (const [name, value] of Object.entries(chunk)) {
      if (name === 'choices' || name === 'usage' || name === 'object') continue;
      if (value !== '' && value !== null && value !== 0) this.#head[name] = value;
    }
    if (!starts) return;
    const head = this.#head;
    this.#head = undefined;
    const id = someText(head['id']);
    const model = someText(head['model']);
    const tier = someText(head['service_tier']);
    const rest = restOf(head, CHUNK_NAMES);
    this.#answerId = id;
    this.#events.push({
      type: 'answer-start',
      ...(id === undefined ? {} : { id }),
      ...(model === undefined ? {} : { model }),
      ...(typeof head['created'] === 'number' ? { createdAt: head['created'] } : {}),
      ...(tier === undefined ? {} : { serviceTier: tier }),
      ...(rest === undefined ? {} : { rest }),
    });
  }

  #readChoice(value: unknown): void {
    if (!isObject(value)) throw answerMisfit('choices[]', 'an object');
    if (isObject(value['error'])) return this.#fail(errorInAnswer(value['error']));
    const choice = this.#choiceAt(value['index']);
    choice.read(value, this.#events);
    if (value['finish_reason'] === 'error') return this.#fail(endedInError());
    const { content, refusal } = readLogprobs(value['logprobs']) ?? {};
    if (content !== undefined && content.length > 0) {
      this.#events.push({ type: 'logprobs-add', choice: choice.index, of: 'text', logprobs: content });
    }
    if (refusal !== undefined && refusal.length > 0) {
      this.#events.push({ type: 'logprobs-add', choice: choice.index, of: 'refusal', logprobs: refusal });
    }
  }

  #choiceAt(index: unknown): StreamChoice {
    const place = typeof index === 'number' && Number.isSafeInteger(index) && index >= 0 ? index : 0;
    let choice = this.#choices.get(place);
    if (choice === undefined) {
      if (this.#choices.size >= CHOICES_MAX) throw notUnderstood(`its stream has more than ${CHOICES_MAX} choices`);
      choice = new StreamChoice(place, this.#answerId, this.#names);
      this.#choices.set(place, choice);
    }
    return choice;
  }

  /** Counts are running totals: a later one replaces an earlier one. Groq and Moonshot have places of their own for them. */
  #readUsage(chunk: WireObject, choices: readonly unknown[]): void {
    let raw: unknown = chunk['usage'];
    if (!isObject(raw) && isObject(chunk['x_groq'])) raw = chunk['x_groq']['usage'];
    for (const choice of choices) if (!isObject(raw) && isObject(choice)) raw = choice['usage'];
    const usage = isObject(raw) ? readUsage(raw, chunk) : undefined;
    if (usage === undefined) return;
    this.#usage = { ...this.#usage, ...usage };
    const tier = someText(chunk['service_tier']);
    this.#events.push({
      type: 'usage-update',
      usage: this.#usage,
      ...(tier === undefined ? {} : { serviceTier: tier }),
    });
  }

  /** Perplexity and xAI name what they read beside the choices, in one chunk or in each. */
  #cite(chunk: WireObject): void {
    const [choice] = this.#choices.values();
    if (choice === undefined || (chunk['search_results'] === undefined && chunk['citations'] === undefined)) return;
    choice.foundPages(readSearchResults(chunk));
  }
}

const COLON = 0x3a;
