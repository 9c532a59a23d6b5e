import { WebSocket } from 'ws';
import type { House } from './house.ts';
import { comesTrue } from './waiting.ts';

const ANSWER_MS = 15_000;
const LAST = new Set(['response.completed', 'response.incomplete', 'response.failed']);

interface Told extends Readonly<Record<string, unknown>> {
  readonly type: string;
}

/** What came between a message of the client and the last event of its answer. */
export interface SocketAnswer {
  readonly events: readonly Told[];
  /** `closed`: the connection ended before an end was told. */
  readonly end: 'told' | 'closed' | 'timeout';
  readonly callId: string | undefined;
  readonly text: string;
}

/** A client of the Responses API in WebSocket mode that sends what it is told. */
export class SocketClient {
  readonly #ws: WebSocket;
  #messages: string[] = [];
  #closeCode: number | undefined;

  private constructor(ws: WebSocket) {
    this.#ws = ws;
    ws.on('message', (data) => this.#messages.push(String(data)));
    ws.on('close', (code) => {
      this.#closeCode = code;
    });
    // A connection that breaks is closed next, and that is what is looked at.
    ws.on('error', () => undefined);
  }

  static async open({ port, key }: House): Promise<SocketClient> {
    const ws = new WebSocket(`ws://127.0.0.1:${port}/v1/responses`, { headers: { authorization: `Bearer ${key}` } });
    const client = new SocketClient(ws);
    await new Promise<void>((resolve, reject) => {
      ws.once('open', resolve);
      ws.once('error', reject);
    });
    return client;
  }

  create(model: string, input = 'Say something about the weather.'): void {
    this.send(JSON.stringify({ type: 'response.create', model, input }));
  }

  send(message: string | Buffer): void {
    this.#ws.send(message);
  }

  /** How many events have come since the last answer was read. */
  get waiting(): number {
    return this.#messages.length;
  }

  /** The code with which the other side closed the connection, once it has. */
  get closeCode(): number | undefined {
    return this.#closeCode;
  }

  /** The next answer, to its last event. */
  async answer(): Promise<SocketAnswer> {
    const ended = await comesTrue(() => this.#lastAt() >= 0 || this.#closeCode !== undefined, ANSWER_MS);
    const at = this.#lastAt();
    const messages = this.#messages.splice(0, at < 0 ? this.#messages.length : at + 1);
    const events = messages.map((text) => JSON.parse(text) as Told);
    return {
      events,
      end: at >= 0 ? 'told' : ended ? 'closed' : 'timeout',
      callId: events.map(callIdIn).find((id) => id !== undefined),
      text: messages.join('\n'),
    };
  }

  async closed(withinMs: number): Promise<boolean> {
    return comesTrue(() => this.#closeCode !== undefined, withinMs);
  }

  /** As a process that dies: without the protocol's farewell. */
  terminate(): void {
    this.#ws.terminate();
  }

  async close(): Promise<void> {
    if (this.#closeCode !== undefined) return;
    this.#ws.close();
    if (!(await this.closed(1_000))) this.#ws.terminate();
  }

  #lastAt(): number {
    return this.#messages.findIndex((text) => isLast(JSON.parse(text) as Told));
  }
}

/** An error that ends a stream is followed by `response.failed`; one without a stream has the status of HTTP. */
function isLast({ type, status }: Told): boolean {
  return LAST.has(type) || (type === 'error' && status !== undefined);
}

function callIdIn({ headers }: Told): string | undefined {
  const id = (headers as Readonly<Record<string, unknown>> | undefined)?.['x-leeward-request-id'];
  return typeof id === 'string' ? id : undefined;
}
