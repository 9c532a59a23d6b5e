import type { Finish } from '../../protocol/chat/answer.ts';
import type { Citation } from '../../protocol/chat/content.ts';
import { readAnnotations } from './annotations.ts';
import { readContent, readImage } from './content-parts.ts';
import { readFinish } from './finish.ts';
import type { WholeNames } from './short-names.ts';
import { StreamedAudio } from './stream-audio.ts';
import { type Events, type OpenPart, StreamParts } from './stream-parts.ts';
import { readThoughts, think } from './stream-thoughts.ts';
import { answerMisfit, isObject, ownRestOf, restOf, someText, type WireObject } from './wire.ts';

const CHOICE_NAMES = new Set(['index', 'delta', 'message', 'finish_reason', 'logprobs', 'usage']);
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

/** One choice of a stream: pieces in; parts that begin, grow and end, and at last why it ended, out. */
export class StreamChoice {
  readonly index: number;
  readonly #parts: StreamParts;
  #audio: StreamedAudio | undefined;
  #found: readonly Citation[] = [];
  #spoke = false;
  #refused = false;
  /** Line ends that came between the pieces of tool calls: no text, unless one follows them. */
  #blank = '';
  #said: unknown;
  #rest: Record<string, unknown> | undefined;

  constructor(index: number, answerId: string | undefined, names: WholeNames) {
    this.index = index;
    this.#parts = new StreamParts(index, answerId, names);
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
    const said = someText(choice['finish_reason']);
    if (said !== undefined) this.#said = said;
    this.#keep(restOf(choice, CHOICE_NAMES)?.fields);
  }

  /** Everything has come: what is open ends, and why the choice ended. */
  end(events: Events): void {
    if (this.#blank !== '') this.#say('', events);
    if (this.#spoke) for (const citation of this.#found) this.#cite(citation, events);
    this.#parts.close(events);
    if (this.#audio !== undefined) this.#parts.whole(this.#audio.whole(), events);
    const rest = this.#rest === undefined ? {} : { rest: ownRestOf(this.#rest) };
    events.push({ type: 'choice-finish', choice: this.index, finish: this.#finish(), ...rest });
  }

  /** Sound ends without a reason of its own. */
  #finish(): Finish {
    const finish = readFinish(this.#said, { toolCalls: this.#parts.callsAny, refused: this.#refused });
    return finish.said === undefined && this.#audio !== undefined ? { ...finish, reason: 'stop' } : finish;
  }

  #readDelta(delta: WireObject, events: Events): void {
    readThoughts(delta, this.#parts, events);
    this.#readContent(delta['content'], events);
    for (const citation of readAnnotations(delta['annotations'])) this.#cite(citation, events);
    const refusal = someText(delta['refusal']);
    if (refusal !== undefined) this.#refuse(refusal, events);
    if (isObject(delta['audio'])) {
      this.#audio ??= new StreamedAudio();
      this.#audio.add(delta['audio']);
    }
    this.#readImages(delta['images'], events);
    this.#readCalls(delta, events);
    const more = restOf(delta, DELTA_NAMES)?.fields;
    if (more !== undefined) this.#keep({ message: { ...this.#messageRest(), ...more } });
  }

  #readContent(content: unknown, events: Events): void {
    if (typeof content === 'string') {
      if (this.#parts.callsOpen && content.trim() === '') this.#blank += content;
      else if (content !== '') this.#say(content, events);
      return;
    }
    for (const part of readContent(content, 'choices[].delta.content', answerMisfit)) {
      if (part.type === 'text') this.#say(part.text, events);
      else if (part.type === 'reasoning') think(part.text ?? '', this.#parts, events);
      else if (part.type === 'refusal') this.#refuse(part.text, events);
      else this.#parts.whole(part, events);
    }
  }

  #readImages(images: unknown, events: Events): void {
    if (!Array.isArray(images)) return;
    for (const image of images) {
      if (isObject(image)) this.#parts.whole(readImage(image, 'choices[].delta.images[]', answerMisfit), events);
    }
  }

  #readCalls({ tool_calls: calls, function_call: older }: WireObject, events: Events): void {
    const given = Array.isArray(calls) ? calls : [];
    for (const call of given) this.#parts.readCall(call, events);
    if (given.length === 0 && isObject(older)) this.#parts.readCall({ index: 0, function: older }, events);
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
    this.#spoke = true;
    const { open } = this.#parts;
    if (open?.kind === 'text') return open;
    const started = this.#parts.start('text', events);
    events.push({ type: 'text-start', choice: this.index, part: started.part });
    return started;
  }

  #refuse(text: string, events: Events): void {
    this.#refused = true;
    let { open } = this.#parts;
    if (open?.kind !== 'refusal') {
      open = this.#parts.start('refusal', events);
      events.push({ type: 'refusal-start', choice: this.index, part: open.part });
    }
    events.push({ type: 'refusal-delta', choice: this.index, part: open.part, text });
  }

  /** What only this provider says, told with why the choice ended. The last word holds. */
  #keep(fields: WireObject | undefined): void {
    if (fields === undefined) return;
    this.#rest ??= {};
    Object.assign(this.#rest, fields);
  }

  #messageRest(): WireObject {
    const message = this.#rest?.['message'];
    return isObject(message) ? message : {};
  }
}
