import type { Random } from '../../kernel/random.ts';
import type { Shape } from '../dialect.ts';
import { alphanumeric } from '../draws.ts';
import type { JsonObject } from '../json-object.ts';
import { drawMs, type Latency } from '../latency.ts';
import { endlessProse } from '../prose/prose.ts';
import type { StreamEvent, Voice } from '../script.ts';
import type { Piece } from '../tokenizer.ts';
import type { Answer, AnswerItem, CallItem, MessageItem, Progress, ReasoningItem } from './answer.ts';
import { itemTokens } from './answer-limits.ts';
import { idOf } from './brief.ts';
import { streamError } from './errors.ts';
import { type ItemWriter, type Status, textOf } from './item-writer.ts';
import type { ResponseState } from './response-object.ts';

export interface StreamBrief {
  readonly answer: Answer;
  readonly writer: ItemWriter;
  /** The response's object as JSON, in a state. */
  readonly response: (state: ResponseState) => string;
  /** How the response ends. */
  readonly end: ResponseState;
  /** The usage object when so many tokens were made, as JSON. */
  readonly usage: (tokens: number) => string | undefined;
  readonly obfuscates: boolean;
  readonly shape: Shape;
  readonly latency: Latency;
  readonly random: Random;
}

type Events = Generator<StreamEvent, void, undefined>;

/** Hidden tokens are told to the books in portions, so that a call cancelled while thinking shows what was thought. */
const THOUGHT_PORTION_TOKENS = 16;
/** Deltas are filled up to multiples of this, so that their length says nothing about the text. */
const OBFUSCATION_CHARS = 16;

/** One streamed response: its events are numbered without gaps. */
export class ResponseStream {
  readonly #brief: StreamBrief;
  #sequence = 0;
  /** Tokens of the items that are whole. */
  #made = 0;
  #timed = false;

  constructor(brief: StreamBrief) {
    this.#brief = brief;
  }

  /** What faults say in this very stream. The event that an error takes the place of had its number already. */
  readonly voice: Partial<Pick<Voice, 'errorEvent' | 'deltaEvent'>> = {
    errorEvent: (status, detail) => {
      const error = streamError(status, detail);
      this.#sequence = Math.max(0, this.#sequence - 1);
      const failed = { status: 'failed', error: { code: error['code'], message: error['message'] } } as const;
      return this.#text('error', { error }) + this.#state('response.failed', failed);
    },
  };

  *events(): Events {
    const { answer, shape, end, usage } = this.#brief;
    yield quiet('open', this.#state('response.created', { status: 'in_progress' }));
    yield quiet('open', this.#state('response.in_progress', { status: 'in_progress' }));
    for (const [index, item] of answer.items.entries()) {
      yield* this.#item(item, index);
      this.#made += itemTokens(item);
      if (shape.usagePlace === 'every') yield quiet('usage', this.#used(this.#made));
    }
    if (shape.endless !== undefined) yield* this.#endless(answer.items.length);
    if (shape.usagePlace === 'twice') yield quiet('usage', this.#used(answer.tokens));
    const late = shape.usagePlace === 'after-done';
    const told = late ? {} : { usage: usage(answer.tokens) };
    const name = end.status === 'incomplete' ? 'response.incomplete' : 'response.completed';
    yield quiet('done', this.#state(name, { ...end, ...told }));
    if (late) yield quiet('usage', this.#used(answer.tokens));
  }

  *#item(item: AnswerItem, index: number): Events {
    const { writer, answer } = this.#brief;
    const place = { output_index: index };
    const headTokens = item.kind === 'call' ? item.headTokens : 0;
    const added = this.#text('response.output_item.added', { item: writer.first(item), ...place });
    yield { ...quiet('delta', added), tokens: headTokens, afterMs: headTokens > 0 ? this.#tokenMs() : 0 };
    if (item.kind === 'reasoning') yield* this.#thought(item, index);
    if (item.kind === 'message') yield* this.#message(item, index);
    if (item.kind === 'call') yield* this.#call(item, index);
    const broken = answer.incomplete !== undefined && index === answer.items.length - 1;
    const status: Status = broken ? 'incomplete' : 'completed';
    yield quiet('delta', this.#text('response.output_item.done', { item: writer.whole(item, status), ...place }));
  }

  *#thought({ id, pieces, summary }: ReasoningItem, index: number): Events {
    if (summary.length === 0) {
      let left = pieces.reduce((sum, { tokens }) => sum + tokens, 0);
      for (; left > 0; left -= THOUGHT_PORTION_TOKENS) {
        const tokens = Math.min(left, THOUGHT_PORTION_TOKENS);
        let afterMs = 0;
        for (let token = 0; token < tokens; token++) afterMs += this.#tokenMs();
        yield { afterMs, text: '', tokens, part: 'hidden' };
      }
      return;
    }
    for (const [at, part] of summary.entries()) {
      const place = { item_id: id, output_index: index, summary_index: at };
      const whole = { type: 'summary_text', text: textOf(part) };
      const opened = { ...place, part: { type: 'summary_text', text: '' } };
      yield quiet('delta', this.#text('response.reasoning_summary_part.added', opened));
      for (const piece of part) {
        const text = this.#delta('response.reasoning_summary_text.delta', place, piece.text);
        yield { afterMs: this.#tokenMs(), text, tokens: piece.tokens, part: 'delta', thought: true };
      }
      yield quiet('delta', this.#text('response.reasoning_summary_text.done', { ...place, text: whole.text }));
      yield quiet('delta', this.#text('response.reasoning_summary_part.done', { ...place, part: whole }));
    }
  }

  *#message(item: MessageItem, index: number): Events {
    const { writer } = this.#brief;
    const place = { item_id: item.id, output_index: index, content_index: 0 };
    const empty = writer.part({ ...item, pieces: [], annotations: [] });
    yield quiet('delta', this.#text('response.content_part.added', { ...place, part: empty }));
    yield* this.#parted(item, place);
    const text = textOf(item.pieces);
    if (item.part === 'refusal') {
      yield quiet('delta', this.#text('response.refusal.done', { ...place, refusal: text }));
    } else {
      const done = { ...place, logprobs: writer.logprobs(item.pieces), text };
      yield quiet('delta', this.#text('response.output_text.done', done));
    }
    yield quiet('delta', this.#text('response.content_part.done', { ...place, part: writer.part(item) }));
  }

  *#parted({ part, pieces, annotations }: MessageItem, place: JsonObject): Events {
    let chars = 0;
    let told = 0;
    for (const [at, piece] of pieces.entries()) {
      const text =
        part === 'refusal'
          ? this.#delta('response.refusal.delta', place, piece.text)
          : this.#textDelta(place, piece, at);
      yield { afterMs: this.#tokenMs(), text, tokens: piece.tokens, part: 'delta' };
      chars += piece.text.length;
      for (let next = annotations[told]; next !== undefined && next.afterChars <= chars; next = annotations[++told]) {
        const members = { annotation: next.object, annotation_index: told, ...place };
        yield quiet('delta', this.#text('response.output_text.annotation.added', members));
      }
    }
  }

  *#call({ id, before, body, after }: CallItem, index: number): Events {
    const place = { item_id: id, output_index: index };
    for (const step of before) yield this.#progress(step, place);
    if (body !== undefined) {
      for (const piece of body.pieces) {
        const text = this.#delta(`${body.event}.delta`, place, piece.text);
        yield { afterMs: this.#tokenMs(), text, tokens: piece.tokens, part: 'delta' };
      }
      const whole = { [body.member]: textOf(body.pieces), ...place };
      yield quiet('delta', this.#text(`${body.event}.done`, whole));
    }
    for (const step of after) yield this.#progress(step, place);
  }

  #progress({ event, members }: Progress, place: JsonObject): StreamEvent {
    return quiet('delta', this.#text(event, { ...place, ...members }));
  }

  *#endless(index: number): Events {
    const { shape, random, writer } = this.#brief;
    const id = idOf('msg', random);
    const item: MessageItem = { kind: 'message', id, part: 'output_text', pieces: [], annotations: [] };
    const place = { item_id: id, output_index: index, content_index: 0 };
    const added = { item: writer.first(item), output_index: index };
    yield quiet('delta', this.#text('response.output_item.added', added));
    yield quiet('delta', this.#text('response.content_part.added', { ...place, part: writer.part(item) }));
    const afterMs = shape.endless?.intervalMs ?? 0;
    for (const piece of endlessProse(random)) {
      yield { afterMs, text: this.#textDelta(place, piece, 0), tokens: piece.tokens, part: 'delta' };
    }
  }

  /** The first token comes with the head of the answer. */
  #tokenMs(): number {
    const { latency, random } = this.#brief;
    if (this.#timed) return drawMs(latency.perToken, random);
    this.#timed = true;
    return 0;
  }

  #used(tokens: number): string {
    return this.#state('response.in_progress', { status: 'in_progress', usage: this.#brief.usage(tokens) });
  }

  #textDelta(place: JsonObject, piece: Piece, at: number): string {
    const logprobs = this.#brief.writer.logprobs([piece], at);
    return this.#delta('response.output_text.delta', { ...place, logprobs }, piece.text);
  }

  #delta(type: string, place: JsonObject, delta: string): string {
    const { obfuscates, random } = this.#brief;
    const chars = OBFUSCATION_CHARS - (delta.length % OBFUSCATION_CHARS);
    return this.#text(type, { delta, ...place, ...(obfuscates ? { obfuscation: alphanumeric(random, chars) } : {}) });
  }

  #text(type: string, members: JsonObject): string {
    const data = JSON.stringify({ type, ...members, sequence_number: this.#sequence++ });
    return `event: ${type}\ndata: ${data}\n\n`;
  }

  #state(type: string, state: ResponseState): string {
    const response = this.#brief.response(state);
    return `event: ${type}\ndata: {"type":"${type}","response":${response},"sequence_number":${this.#sequence++}}\n\n`;
  }
}

function quiet(part: StreamEvent['part'], text: string): StreamEvent {
  return { afterMs: 0, text, tokens: 0, part };
}
