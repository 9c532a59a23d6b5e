import { eventData, SseSplitter } from '../../kernel/sse-splitter.ts';

/** A longer event is no answer to a person. */
const EVENT_BYTES_MAX = 4 * 2 ** 20;

/** What the events of one answer said so far. */
export interface ChatSoFar {
  text: string;
  finishReason: string | undefined;
  usage: unknown;
  /** By their index, with names and arguments put together. */
  readonly toolCalls: ToolCall[];
  error: AnsweredError | undefined;
  done: boolean;
}

export interface ToolCall {
  id: string;
  name: string;
  arguments: string;
}

/** An error in OpenAI's shape, as the gateway says it. */
export interface AnsweredError {
  readonly message: string;
  readonly code: string | undefined;
  readonly requestId: string | undefined;
}

/** Reads an event stream, or one whole JSON answer, of the chat dialect. What it does not know it passes over. */
export class ChatReader {
  readonly soFar: ChatSoFar = {
    text: '',
    finishReason: undefined,
    usage: undefined,
    toolCalls: [],
    error: undefined,
    done: false,
  };
  readonly #splitter = new SseSplitter();
  readonly #onText: (text: string) => void;

  constructor(onText: (text: string) => void) {
    this.#onText = onText;
  }

  /** @throws when an event is larger than 4 MiB */
  push(bytes: Buffer): void {
    this.#splitter.push(bytes, (event) => this.#event(event));
    if (this.#splitter.heldBytes > EVENT_BYTES_MAX) throw new Error(`an event of more than ${EVENT_BYTES_MAX} bytes`);
  }

  /** An answer that is not a stream. */
  whole(json: unknown): void {
    this.#chunk(json, 'message');
    this.soFar.done = this.soFar.error === undefined;
  }

  #event(event: Buffer): void {
    const data = eventData(event);
    if (data === undefined) return;
    if (data === '[DONE]') this.soFar.done = true;
    else this.#chunk(parsed(data), 'delta');
  }

  #chunk(json: unknown, part: 'delta' | 'message'): void {
    this.soFar.error ??= answeredError(json);
    const usage = member(json, 'usage');
    if (usage !== undefined && usage !== null) this.soFar.usage = usage;
    const choice = first(member(json, 'choices'));
    const reason = member(choice, 'finish_reason');
    if (typeof reason === 'string') this.soFar.finishReason = reason;
    const message = member(choice, part);
    const text = member(message, 'content') ?? member(message, 'refusal');
    if (typeof text === 'string' && text !== '') {
      this.soFar.text += text;
      this.#onText(text);
    }
    const calls = member(message, 'tool_calls');
    if (Array.isArray(calls)) for (const call of calls) this.#toolCall(call);
  }

  #toolCall(call: unknown): void {
    const index = member(call, 'index');
    const at = typeof index === 'number' && index >= 0 && index < 128 ? index : this.soFar.toolCalls.length;
    const known = this.soFar.toolCalls[at] ?? { id: '', name: '', arguments: '' };
    const made = member(call, 'function');
    this.soFar.toolCalls[at] = {
      id: known.id || string(member(call, 'id')),
      name: known.name + string(member(made, 'name')),
      arguments: known.arguments + string(member(made, 'arguments')),
    };
  }
}

/** The error that an answer holds, if it does. */
export function answeredError(json: unknown): AnsweredError | undefined {
  const error = member(json, 'error');
  if (typeof error !== 'object' || error === null) return undefined;
  const message = member(error, 'message');
  const code = member(error, 'code');
  const requestId = member(error, 'request_id');
  return {
    message: typeof message === 'string' ? message : 'the answer was an error that says nothing',
    code: typeof code === 'string' ? code : undefined,
    requestId: typeof requestId === 'string' ? requestId : undefined,
  };
}

export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // What is no JSON has no members to read, and that is all anybody here asks of it.
    return undefined;
  }
}

export function member(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return (value as Readonly<Record<string, unknown>>)[name];
}

function first(value: unknown): unknown {
  return Array.isArray(value) ? value[0] : undefined;
}

function string(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
