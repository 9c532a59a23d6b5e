import type { StreamEvent } from '../../protocol/chat/answer.ts';
import type { Signature } from '../../protocol/chat/content.ts';
import { readCallSignature, withoutCallSignature } from './call-signature.ts';
import type { WholeNames } from './short-names.ts';
import { argumentsText, madeCallId } from './tool-calls.ts';
import { answerMisfit, isObject, notUnderstood, ownRestOf, restOf, someText, type WireObject } from './wire.ts';

const KNOWN = new Set(['id', 'type', 'index', 'function', 'custom']);
/** More tool calls in one answer than any client runs; each costs memory for as long as the stream runs. */
const CALLS_MAX = 1_024;

type Events = StreamEvent[];

/** Whose calls they are. */
interface CallsPlace {
  readonly choice: number;
  readonly answerId: string | undefined;
  readonly names: WholeNames;
}

interface StreamCall {
  readonly id: string | undefined;
  readonly place: number;
  kind: 'function' | 'custom';
  /** Set once the call has begun: that is when its name is known. */
  part: number | undefined;
  /** Arguments that came before the name. */
  early: string;
  rest: WireObject | undefined;
  /** Told before the name. */
  signature: Signature | undefined;
  ended: boolean;
}

/**
 * The tool calls of one choice of a stream. Pieces belong to the call of their
 * `index`, which providers keep in several ways:
 *
 * - OpenAI's: id and name in the first piece, arguments in the others;
 * - id and name in each piece, or the whole call in one;
 * - no id at all: it gets one;
 * - each call at index 0: a piece with a new id and a name begins a new call.
 */
export class StreamCalls {
  readonly #place: CallsPlace;
  readonly #nextPart: () => number;
  /** The latest call of each index. */
  readonly #latest = new Map<number, StreamCall>();
  readonly #open: StreamCall[] = [];
  #count = 0;

  constructor(place: CallsPlace, nextPart: () => number) {
    this.#place = place;
    this.#nextPart = nextPart;
  }

  get any(): boolean {
    return this.#count > 0;
  }

  get open(): boolean {
    return this.#open.length > 0;
  }

  /** @throws `upstream_error` for a piece that belongs to no call, or to one that has ended */
  read(piece: unknown, events: Events): void {
    if (!isObject(piece)) throw answerMisfit('choices[].delta.tool_calls[]', 'an object');
    const custom = isObject(piece['custom']);
    const body = isObject(piece['custom']) ? piece['custom'] : isObject(piece['function']) ? piece['function'] : {};
    const id = someText(piece['id']);
    const name = someText(body['name']);
    const text = argumentsText(custom ? body['input'] : body['arguments']);
    const call = this.#callOf(piece, id, name);
    if (custom) call.kind = 'custom';
    const signature = readCallSignature(piece);
    if (call.part === undefined) {
      call.signature ??= signature;
      call.rest ??= restOf(withoutCallSignature(piece), KNOWN)?.fields;
      call.early += text;
      if (name !== undefined) this.#begin(call, name, events);
      return;
    }
    if (signature !== undefined && !call.ended) this.#sign(call.part, signature, events);
    if (text === '') return;
    if (call.ended) throw notUnderstood('a tool call of its stream went on after another part had begun');
    events.push({ type: 'arguments-delta', choice: this.#place.choice, part: call.part, text });
  }

  #callOf(piece: WireObject, id: string | undefined, name: string | undefined): StreamCall {
    const { index } = piece;
    const numbered = typeof index === 'number' && Number.isSafeInteger(index);
    // Without an index, a name says that a call begins.
    const place = numbered ? index : name === undefined ? this.#count - 1 : this.#count;
    const latest = this.#latest.get(place);
    const another = name !== undefined && id !== undefined && latest?.id !== undefined && latest.id !== id;
    if (latest !== undefined && !another) return latest;
    if (this.#count >= CALLS_MAX) throw notUnderstood(`its stream has more than ${CALLS_MAX} tool calls`);
    const call: StreamCall = {
      id,
      place: this.#count++,
      kind: 'function',
      part: undefined,
      early: '',
      rest: undefined,
      signature: undefined,
      ended: false,
    };
    this.#latest.set(place, call);
    this.#open.push(call);
    return call;
  }

  #begin(call: StreamCall, name: string, events: Events): void {
    const part = this.#nextPart();
    call.part = part;
    events.push({
      type: 'tool-call-start',
      choice: this.#place.choice,
      part,
      kind: call.kind,
      id: call.id ?? madeCallId(call.place, this.#place.answerId),
      name: this.#place.names.of(name),
      ...(call.rest === undefined ? {} : { rest: ownRestOf(call.rest) }),
    });
    if (call.signature !== undefined) this.#sign(part, call.signature, events);
    if (call.early === '') return;
    events.push({ type: 'arguments-delta', choice: this.#place.choice, part, text: call.early });
    call.early = '';
  }

  #sign(part: number, signature: Signature, events: Events): void {
    events.push({ type: 'signature-add', choice: this.#place.choice, part, signature });
  }

  /** Ends what is open. @throws `upstream_error` for a call that never had a name */
  close(events: Events): void {
    for (const call of this.#open) {
      if (call.part === undefined) throw notUnderstood('a tool call of its stream has no name');
      call.ended = true;
      events.push({ type: 'part-end', choice: this.#place.choice, part: call.part });
    }
    this.#open.length = 0;
  }
}
