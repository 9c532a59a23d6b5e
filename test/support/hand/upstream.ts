import type { Transport, UpstreamFailure, UpstreamHandler, UpstreamRequest } from '../../../src/protocol/upstream.ts';

export const DELTA = 'data: {"choices":[{"index":0,"delta":{"content":"12345678"},"finish_reason":null}]}\n\n';
export const END =
  'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: {"choices":[],"usage":{"prompt_tokens":4,"completion_tokens":30}}\n\ndata: [DONE]\n\n';
const ANSWER =
  '{"choices":[{"index":0,"message":{"content":"hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":4,"completion_tokens":2}}';

const event = (type: string, rest: object) => `event: ${type}\ndata: ${JSON.stringify({ type, ...rest })}\n\n`;

const MESSAGE = {
  id: 'msg_upstream',
  type: 'message',
  role: 'assistant',
  model: 'claude',
  content: [] as readonly object[],
  stop_reason: null as string | null,
  stop_sequence: null,
  usage: { input_tokens: 4, output_tokens: 1 },
};

/** The same in Anthropic's dialect: 4 tokens in, 30 out in a stream and 2 in an answer. */
export const MESSAGES = {
  start: event('message_start', { message: MESSAGE }),
  delta:
    event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }) +
    event('content_block_delta', { index: 0, delta: { type: 'text_delta', text: '12345678' } }),
  end:
    event('content_block_stop', { index: 0 }) +
    event('message_delta', { delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: 30 } }) +
    event('message_stop', {}),
  error: event('error', { error: { type: 'overloaded_error', message: 'Overloaded' } }),
  answer: JSON.stringify({
    ...MESSAGE,
    content: [{ type: 'text', text: 'hi' }],
    stop_reason: 'end_turn',
    usage: { input_tokens: 4, output_tokens: 2 },
  }),
  refusal: (type: string, message: string) => JSON.stringify({ type: 'error', error: { type, message } }),
} as const;

/**
 * One request at a provider, answered by a test's own hand. What HTTP does not
 * let a provider say (a second head, bytes before a head or after the end) is
 * not said.
 */
export class Asked {
  readonly provider: string;
  readonly path: string;
  readonly body: string;
  /** Flat: name, value, name, value. */
  readonly headers: readonly string[];
  aborted = false;
  #state: 'asked' | 'headed' | 'over' = 'asked';
  readonly #handler: UpstreamHandler;

  constructor(provider: string, request: UpstreamRequest, handler: UpstreamHandler) {
    this.provider = provider;
    this.path = request.path;
    this.body = Buffer.from(request.body ?? new Uint8Array()).toString();
    this.headers = request.headers;
    this.#handler = handler;
  }

  /** A whole answer that is not streamed, in the dialect that was asked in. */
  answer(text = this.#messages ? MESSAGES.answer : ANSWER): void {
    if (this.#state !== 'asked') return;
    this.head(200, { 'content-type': 'application/json' });
    this.#data(text);
    this.#end();
  }

  /** A JSON error. */
  refuse(status: number, error: Record<string, unknown> = {}, headers: Record<string, string> = {}): void {
    if (this.#state !== 'asked') return;
    this.head(status, { 'content-type': 'application/json', ...headers });
    this.#data(
      JSON.stringify({ ...(this.#messages ? { type: 'error' } : {}), error: { message: 'refused', ...error } }),
    );
    this.#end();
  }

  /** The head of a stream, and some of it. */
  stream(text = this.#messages ? MESSAGES.start + MESSAGES.delta : DELTA): void {
    if (this.#state !== 'asked') return;
    this.head(200, { 'content-type': 'text/event-stream' });
    this.#data(text);
  }

  more(text: string): void {
    this.#data(text);
  }

  /** A whole stream. */
  streamed(): void {
    this.stream();
    this.finish();
  }

  finish(): void {
    this.#data(this.#messages ? MESSAGES.end : END);
    this.#end();
  }

  end(): void {
    this.#end();
  }

  head(status: number, headers: Readonly<Record<string, string>>): void {
    if (this.aborted || this.#state !== 'asked') return;
    this.#state = 'headed';
    this.#handler.onHead(status, (name) => headers[name]);
  }

  fail(kind: UpstreamFailure['kind'] = 'reset', requestSent = true): void {
    if (this.aborted || this.#state === 'over') return;
    this.#state = 'over';
    this.#handler.onFailure({ kind, requestSent, cause: new Error(kind) });
  }

  get #messages(): boolean {
    return this.path.endsWith('/messages');
  }

  #data(text: string): void {
    if (!this.aborted && this.#state === 'headed') this.#handler.onData(Buffer.from(text));
  }

  #end(): void {
    if (this.aborted || this.#state !== 'headed') return;
    this.#state = 'over';
    this.#handler.onEnd();
  }
}

/** A provider that says nothing of itself. */
export class HandTransport implements Transport {
  readonly #provider: string;
  readonly #asked: Asked[];
  /** Thrown at the next request. */
  broken: Error | undefined;

  /** @param asked shared by all providers of a house, so that it tells the order */
  constructor(provider: string, asked: Asked[]) {
    this.#provider = provider;
    this.#asked = asked;
  }

  dispatch(request: UpstreamRequest, handler: UpstreamHandler) {
    if (this.broken !== undefined) throw this.broken;
    const asked = new Asked(this.#provider, request, handler);
    this.#asked.push(asked);
    return {
      pause: () => undefined,
      resume: () => undefined,
      abort: () => {
        asked.aborted = true;
      },
    };
  }

  async close(): Promise<void> {
    this.#asked.length = 0;
  }
}
