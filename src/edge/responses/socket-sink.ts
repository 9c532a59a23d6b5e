import type { WebSocket } from 'ws';
import type { ClientSink } from '../../exchange/call.ts';
import { eventData, SseSplitter } from '../../kernel/sse-splitter.ts';
import type { UpgradeContext } from '../http/upgrades.ts';
import { isObject } from '../request-object.ts';
import { dataObject } from '../sse-gate.ts';

const LAST = /"(?:response\.(?:completed|incomplete|failed)|error)"/;
const LAST_TYPES: ReadonlySet<unknown> = new Set([
  'response.completed',
  'response.incomplete',
  'response.failed',
  'error',
]);
/** What an answer's head says that its client is to know. */
const TOLD = /^(?:x-leeward-|x-request-id$|x-should-retry$|retry-after)/;

export interface SocketSinkParts {
  readonly ws: WebSocket;
  readonly socket: Pick<UpgradeContext['socket'], 'writableNeedDrain'>;
  /** In each event, where the client has named its lane. */
  readonly streamId: string | undefined;
  /** The client has its answer, or why there is none. Not called when the connection is cut. */
  onEnd(): void;
}

/**
 * An exchange's client at a WebSocket: each event of the stream is a message,
 * a ping is one of the protocol's own, and what HTTP says in a head comes as a
 * first message (`leeward.headers`), or with the error.
 */
export class SocketSink implements ClientSink {
  readonly #parts: SocketSinkParts;
  readonly #events = new SseSplitter();
  #status = 0;
  #headers: Record<string, string> = {};
  #ended = false;

  constructor(parts: SocketSinkParts) {
    this.#parts = parts;
  }

  head(status: number, headers: readonly string[]): void {
    if (this.#status !== 0) return;
    this.#status = status;
    for (let at = 0; at + 1 < headers.length; at += 2) {
      const [name = '', value = ''] = [headers[at], headers[at + 1]];
      if (TOLD.test(name)) this.#headers[name] = value;
    }
    if (status === 200) this.#send(JSON.stringify({ type: 'leeward.headers', headers: this.#headers }));
  }

  write(bytes: Buffer): boolean {
    this.#events.push(bytes, (event) => this.#tell(event));
    return !this.#parts.socket.writableNeedDrain;
  }

  end(bytes?: Buffer): void {
    if (this.#status !== 200) this.#tellError(bytes);
    else if (bytes !== undefined) this.write(bytes);
    // A client that waits for the rest of a stream must not wait for ever.
    if (this.#ended) this.#parts.onEnd();
    else this.abort();
  }

  abort(): void {
    this.#parts.ws.terminate();
  }

  #tell(event: Buffer): void {
    const data = eventData(event);
    if (data === undefined) {
      if (this.#isOpen) this.#parts.ws.ping();
      return;
    }
    // Most events need not be read.
    const fields = LAST.test(data) ? dataObject(data) : undefined;
    if (fields !== undefined && LAST_TYPES.has(fields['type'])) this.#ended = true;
    if (data !== '[DONE]') this.#send(data);
  }

  /** In OpenAI's words for its WebSockets: the body's error, and the status that it would have had. */
  #tellError(body: Buffer | undefined): void {
    const told = body === undefined ? undefined : dataObject(body.toString('utf8'));
    const error = isObject(told?.['error']) ? told['error'] : { type: 'server_error', code: null, param: null };
    const message = typeof error['message'] === 'string' ? error['message'] : 'The call failed.';
    const event = { type: 'error', status: this.#status, error: { ...error, message }, headers: this.#headers };
    this.#send(JSON.stringify(event));
    this.#ended = true;
  }

  #send(json: string): void {
    const { ws, streamId } = this.#parts;
    if (!this.#isOpen) return;
    const named =
      streamId === undefined ? json : `{"stream_id":${JSON.stringify(streamId)},${json.trimStart().slice(1)}`;
    ws.send(named);
  }

  get #isOpen(): boolean {
    return this.#parts.ws.readyState === this.#parts.ws.OPEN;
  }
}
