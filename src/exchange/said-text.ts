/** So many pieces are made one text at a time: a long chain of joined strings takes several times its length. */
const PIECES_MAX = 64;
/** Of an answer that is longer, the beginning stands for the rest: nobody may make the gateway keep it all. */
const KEPT_CHARS_MAX = 64 * 1024;

/** What an answer has said so far, for a count of our own: text, reasoning, refusals, and what tools are called with. */
export class SaidText {
  #text = '';
  #chars = 0;
  #pieces: string[] = [];

  add(text: string): void {
    if (text === '') return;
    const room = KEPT_CHARS_MAX - this.#chars;
    this.#chars += text.length;
    if (room <= 0) return;
    this.#pieces.push(text.length > room ? text.slice(0, room) : text);
    if (this.#pieces.length >= PIECES_MAX) this.#join();
  }

  /** Everything that came, kept or not. */
  get chars(): number {
    return this.#chars;
  }

  /** The first 64 Ki characters. */
  text(): string {
    this.#join();
    return this.#text;
  }

  #join(): void {
    if (this.#pieces.length === 0) return;
    this.#text += this.#pieces.join('');
    this.#pieces = [];
  }
}
