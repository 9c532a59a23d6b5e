import { isObject, someText, type WireObject } from '../openai/wire.ts';
import { readReasoning, SUMMARY_BREAK } from './reasoning.ts';
import type { StreamLine } from './stream-line.ts';
import { RESPONSES } from './wire.ts';

/**
 * A thought of a stream. It begins with the first of its text, or with its seal
 * where nothing of it is shown; the seal comes when the thought is over.
 */
export class StreamThought {
  readonly kind = 'reasoning';
  readonly #line: StreamLine;
  #id: string | undefined;
  #part: number | undefined;
  /** What of the thought is being told. What comes in the other way too says the same once more. */
  #told: 'summary' | 'thought' | undefined;
  /** Which part of the summary, or of the thought, spoke last. */
  #index: unknown;
  #said = new Set<unknown>();

  constructor(line: StreamLine, id: string | undefined) {
    this.#line = line;
    this.#id = id;
  }

  read(type: string, event: WireObject): void {
    switch (type) {
      case 'response.reasoning_summary_text.delta':
        return this.#say('summary', event['summary_index'], event['delta']);
      case 'response.reasoning_summary_text.done':
        return this.#sayOnce('summary', event['summary_index'], event['text']);
      case 'response.reasoning_text.delta':
        return this.#say('thought', event['content_index'], event['delta']);
      case 'response.reasoning_text.done':
        return this.#sayOnce('thought', event['content_index'], event['text']);
    }
  }

  done(item: WireObject | undefined): void {
    const whole = item === undefined ? undefined : readReasoning(item);
    this.#id ??= whole?.id;
    if (this.#told === undefined) {
      this.#say(whole?.summary === true ? 'summary' : 'thought', 0, whole?.text);
    }
    const sealed = someText(item?.['encrypted_content']);
    if (sealed !== undefined) {
      const signature = { value: sealed, dialect: RESPONSES } as const;
      this.#line.take({ type: 'signature-add', choice: 0, part: this.#open(), signature, encrypted: true });
    }
    if (this.#part !== undefined) this.#line.end(this.#part);
  }

  #sayOnce(told: 'summary' | 'thought', index: unknown, value: unknown): void {
    if (!this.#said.has(index)) this.#say(told, index, value);
  }

  #say(told: 'summary' | 'thought', index: unknown, value: unknown): void {
    const text = someText(value);
    if (text === undefined || (this.#told ?? told) !== told) return;
    const goesOn = this.#told === undefined || this.#index === index || told === 'thought';
    this.#told = told;
    this.#index = index;
    if (this.#said.size < SAID_MAX) this.#said.add(index);
    const part = this.#open();
    this.#line.take({ type: 'reasoning-delta', choice: 0, part, text: goesOn ? text : SUMMARY_BREAK + text });
  }

  #open(): number {
    if (this.#part !== undefined && this.#line.isOpen(this.#part)) return this.#part;
    const part = this.#line.begin('reasoning');
    this.#part = part;
    this.#line.take({
      type: 'reasoning-start',
      choice: 0,
      part,
      ...(this.#id === undefined ? {} : { id: this.#id }),
      ...(this.#told === 'summary' ? { summary: true } : {}),
    });
    return part;
  }
}

/** More parts than any thought has. */
const SAID_MAX = 4_096;

/** Whether a content of an item is one of a thought's. */
export function isThought(part: unknown): boolean {
  return isObject(part) && (part['type'] === 'reasoning_text' || part['type'] === 'summary_text');
}
