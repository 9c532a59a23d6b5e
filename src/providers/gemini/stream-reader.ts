import { GatewayError } from '../../kernel/errors.ts';
import { eventData, SseSplitter } from '../../kernel/sse-splitter.ts';
import type { Finish, StreamEvent } from '../../protocol/chat/answer.ts';
import type { StreamReader, StreamReaderOptions } from '../../protocol/chat/codec.ts';
import { type Fields, isFields, textIn } from '../fields.ts';
import { parseExactly } from '../tool-input.ts';
import { notUnderstood } from './answer-errors.ts';
import { AnswerIds } from './answer-ids.ts';
import { blockedChoice, headOf, indexOf } from './answer-reader.ts';
import { ClientTools } from './asked-tools.ts';
import { errorInAnswer } from './judge.ts';
import { StreamCandidate } from './stream-candidate.ts';
import { readGeminiUsage } from './usage.ts';
import { GEMINI, objectsIn, restOf } from './wire.ts';

const HEAD = new Set(['candidates', 'modelVersion', 'responseId', 'createTime', 'usageMetadata', 'promptFeedback']);
/** More candidates than any model gives; each costs memory for as long as the stream runs. */
const CANDIDATES_MAX = 128;
const COLON = 0x3a;

/**
 * Reads a stream of GenerateContentResponses: each event is one, with what is
 * new of each candidate and with the counts so far.
 *
 * Nothing marks the end: the stream is complete when its bytes are over and
 * each candidate has said why it ended, or when the prompt was blocked. So it
 * is told in `finish`.
 */
export class GeminiStreamReader implements StreamReader {
  readonly #options: StreamReaderOptions;
  readonly #splitter = new SseSplitter();
  readonly #candidates = new Map<number, StreamCandidate>();
  readonly #ids = new AnswerIds();
  readonly #tools: ClientTools;
  #events: StreamEvent[] = [];
  #started = false;
  #blocked = false;
  #failed = false;
  #over = false;
  /** The counts as they were last told. */
  #usage: string | undefined;
  readonly #onEvent = (event: Buffer) => this.#readEvent(event);

  constructor(options: StreamReaderOptions) {
    this.#options = options;
    this.#tools = new ClientTools(options);
  }

  get heldBytes(): number {
    return this.#splitter.heldBytes;
  }

  push(chunk: Buffer): readonly StreamEvent[] {
    return this.#reading(() => {
      this.#splitter.push(chunk, this.#onEvent);
      if (this.#splitter.heldBytes <= this.#options.eventBytesMax) return;
      throw new GatewayError('upstream_error', {
        message: `The provider sent a single event of more than ${this.#options.eventBytesMax} bytes.`,
        retry: 'other-target',
      });
    });
  }

  finish(): readonly StreamEvent[] {
    return this.#reading(() => {
      const rest = this.#splitter.rest();
      // A last event without its blank line counts if it is whole; half of one is what a cut stream leaves.
      if (rest !== undefined && isWhole(rest)) this.#readEvent(rest);
      this.#end();
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
    if (events.length > 0) this.#events = [];
    return events;
  }

  #readEvent(event: Buffer): void {
    if (this.#failed || this.#over) return;
    const data = eventData(event);
    if (data !== undefined && data !== '') this.#readResponse(responseIn(data));
    else if (event[0] === COLON) this.#events.push({ type: 'ping' });
    else this.#readBare(event);
  }

  /** An error in the midst of a stream may stand there as it would stand alone, and as no event. */
  #readBare(event: Buffer): void {
    const value = jsonIn(event.toString('utf8'));
    const [only] = objectsIn(Array.isArray(value) ? value : [value]);
    if (only !== undefined && isFields(only['error'])) this.#fail(errorInAnswer(only['error']));
  }

  #fail(error: GatewayError): void {
    this.#failed = true;
    this.#events.push({ type: 'answer-error', error });
  }

  #readResponse(fields: Fields): void {
    if (isFields(fields['error'])) return this.#fail(errorInAnswer(fields['error']));
    const candidates = objectsIn(fields['candidates']);
    const blocked = candidates.length === 0 ? blockedChoice(fields) : undefined;
    this.#ids.name(textIn(fields, 'responseId'));
    if (candidates.length > 0 || blocked !== undefined) this.#start(fields);
    // Before the candidates: one of them may end the stream with an error, and what was used is billed all the same.
    this.#count(fields['usageMetadata']);
    if (blocked !== undefined) this.#block(blocked.finish);
    for (const [at, candidate] of candidates.entries()) this.#candidateAt(indexOf(candidate, at)).read(candidate);
  }

  #block(finish: Finish): void {
    if (this.#candidates.size > 0) {
      for (const candidate of this.#candidates.values()) candidate.block(finish.said ?? '');
    } else if (!this.#blocked) {
      this.#blocked = true;
      this.#events.push({ type: 'choice-finish', choice: 0, finish });
    }
  }

  #start(fields: Fields): void {
    if (this.#started) return;
    this.#started = true;
    const rest = restOf(fields, HEAD);
    this.#events.push({ type: 'answer-start', ...headOf(fields), ...(rest === undefined ? {} : { rest }) });
  }

  #count(raw: unknown): void {
    const usage = readGeminiUsage(raw);
    if (usage === undefined || !isFields(raw)) return;
    const told = JSON.stringify(raw);
    if (told === this.#usage) return;
    this.#usage = told;
    const tier = textIn(raw, 'serviceTier');
    const rest = { dialect: GEMINI, fields: raw } as const;
    this.#events.push({ type: 'usage-update', usage, ...(tier === undefined ? {} : { serviceTier: tier }), rest });
  }

  #candidateAt(index: number): StreamCandidate {
    let candidate = this.#candidates.get(index);
    if (candidate === undefined) {
      if (this.#candidates.size >= CANDIDATES_MAX) {
        throw notUnderstood(`its stream has more than ${CANDIDATES_MAX} candidates`);
      }
      candidate = new StreamCandidate(index, this.#ids, this.#tools, (event) => this.#events.push(event));
      this.#candidates.set(index, candidate);
    }
    return candidate;
  }

  #end(): void {
    const candidates = [...this.#candidates.values()];
    const complete = this.#blocked || (candidates.length > 0 && candidates.every(({ ended }) => ended));
    if (this.#over || this.#failed || !complete) return;
    this.#over = true;
    for (const candidate of candidates) {
      const error = candidate.end();
      if (error !== undefined) return this.#fail(error);
    }
    this.#events.push({ type: 'answer-end' });
  }
}

function responseIn(data: string): Fields {
  const value = jsonIn(data);
  if (value === undefined) throw notUnderstood('an event of its stream is not JSON');
  if (!isFields(value)) throw notUnderstood('an event of its stream is no JSON object');
  return value;
}

/** Whether bytes without a closing blank line are nevertheless a complete event. */
function isWhole(rest: Buffer): boolean {
  return jsonIn(eventData(rest) ?? rest.toString('utf8')) !== undefined;
}

function jsonIn(text: string): unknown {
  try {
    return parseExactly(text);
  } catch (error) {
    // The stream was cut inside this event, or it is none: what is missed then is told by whoever asks.
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
