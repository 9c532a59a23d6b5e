import { type Clock, sleep } from '../../kernel/clock.ts';
import type { Io } from '../io.ts';
import { type Paint, paintFor } from '../paint.ts';

const INDENT = '  ';
const COLUMNS_MAX = 88;
const PUNCTUATION_COLUMNS = 2;

/** How the demo speaks: with pauses and a text that types itself on a terminal, in plain lines elsewhere. */
export class Voice {
  readonly paint: Paint;
  readonly #io: Io;
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  readonly #paced: boolean;
  readonly #columns: number;
  #column = 0;

  constructor(io: Io, clock: Clock, signal: AbortSignal, fast: boolean) {
    this.#io = io;
    this.#clock = clock;
    this.#signal = signal;
    this.#paced = !fast && io.outTerminal !== undefined;
    this.#columns = Math.min(COLUMNS_MAX, io.outTerminal?.columns ?? COLUMNS_MAX);
    this.paint = paintFor(io.outTerminal, io.env);
  }

  /** A heading, after a moment to read what came before. */
  async act(title: string): Promise<void> {
    await this.pause(1_200);
    this.#io.out(`\n${this.paint.bold(title)}\n`);
    await this.pause(500);
  }

  line(text = ''): void {
    this.#io.out(text === '' ? '\n' : `${INDENT}${text}\n`);
  }

  /** The next piece of a text that is still coming. */
  type(piece: string): void {
    for (const part of piece.split(/(?=\s)/)) this.#word(part.replace(/\s+/g, ' '));
  }

  /** Ends a text that was typed. */
  typed(): void {
    if (this.#column > 0) this.#io.out('\n');
    this.#column = 0;
  }

  /** Nothing without a person who reads. Rejects when the demo is stopped. */
  async pause(ms: number): Promise<void> {
    this.#signal.throwIfAborted();
    if (this.#paced) await sleep(this.#clock, ms, this.#signal);
  }

  #word(word: string): void {
    // Only what begins with a space may begin a line: a full stop belongs to its word.
    const wraps = word.startsWith(' ') && this.#column + word.length > this.#columns - PUNCTUATION_COLUMNS;
    if (wraps) this.typed();
    const text = this.#column === 0 ? word.trimStart() : word;
    if (text === '') return;
    if (this.#column === 0) {
      this.#io.out(INDENT);
      this.#column = INDENT.length;
    }
    this.#io.out(text);
    this.#column += text.length;
  }
}
