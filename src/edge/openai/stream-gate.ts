import type { GateOptions } from '../../exchange/dialect.ts';
import { eventData } from '../../kernel/sse-splitter.ts';
import type { Usage } from '../../protocol/usage.ts';
import { readUsage } from '../../providers/openai/usage.ts';
import { EventMould, type MouldGap } from '../event-mould.ts';
import { isObject } from '../request-object.ts';
import { dataObject, SseGate } from '../sse-gate.ts';
import { errorInside } from './answer.ts';
import { OutputText } from './output-text.ts';

const DONE = '[DONE]';
const DONE_EVENT = 'data: [DONE]\n\n';
/** Learning a form costs as much as reading a few events; a stream whose events are of many forms is read. */
const LESSONS_MAX = 4;
/** The members of a delta that are text, each by itself. */
const TEXTS = ['content', 'reasoning_content', 'reasoning'];
/** OpenAI's padding, of another length in each event. */
const PADDING = 'obfuscation';

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
  /** Of the events that have only a text to tell. */
  #mould: EventMould | undefined;
  #lessons = 0;

  constructor(options: GateOptions) {
    super(options, new OutputText());
  }

  protected override onEvent(event: Buffer, data: string | undefined): void {
    if (data !== undefined) {
      if (data === DONE) this.draft.terminal = true;
      else if (!this.#readChunk(data, event)) return;
      this.draft.dataEvents++;
    }
    this.put(event);
  }

  protected override takesWhole(chunk: Buffer): boolean {
    const text = this.#mould?.textOf(chunk);
    if (text === undefined) return false;
    this.said.add(text);
    this.draft.dataEvents++;
    return true;
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
  #readChunk(data: string, event: Buffer): boolean {
    const chunk = dataObject(data);
    // A malformed event is upstream's own: on the native lane the client decides.
    if (chunk === undefined) return true;
    if (chunk['error'] !== undefined && chunk['error'] !== null) this.draft.error ??= errorInside(chunk['error']);
    const choices = chunk['choices'];
    if (Array.isArray(choices)) for (const choice of choices) this.#readChoice(choice);
    const raw = rawUsageOf(chunk, choices);
    const usage = raw === undefined ? undefined : readUsage(raw, chunk);
    if (usage === undefined) {
      this.#learn(event, chunk);
      return true;
    }
    this.draft.usage = mergedUsage(this.draft.usage, usage);
    return !(this.options.dropUsage && Array.isArray(choices) && choices.length === 0);
  }

  /** What was read a moment ago may be the form of what follows. */
  #learn(event: Buffer, chunk: Readonly<Record<string, unknown>>): void {
    const text = this.#lessons < LESSONS_MAX ? onlyText(chunk) : undefined;
    if (text === undefined) return;
    this.#lessons++;
    const padding = chunk[PADDING];
    const others = typeof padding === 'string' ? [{ name: PADDING, value: padding }] : [];
    const read = (like: Buffer) => onlyText(dataObject(eventData(like) ?? '') ?? {})?.value;
    this.#mould = EventMould.of(event, text, others, read);
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

/** The text of a chunk that tells nothing else: of one choice, not its last, without usage. An error would have ended the stream. */
function onlyText(chunk: Readonly<Record<string, unknown>>): MouldGap | undefined {
  const { choices } = chunk;
  if (!Array.isArray(choices) || choices.length !== 1) return undefined;
  const [choice] = choices;
  if (!isObject(choice) || typeof choice['finish_reason'] === 'string' || typeof choice['text'] === 'string') {
    return undefined;
  }
  const { delta } = choice;
  if (!isObject(delta) || (rawUsageOf(chunk, choices) ?? undefined) !== undefined) return undefined;
  const told = Object.entries(delta).filter(([key, value]) => !saysNothing(key, value));
  const [only] = told;
  if (only === undefined || told.length > 1) return undefined;
  const [name, value] = only;
  return TEXTS.includes(name) && typeof value === 'string' ? { name, value } : undefined;
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
  for (const [key, value] of Object.entries(delta)) if (!saysNothing(key, value)) return true;
  return false;
}

function saysNothing(key: string, value: unknown): boolean {
  if (key === 'role' || value === null || value === undefined || value === '') return true;
  return Array.isArray(value) && value.length === 0;
}

/** Later counts replace earlier ones: providers that report usage more than once report running totals. */
function mergedUsage(earlier: Usage | undefined, later: Usage): Usage {
  return earlier === undefined ? later : { ...earlier, ...later };
}
