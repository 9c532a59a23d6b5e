import type { StreamEvent } from '../../protocol/chat/answer.ts';
import { notUnderstood } from './wire.ts';

/** Takes the events of a stream, in order. */
export type EventTaker = (event: StreamEvent) => void;

export type PartKind = 'text' | 'refusal' | 'reasoning' | 'call' | 'whole';

/** More parts in one answer than any model gives; each costs memory for as long as the stream runs. */
const PARTS_MAX = 4_096;

/**
 * The parts of an answer on their way, numbered in the order in which they
 * begin. What begins ends what is open, but for tool calls, of which several
 * may be open beside each other.
 */
export class StreamLine {
  readonly take: EventTaker;
  readonly #open = new Map<number, PartKind>();
  readonly #kinds = new Set<PartKind>();
  #count = 0;

  constructor(take: EventTaker) {
    this.take = take;
  }

  /** Whether a part of this kind ever began. */
  has(kind: PartKind): boolean {
    return this.#kinds.has(kind);
  }

  isOpen(part: number): boolean {
    return this.#open.has(part);
  }

  /** @returns the number of the part that begins here; its own first event is for the caller to tell */
  begin(kind: PartKind): number {
    for (const [part, open] of this.#open) if (kind !== 'call' || open !== 'call') this.end(part);
    if (this.#count >= PARTS_MAX) throw notUnderstood(`its stream has more than ${PARTS_MAX} parts`);
    const part = this.#count++;
    this.#kinds.add(kind);
    if (kind !== 'whole') this.#open.set(part, kind);
    return part;
  }

  end(part: number): void {
    if (this.#open.delete(part)) this.take({ type: 'part-end', choice: 0, part });
  }

  endAll(): void {
    for (const part of this.#open.keys()) this.end(part);
  }
}
