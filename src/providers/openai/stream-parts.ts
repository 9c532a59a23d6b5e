import type { StreamEvent } from '../../protocol/chat/answer.ts';
import type { ContentPart } from '../../protocol/chat/content.ts';
import type { WholeNames } from './short-names.ts';
import { StreamCalls } from './stream-calls.ts';
import { notUnderstood } from './wire.ts';

export type Events = StreamEvent[];

/** So many whole parts wait for tool calls to end. */
const WAITING_MAX = 1_024;

/** The one part that is being written, when it is none of the tool calls. */
export interface OpenPart {
  readonly kind: 'text' | 'reasoning' | 'refusal';
  readonly part: number;
  /** Which thought, where the provider tells them apart. */
  readonly key: string | undefined;
  /** Whether its signature, or the whole of it once more, has come: what comes next is another thought. */
  over: boolean;
  /** What a thought without a key said so far. */
  readonly plain: string[];
}

/**
 * The parts of one choice: numbered in the order in which they begin, one open
 * at a time, but for tool calls. What comes whole while calls are being written
 * waits until they are.
 */
export class StreamParts {
  readonly choice: number;
  readonly #calls: StreamCalls;
  #count = 0;
  #open: OpenPart | undefined;
  #waiting: ContentPart[] = [];

  constructor(choice: number, answerId: string | undefined, names: WholeNames) {
    this.choice = choice;
    this.#calls = new StreamCalls({ choice, answerId, names }, () => this.#count++);
  }

  get open(): OpenPart | undefined {
    return this.#open;
  }

  get callsOpen(): boolean {
    return this.#calls.open;
  }

  get callsAny(): boolean {
    return this.#calls.any;
  }

  /** Begins a part. Its own event is for the caller to tell. */
  start(kind: OpenPart['kind'], events: Events, key?: string): OpenPart {
    this.close(events);
    this.#open = { kind, part: this.#count++, over: false, key, plain: [] };
    return this.#open;
  }

  readCall(call: unknown, events: Events): void {
    this.#closeOpen(events);
    this.#calls.read(call, events);
  }

  whole(content: ContentPart, events: Events): void {
    if (!this.#calls.open) {
      this.#closeOpen(events);
      events.push({ type: 'part-add', choice: this.choice, part: this.#count++, content });
    } else if (this.#waiting.push(content) > WAITING_MAX) {
      throw notUnderstood(`its stream has more than ${WAITING_MAX} whole parts`);
    }
  }

  /** Ends everything that is open. */
  close(events: Events): void {
    this.#closeOpen(events);
    this.#calls.close(events);
    for (const content of this.#waiting.splice(0)) this.whole(content, events);
  }

  #closeOpen(events: Events): void {
    if (this.#open === undefined) return;
    events.push({ type: 'part-end', choice: this.choice, part: this.#open.part });
    this.#open = undefined;
  }
}
