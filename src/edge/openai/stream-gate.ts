import type { GateOptions } from '../../exchange/dialect.ts';
import { eventData } from '../../kernel/sse-splitter.ts';
import type { Usage } from '../../protocol/usage.ts';
import { readUsage } from '../../providers/openai/usage.ts';
import { dataObject, SseGate } from '../sse-gate.ts';
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
 * is supplied.
 */
export class OpenAiStreamGate extends SseGate<OutputText> {
  /** Each choice seen so far, and whether it has given its finish reason. */
  readonly #choices = new Map<number, boolean>();

  constructor(options: GateOptions) {
    super(options, new OutputText());
  }

  protected override onEvent(event: Buffer, data: string | undefined): void {
    if (data !== undefined) {
      if (data === DONE) this.draft.terminal = true;
      else if (!this.#readChunk(data)) return;
      this.draft.dataEvents++;
    }
    this.put(event);
  }

  protected override end(): boolean {
    const { terminal, error } = this.draft;
    const complete = terminal || this.#allFinished();
    if (complete && !terminal && error === undefined) {
      this.draft.terminal = true;
      this.put(Buffer.from(DONE_EVENT));
    }
    return complete;
  }

  protected override isWholeData(data: string): boolean {
    return data === DONE || super.isWholeData(data);
  }

  /** Nothing comes after `[DONE]`, so that its bytes may stay as they came. */
  protected override closed(rest: Buffer): Buffer {
    return eventData(rest) === DONE ? rest : super.closed(rest);
  }

  #allFinished(): boolean {
    return this.#choices.size > 0 && [...this.#choices.values()].every((finished) => finished);
  }

  /** @returns false when the event is to be dropped */
  #readChunk(data: string): boolean {
    const chunk = dataObject(data);
    // A malformed event is upstream's own: on the native lane the client decides.
    if (chunk === undefined) return true;
    if (chunk['error'] !== undefined && chunk['error'] !== null) this.draft.error ??= errorInside(chunk['error']);
    const choices = chunk['choices'];
    if (Array.isArray(choices)) for (const choice of choices) this.#readChoice(choice);
    const raw = rawUsageOf(chunk, choices);
    const usage = raw === undefined ? undefined : readUsage(raw, chunk);
    if (usage === undefined) return true;
    this.draft.usage = mergedUsage(this.draft.usage, usage);
    return !(this.options.dropUsage && Array.isArray(choices) && choices.length === 0);
  }

  #readChoice(choice: unknown): void {
    if (typeof choice !== 'object' || choice === null) return;
    const { index, finish_reason: reason, delta, text } = choice as Record<string, unknown>;
    const place = typeof index === 'number' ? index : 0;
    if (typeof reason === 'string') {
      this.draft.finishReason ??= reason;
      this.#choices.set(place, true);
    } else if (!this.#choices.has(place)) {
      this.#choices.set(place, false);
    }
    if (typeof text === 'string') this.said.add(text);
    else this.said.addDelta(delta);
    if (!this.draft.contentSeen && (hasContent(delta) || (typeof text === 'string' && text !== ''))) {
      this.draft.contentSeen = true;
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
