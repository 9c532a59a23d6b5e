import { Worker } from 'node:worker_threads';
import type { Clock, Timer } from '../kernel/clock.ts';
import { roughTokens } from '../kernel/rough-tokens.ts';
import type { CountAnswer, CountRequest } from './token-worker.ts';

const WORKER = new URL(import.meta.url.endsWith('.ts') ? './token-worker.ts' : './token-worker.js', import.meta.url);
/** A count that takes longer is answered by the texts' lengths: nobody may wait for it. */
const ANSWER_MS_MAX = 5_000;
/** So many questions wait at once; further ones are answered by the texts' lengths. */
const WAITING_MAX = 1_000;
/** The main thread's nursery is large on purpose; what is counted here needs none. */
const YOUNG_MB_MAX = 16;
/** Some milliseconds of work. An estimate need not be better than that. */
const ESTIMATE_CHARS_MAX = 64 * 1024;

interface Waiting {
  readonly timer: Timer;
  resolve(counts: readonly number[] | undefined): void;
}

/**
 * Counts tokens in a thread of its own, which starts with the first question.
 * Only what no provider has counted is asked here: most gateways never do.
 */
export class WorkerTokenCounter {
  readonly #clock: Clock;
  readonly #onFailure: (error: unknown) => void;
  readonly #makeWorker: () => Worker;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #lastId = 0;
  #closed = false;

  /** @param onFailure hears why counts had to be made from lengths */
  constructor(clock: Clock, onFailure: (error: unknown) => void, makeWorker = tokenWorker) {
    this.#clock = clock;
    this.#onFailure = onFailure;
    this.#makeWorker = makeWorker;
  }

  /**
   * Tokens of each text, in o200k_base; of one above 64 Ki characters, its
   * beginning stands for the rest. Never rejects: what cannot be counted is a
   * quarter of its bytes.
   */
  async count(texts: readonly string[]): Promise<readonly number[]> {
    const counts = await this.exactly(texts.map((text) => text.slice(0, ESTIMATE_CHARS_MAX)));
    if (counts === undefined) return texts.map((text) => roughTokens(Buffer.byteLength(text)));
    return texts.map(({ length }, index) => {
      const counted = counts[index] ?? 0;
      return length <= ESTIMATE_CHARS_MAX ? counted : Math.ceil((counted * length) / ESTIMATE_CHARS_MAX);
    });
  }

  /** The same, or `undefined` where it cannot be counted. Never rejects. */
  exactly(texts: readonly string[]): Promise<readonly number[] | undefined> {
    if (texts.every((text) => text === '')) return Promise.resolve(texts.map(() => 0));
    const worker = this.#waiting.size < WAITING_MAX ? this.#running() : undefined;
    if (worker === undefined) return Promise.resolve(undefined);
    const id = ++this.#lastId;
    return new Promise((resolve) => {
      const timer = this.#clock.after(ANSWER_MS_MAX, () => this.#give(id, undefined));
      this.#waiting.set(id, { timer, resolve });
      worker.postMessage({ id, texts } satisfies CountRequest);
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    const worker = this.#worker;
    this.#worker = undefined;
    this.#giveAll();
    await worker?.terminate();
  }

  #running(): Worker | undefined {
    if (this.#worker !== undefined || this.#closed) return this.#worker;
    try {
      const worker = this.#makeWorker();
      worker.on('message', ({ id, counts }: CountAnswer) => this.#give(id, counts));
      worker.on('error', (error) => this.#broke(worker, error));
      worker.on('exit', (code) => this.#broke(worker, new Error(`the thread that counts tokens ended with ${code}`)));
      worker.unref();
      this.#worker = worker;
    } catch (error) {
      this.#onFailure(error);
    }
    return this.#worker;
  }

  /** The next question starts another one. */
  #broke(worker: Worker, error: unknown): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    this.#onFailure(error);
    this.#giveAll();
  }

  #giveAll(): void {
    for (const id of [...this.#waiting.keys()]) this.#give(id, undefined);
  }

  #give(id: number, counts: readonly number[] | undefined): void {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    this.#waiting.delete(id);
    waiting.timer.cancel();
    waiting.resolve(counts);
  }
}

function tokenWorker(): Worker {
  return new Worker(WORKER, {
    execArgv: [],
    name: 'tokens',
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB_MAX },
  });
}
