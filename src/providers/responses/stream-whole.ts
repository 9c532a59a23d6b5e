import { someText, type WireObject } from '../openai/wire.ts';
import { readItem } from './item-reader.ts';
import type { StreamLine } from './stream-line.ts';
import { answerMisfit } from './wire.ts';

/**
 * An item that is told when it is over: what a hosted tool did, or what is not
 * known. On the way only its maker could make anything of it.
 */
export class StreamWhole {
  readonly kind = 'whole';
  readonly #line: StreamLine;

  constructor(line: StreamLine) {
    this.#line = line;
  }

  read(): void {
    // Progress of a hosted tool: the finished item says all of it.
  }

  done(item: WireObject | undefined): void {
    if (item === undefined) return;
    for (const content of readItem(item, someText(item['type']) ?? 'output[]', answerMisfit)) {
      this.#line.take({ type: 'part-add', choice: 0, part: this.#line.begin('whole'), content });
    }
  }
}
