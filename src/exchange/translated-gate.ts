import { GatewayError } from '../kernel/errors.ts';
import type { StreamEvent } from '../protocol/chat/answer.ts';
import type { StreamReader, StreamWriter } from '../protocol/chat/codec.ts';
import type { GateEnd, GateFacts, StreamGate } from './dialect.ts';
import { SaidText } from './said-text.ts';
import { unexpected } from './upstream-errors.ts';

/**
 * The gate of a stream whose provider speaks another dialect than its client:
 * the provider's events go in, the client's come out.
 *
 * As on the native lane, what ends the client's stream is held until `finish`,
 * when the call is settled; a stream that stopped before its end is not ended
 * here, and neither is one that the provider ended with an error: the exchange
 * tells both in the client's own words. After an error nothing is written.
 */
export class TranslatedGate implements StreamGate {
  readonly #reader: StreamReader;
  readonly #writer: StreamWriter;
  readonly #said = new SaidText();
  readonly #facts: { -readonly [Key in keyof GateFacts]: GateFacts[Key] } = {
    dataEvents: 0,
    contentSeen: false,
    terminal: false,
    output: () => this.#said.text(),
    outputChars: () => this.#said.chars,
  };

  constructor(reader: StreamReader, writer: StreamWriter) {
    this.#reader = reader;
    this.#writer = writer;
  }

  get facts(): GateFacts {
    return this.#facts;
  }

  get heldBytes(): number {
    return this.#reader.heldBytes;
  }

  push(chunk: Buffer): Buffer | undefined {
    return joined(this.#written(() => this.#reader.push(chunk)));
  }

  finish(): GateEnd {
    const written = this.#written(() => this.#reader.finish());
    const complete = this.#facts.terminal && this.#facts.error === undefined;
    if (complete) {
      const end = this.#writer.end();
      if (end.length > 0) written.push(end);
    }
    return { bytes: joined(written), complete };
  }

  errorEvent(error: GatewayError, requestId: string): Buffer | undefined {
    return this.#writer.errorEvent?.(error, requestId);
  }

  /** What is not understood is a fact, and not thrown: what came before it has been said, and what it used is known. */
  #written(read: () => readonly StreamEvent[]): Buffer[] {
    const written: Buffer[] = [];
    try {
      for (const event of read()) {
        if (this.#facts.error !== undefined) break;
        this.#note(event);
        if (event.type === 'answer-error' || event.type === 'answer-end') continue;
        const bytes = this.#writer.write(event);
        if (bytes.length > 0) written.push(bytes);
      }
    } catch (thrown) {
      this.#facts.error = thrown instanceof GatewayError ? thrown : unexpected('a stream that cannot be read', thrown);
    }
    return written;
  }

  #note(event: StreamEvent): void {
    if (event.type === 'ping') return;
    // An answer that has only begun is no progress: until more has come, another target may still serve the call.
    if (event.type !== 'answer-start' && event.type !== 'usage-update') this.#facts.dataEvents++;
    switch (event.type) {
      case 'text-delta':
      case 'reasoning-delta':
      case 'refusal-delta':
      case 'arguments-delta':
        if (event.text === '') return;
        this.#facts.contentSeen = true;
        this.#said.add(event.text);
        return;
      case 'tool-call-start':
        this.#facts.contentSeen = true;
        this.#said.add(event.name);
        return;
      case 'hosted-call-start':
      case 'part-add':
        this.#facts.contentSeen = true;
        return;
      case 'choice-finish':
        this.#facts.finishReason ??= event.finish.said ?? event.finish.reason;
        return;
      case 'usage-update':
        this.#facts.usage = event.usage;
        return;
      case 'answer-error':
        this.#facts.error = event.error;
        return;
      case 'answer-end':
        this.#facts.terminal = true;
        return;
    }
  }
}

function joined(parts: readonly Buffer[]): Buffer | undefined {
  if (parts.length < 2) return parts[0];
  return Buffer.concat(parts);
}
