import type { GateEnd, GateFacts, GateOptions, StreamGate } from '../../exchange/dialect.ts';
import { GatewayError } from '../../kernel/errors.ts';
import { eventData, SseSplitter } from '../../kernel/sse-splitter.ts';
import type { Usage } from '../../protocol/usage.ts';
import { readUsage } from '../../providers/openai/usage.ts';
import { errorInside } from './answer.ts';
import { OutputText } from './output-text.ts';

const DONE = '[DONE]';
const DONE_EVENT = 'data: [DONE]\n\n';

/**
 * The gate of OpenAI's chat and completion streams.
 *
 * Every event passes as it came, but for these: a usage event that only our
 * injection caused is dropped; `[DONE]` and what follows it are held until the
 * call is settled; a `[DONE]` that is missing after every choice has finished
 * is supplied. A half event is held until its other half comes, so that an
 * error event of ours never lands inside one of theirs.
 */
export class OpenAiStreamGate implements StreamGate {
  readonly #options: GateOptions;
  readonly #splitter = new SseSplitter();
  /** Each choice seen so far, and whether it has given its finish reason. */
  readonly #choices = new Map<number, boolean>();
  #passed: Buffer[] = [];
  readonly #held: Buffer[] = [];
  readonly #output = new OutputText();
  readonly #facts: { -readonly [Key in keyof GateFacts]: GateFacts[Key] } = {
    dataEvents: 0,
    contentSeen: false,
    terminal: false,
    output: () => this.#output.text(),
    outputChars: () => this.#output.chars,
  };
  readonly #take = (event: Buffer) => this.#onEvent(event);

  constructor(options: GateOptions) {
    this.#options = options;
  }

  get facts(): GateFacts {
    return this.#facts;
  }

  get heldBytes(): number {
    return this.#splitter.heldBytes;
  }

  push(chunk: Buffer): Buffer | undefined {
    this.#splitter.push(chunk, this.#take);
    if (this.#splitter.heldBytes > this.#options.eventBytesMax) {
      throw new GatewayError('upstream_error', {
        message: `The provider sent a single event of more than ${this.#options.eventBytesMax} bytes.`,
        retry: 'other-target',
      });
    }
    return this.#takePassed();
  }

  finish(): GateEnd {
    const rest = this.#splitter.rest();
    const wholeRest = rest !== undefined && isWhole(rest);
    if (wholeRest) this.#onEvent(rest);
    const complete = this.#facts.terminal || this.#allFinished();
    if (complete && !this.#facts.terminal && this.#facts.error === undefined) {
      this.#held.push(Buffer.from(wholeRest ? `\n\n${DONE_EVENT}` : DONE_EVENT));
    }
    const passed = this.#takePassed();
    const parts = passed === undefined ? this.#held : [passed, ...this.#held];
    return { bytes: parts.length === 0 ? undefined : joined(parts), complete };
  }

  #allFinished(): boolean {
    return this.#choices.size > 0 && [...this.#choices.values()].every((finished) => finished);
  }

  #takePassed(): Buffer | undefined {
    if (this.#passed.length === 0) return undefined;
    const bytes = joined(this.#passed);
    this.#passed = [];
    return bytes;
  }

  #onEvent(event: Buffer): void {
    const data = eventData(event);
    if (data === undefined) {
      (this.#facts.terminal ? this.#held : this.#passed).push(event);
      return;
    }
    if (data === DONE) this.#facts.terminal = true;
    else if (!this.#readChunk(data)) return;
    this.#facts.dataEvents++;
    (this.#facts.terminal ? this.#held : this.#passed).push(event);
  }

  /** @returns false when the event is to be dropped */
  #readChunk(data: string): boolean {
    const chunk = parseChunk(data);
    // A malformed event is upstream's own: on the native lane the client decides.
    if (chunk === undefined) return true;
    if (chunk['error'] !== undefined && chunk['error'] !== null) this.#facts.error ??= errorInside(chunk['error']);
    const choices = chunk['choices'];
    if (Array.isArray(choices)) for (const choice of choices) this.#readChoice(choice);
    const raw = rawUsageOf(chunk, choices);
    const usage = raw === undefined ? undefined : readUsage(raw, chunk);
    if (usage === undefined) return true;
    this.#facts.usage = mergedUsage(this.#facts.usage, usage);
    return !(this.#options.dropUsage && Array.isArray(choices) && choices.length === 0);
  }

  #readChoice(choice: unknown): void {
    if (typeof choice !== 'object' || choice === null) return;
    const { index, finish_reason: reason, delta, text } = choice as Record<string, unknown>;
    const place = typeof index === 'number' ? index : 0;
    if (typeof reason === 'string') {
      this.#facts.finishReason ??= reason;
      this.#choices.set(place, true);
    } else if (!this.#choices.has(place)) {
      this.#choices.set(place, false);
    }
    if (typeof text === 'string') this.#output.add(text);
    else this.#output.addDelta(delta);
    if (!this.#facts.contentSeen && (hasContent(delta) || (typeof text === 'string' && text !== ''))) {
      this.#facts.contentSeen = true;
    }
  }
}

/** Groq and Moonshot have places of their own for it: a member beside the choices, and the choice itself. */
function rawUsageOf(chunk: Record<string, unknown>, choices: unknown): unknown {
  const { usage, x_groq: groq } = chunk;
  if (usage !== undefined && usage !== null) return usage;
  if (groq !== undefined) return memberOf(groq, 'usage');
  return Array.isArray(choices) ? memberOf(choices[0], 'usage') : undefined;
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

function parseChunk(data: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(data);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    // Not JSON: the caller passes the event on as it came.
    return undefined;
  }
}

/** Text, a tool call, reasoning, audio: anything of a delta but its role and its empty placeholders. */
function hasContent(delta: unknown): boolean {
  if (typeof delta !== 'object' || delta === null) return false;
  for (const [key, value] of Object.entries(delta)) {
    if (key === 'role' || value === null || value === undefined || value === '') continue;
    if (Array.isArray(value) && value.length === 0) continue;
    return true;
  }
  return false;
}

/** Later counts replace earlier ones: providers that report usage more than once report running totals. */
function mergedUsage(earlier: Usage | undefined, later: Usage): Usage {
  return earlier === undefined ? later : { ...earlier, ...later };
}

/** Whether bytes without a closing blank line are nevertheless a complete event. */
function isWhole(rest: Buffer): boolean {
  const data = eventData(rest);
  if (data === undefined) return rest.toString('latin1').trimStart().startsWith(':') || /^\s*$/.test(rest.toString());
  return data === DONE || parseChunk(data) !== undefined;
}

function joined(parts: readonly Buffer[]): Buffer {
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : Buffer.concat(parts);
}
