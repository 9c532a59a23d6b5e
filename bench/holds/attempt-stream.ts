import type { StoreJournal } from '../../src/store/journal/store-journal.ts';
import { endRecord, startRecord } from '../../src/store/testing/scratch.ts';

const TICK_MS = 5;
const unawaited = () => undefined;

/** Attempts that begin and end in the journal at an even rate, for its replay to bring into the store. */
export class AttemptStream {
  readonly #journal: StoreJournal;
  readonly #perSecond: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(journal: StoreJournal, perSecond: number) {
    this.#journal = journal;
    this.#perSecond = perSecond;
  }

  begin(): void {
    const beganMs = performance.now();
    let written = 0;
    this.#timer = setInterval(() => {
      const due = ((performance.now() - beganMs) / 1_000) * this.#perSecond;
      for (; written < due; written++) {
        const start = startRecord();
        // As the gateway does: what comes in one turn of the event loop is one write.
        this.#journal.stage(start, unawaited);
        this.#journal.stage(endRecord(start), unawaited);
      }
    }, TICK_MS);
  }

  end(): void {
    clearInterval(this.#timer);
  }
}
