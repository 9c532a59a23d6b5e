import { madeUpCallId } from './call-ids.ts';
import type { PartIds } from './part-reader.ts';

/** Names the calls of one answer that came without an id: the same however often and however it is read. */
export class AnswerIds implements PartIds {
  #seed: string | undefined;
  #calls = 0;
  #lastHosted: string | undefined;

  /** @param seed the answer's own id; a stream tells it with each event */
  name(seed: string | undefined): void {
    this.#seed ??= seed;
  }

  call(id: string | undefined): string {
    return id ?? madeUpCallId(this.#seed, this.#calls++);
  }

  hosted(id: string | undefined): string {
    this.#lastHosted = this.call(id);
    return this.#lastHosted;
  }

  hostedResult(id: string | undefined): string {
    return id ?? this.#lastHosted ?? this.call(undefined);
  }
}
