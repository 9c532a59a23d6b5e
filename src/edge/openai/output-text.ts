import { SaidText } from '../../exchange/said-text.ts';

/** What an answer of OpenAI's has said so far, for a count of our own. */
export class OutputText extends SaidText {
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
}
