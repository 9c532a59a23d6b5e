import type { FinishReason, StreamEvent } from '../../protocol/chat/answer.ts';
import type { AudioPart, Citation, ContentPart } from '../../protocol/chat/content.ts';
import { readAnnotations } from './annotations.ts';
import { readSpokenAudio } from './assistant-message.ts';
import { readContent, readImage } from './content-parts.ts';
import { readFinish } from './finish.ts';
import { detailKey, detailRest, detailSignature, plainReasoning, readDetail } from './reasoning.ts';
import type { WholeNames } from './short-names.ts';
import { StreamCalls } from './stream-calls.ts';
import { answerMisfit, isObject, notUnderstood, ownRestOf, restOf, someText, type WireObject } from './wire.ts';

const CHOICE_NAMES = new Set(['index', 'delta', 'finish_reason', 'logprobs', 'usage']);
const DELTA_NAMES = new Set([
  'role',
  'content',
  'refusal',
  'annotations',
  'audio',
  'images',
  'tool_calls',
  'function_call',
  'reasoning',
  'reasoning_content',
  'reasoning_details',
]);

type Events = StreamEvent[];

/** Sound is kept until it is whole: half an hour of it in base64, and no more. */
const AUDIO_CHARS_MAX = 64 * 1024 * 1024;
/** So many whole parts wait for tool calls to end. */
const WAITING_MAX = 1_024;

/** The one part that is being written, when it is none of the tool calls. */
interface OpenPart {
  readonly kind: 'text' | 'reasoning' | 'refusal';
  readonly part: number;
  /** Which thought, where the provider tells them apart. */
  readonly key?: string;
  signed: boolean;
}

/**
 * One choice of a stream: pieces in, parts that begin, grow and end out. What
 * comes whole while tool calls are being written waits until they are.
 */
export class StreamChoice {
  readonly index: number;
  readonly #calls: StreamCalls;
  #parts = 0;
  #open: OpenPart | undefined;
  #waiting: ContentPart[] = [];
  #audio: Record<string, unknown> | undefined;
  #found: readonly Citation[] = [];
  #refused = false;
  /** Line ends that came between the pieces of tool calls: no text, unless one follows them. */
  #blank = '';
  #said: unknown;
  #rest: Record<string, unknown> | undefined;

  constructor(index: number, answerId: string | undefined, names: WholeNames) {
    this.index = index;
    this.#calls = new StreamCalls({ choice: index, answerId, names }, () => this.#parts++);
  }

  /** Whether the provider has said why it ended. */
  get ended(): boolean {
    return typeof this.#said === 'string';
  }

  /** Pages that stand for the whole text, cited at its end. The last list is the whole one. */
  foundPages(citations: readonly Citation[]): void {
    if (citations.length > 0) this.#found = citations;
  }

  read(choice: WireObject, events: Events): void {
    const delta = isObject(choice['delta']) ? choice['delta'] : choice['message'];
    if (isObject(delta)) this.#readDelta(delta, events);
    const said = choice['finish_reason'];
    if (typeof said === 'string' && said !== '') this.#said = said;
    this.#keep(restOf(choice, CHOICE_NAMES)?.fields);
  }

  #readDelta(delta: WireObject, events: Events): void {
    this.#readReasoning(delta, events);
    this.#readContent(delta['content'], events);
    for (const citation of readAnnotations(delta['annotations'])) this.#cite(citation, events);
    const refusal = someText(delta['refusal']);
    if (refusal !== undefined) this.#refuse(refusal, events);
    if (isObject(delta['audio'])) this.#hear(delta['audio']);
    if (Array.isArray(delta['images'])) {
      for (const image of delta['images']) {
        if (isObject(image)) this.#whole(readImage(image, 'choices[].delta.images[]', answerMisfit), events);
      }
    }
    this.#readCalls(delta, events);
    const more = restOf(delta, DELTA_NAMES)?.fields;
    if (more !== undefined) this.#keep({ message: more });
  }

  #keep(fields: WireObject | undefined): void {
    if (fields === undefined) return;
    const earlier = this.#rest?.['message'];
    const message = fields['message'];
    this.#rest = { ...this.#rest, ...fields };
    if (isObject(earlier) && isObject(message)) this.#rest['message'] = { ...earlier, ...message };
  }

  #readReasoning(delta: WireObject, events: Events): void {
    const details = Array.isArray(delta['reasoning_details']) ? delta['reasoning_details'].filter(isObject) : [];
    if (details.length === 0) {
      const text = plainReasoning(delta);
      if (text !== undefined) this.#think(text, events);
      return;
    }
    const readable = details.some((detail) => typeof (detail['text'] ?? detail['summary']) === 'string');
    const text = plainReasoning(delta);
    if (!readable && text !== undefined) this.#think(text, events);
    for (const detail of details) this.#readDetail(detail, events);
  }

  #readDetail(detail: WireObject, events: Events): void {
    const { type } = detail;
    if (type !== 'reasoning.text' && type !== 'reasoning.summary') {
      this.#whole(readDetail(detail), events);
      return;
    }
    const text = someText(type === 'reasoning.text' ? detail['text'] : detail['summary']);
    const signature = detailSignature(detail['signature'], detail);
    const open = this.#open;
    const key = detailKey(detail);
    const goesOn = open?.kind === 'reasoning' && open.key === key && !(open.signed && text !== undefined);
    if (!goesOn && text === undefined && signature === undefined) return;
    const { part } = goesOn ? open : this.#startThought(detail, key, events);
    if (text !== undefined) events.push({ type: 'reasoning-delta', choice: this.index, part, text });
    if (signature !== undefined) {
      if (this.#open !== undefined) this.#open.signed = true;
      events.push({ type: 'signature-add', choice: this.index, part, signature });
    }
  }

  #startThought(detail: WireObject, key: string, events: Events): OpenPart {
    const id = someText(detail['id']);
    const rest = detailRest(detail);
    const open = this.#start('reasoning', events, key);
    events.push({
      type: 'reasoning-start',
      choice: this.index,
      part: open.part,
      ...(id === undefined ? {} : { id }),
      ...(detail['type'] === 'reasoning.summary' ? { summary: true } : {}),
      ...(rest === undefined ? {} : { rest }),
    });
    return open;
  }

  #think(text: string, events: Events): void {
    let open = this.#open;
    if (open?.kind !== 'reasoning') {
      open = this.#start('reasoning', events);
      events.push({ type: 'reasoning-start', choice: this.index, part: open.part });
    }
    events.push({ type: 'reasoning-delta', choice: this.index, part: open.part, text });
  }

  #readContent(content: unknown, events: Events): void {
    if (typeof content === 'string') {
      if (this.#calls.open && content.trim() === '') this.#blank += content;
      else if (content !== '') this.#say(content, events);
      return;
    }
    for (const part of readContent(content, 'choices[].delta.content', answerMisfit)) {
      if (part.type === 'text') this.#say(part.text, events);
      else if (part.type === 'reasoning') this.#think(part.text ?? '', events);
      else if (part.type === 'refusal') this.#refuse(part.text, events);
      else this.#whole(part, events);
    }
  }

  #say(said: string, events: Events): void {
    const { part } = this.#text(events);
    const text = this.#blank + said;
    this.#blank = '';
    events.push({ type: 'text-delta', choice: this.index, part, text });
  }

  #cite(citation: Citation, events: Events): void {
    const { part } = this.#text(events);
    events.push({ type: 'citation-add', choice: this.index, part, citation });
  }

  #text(events: Events): OpenPart {
    if (this.#open?.kind === 'text') return this.#open;
    const open = this.#start('text', events);
    events.push({ type: 'text-start', choice: this.index, part: open.part });
    return open;
  }

  #refuse(text: string, events: Events): void {
    this.#refused = true;
    let open = this.#open;
    if (open?.kind !== 'refusal') {
      open = this.#start('refusal', events);
      events.push({ type: 'refusal-start', choice: this.index, part: open.part });
    }
    events.push({ type: 'refusal-delta', choice: this.index, part: open.part, text });
  }

  /** Sound comes in pieces of base64 that only together are one. */
  #hear(audio: WireObject): void {
    this.#audio ??= {};
    for (const [name, value] of Object.entries(audio)) {
      const earlier = this.#audio[name];
      const grows = (name === 'data' || name === 'transcript') && typeof value === 'string';
      this.#audio[name] = grows && typeof earlier === 'string' ? earlier + value : (value ?? earlier);
    }
    const { data } = this.#audio;
    if (typeof data === 'string' && data.length > AUDIO_CHARS_MAX)
      throw notUnderstood('the sound in its stream is too long');
  }

  #readCalls(delta: WireObject, events: Events): void {
    const { tool_calls: calls, function_call: older } = delta;
    if (Array.isArray(calls) && calls.length > 0) {
      this.#closeOpen(events);
      for (const call of calls) this.#calls.read(call, events);
    } else if (isObject(older)) {
      this.#closeOpen(events);
      this.#calls.read({ index: 0, function: older }, events);
    }
  }

  #start(kind: OpenPart['kind'], events: Events, key?: string): OpenPart {
    this.#closeAll(events);
    this.#open = { kind, part: this.#parts++, signed: false, ...(key === undefined ? {} : { key }) };
    return this.#open;
  }

  #whole(content: ContentPart, events: Events): void {
    if (this.#calls.open) {
      if (this.#waiting.length >= WAITING_MAX)
        throw notUnderstood(`its stream has more than ${WAITING_MAX} whole parts`);
      this.#waiting.push(content);
      return;
    }
    this.#closeOpen(events);
    events.push({ type: 'part-add', choice: this.index, part: this.#parts++, content });
  }

  #closeOpen(events: Events): void {
    if (this.#open === undefined) return;
    events.push({ type: 'part-end', choice: this.index, part: this.#open.part });
    this.#open = undefined;
  }

  #closeAll(events: Events): void {
    this.#closeOpen(events);
    this.#calls.close(events);
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const content of waiting) this.#whole(content, events);
  }

  /** Everything has come: what is open ends, and why the choice ended. */
  end(events: Events): void {
    if (this.#blank !== '') this.#say('', events);
    for (const citation of this.#found) this.#cite(citation, events);
    this.#closeAll(events);
    if (this.#audio !== undefined) this.#whole(this.#spoken(this.#audio), events);
    const finish = readFinish(this.#said, { toolCalls: this.#calls.any, refused: this.#refused });
    const rest = this.#rest === undefined ? undefined : ownRestOf(this.#rest);
    events.push({
      type: 'choice-finish',
      choice: this.index,
      finish: this.#finish(finish),
      ...(rest === undefined ? {} : { rest }),
    });
  }

  #spoken(audio: WireObject): AudioPart {
    return readSpokenAudio({ data: '', ...audio });
  }

  /** Sound ends without a reason of its own. */
  #finish<T extends { readonly reason: FinishReason; readonly said?: string }>(finish: T): T {
    return finish.said === undefined && this.#audio !== undefined ? { ...finish, reason: 'stop' } : finish;
  }
}
