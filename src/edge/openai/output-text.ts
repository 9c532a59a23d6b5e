/** So many pieces are made one text at a time: a long chain of joined strings takes several times its length. */
const PIECES_MAX = 64;
/** Of an answer that is longer, the beginning stands for the rest: nobody may make the gateway keep it all. */
const KEPT_CHARS_MAX = 64 * 1024;

/** What an answer has said so far, for a count of our own: text, reasoning, refusals, and what tools are called with. */
export class OutputText {
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

  /** A `delta` of a stream or the `message` of an answer. */
  addDelta(delta: unknown): void {
    if (typeof delta !== 'object' || delta === null) return;
    const { content, reasoning_content, reasoning, refusal, tool_calls, function_call } = delta as Record<
      string,
      unknown
    >;
    if (typeof content === 'string') this.add(content);
    else if (Array.isArray(content)) for (const part of content) this.#addPart(part);
    // Two names of the same text; a provider that sends both sends it twice and counts it once.
    if (typeof reasoning_content === 'string') this.add(reasoning_content);
    else if (typeof reasoning === 'string') this.add(reasoning);
    if (typeof refusal === 'string') this.add(refusal);
    if (Array.isArray(tool_calls)) for (const call of tool_calls) this.#addTool(call);
    // The older form, of one function.
    if (function_call !== undefined) this.#addTool({ function: function_call });
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

  #addPart(part: unknown): void {
    this.#addTextOf(part);
    // Mistral's reasoning models put parts of text into a part of thoughts.
    if (typeof part !== 'object' || part === null || !('thinking' in part)) return;
    if (typeof part.thinking === 'string') this.add(part.thinking);
    else if (Array.isArray(part.thinking)) for (const thought of part.thinking) this.#addTextOf(thought);
  }

  #addTextOf(part: unknown): void {
    if (typeof part === 'object' && part !== null && 'text' in part && typeof part.text === 'string') {
      this.add(part.text);
    }
  }

  #addTool(call: unknown): void {
    if (typeof call !== 'object' || call === null || !('function' in call)) return;
    if (typeof call.function !== 'object' || call.function === null) return;
    const { name, arguments: given } = call.function as Record<string, unknown>;
    if (typeof name === 'string') this.add(name);
    if (typeof given === 'string') this.add(given);
  }

  #join(): void {
    if (this.#pieces.length === 0) return;
    this.#text += this.#pieces.join('');
    this.#pieces = [];
  }
}
