import { RawClient } from '../../../faults/harness/raw-client.ts';

/** One request, written as it is told: nothing is escaped, completed or refused on this side. */
export interface RawRequest {
  readonly method?: string;
  /** The request target as it stands in the first line. */
  readonly target: string;
  /** Lines without their end; `host` is added unless one is here. */
  readonly headers?: readonly string[];
  readonly body?: string;
}

export interface RawAnswer {
  readonly status: number;
  /** The head as it came, status line and headers. */
  readonly head: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly text: string;
}

const ANSWER_MS = 15_000;

/** Requests one after the other on one connection, which is opened anew whenever the gateway closes it. */
export class Session implements Disposable {
  readonly #port: number;
  #client: RawClient | undefined;

  constructor(port: number) {
    this.#port = port;
  }

  async send(request: RawRequest): Promise<RawAnswer> {
    if (this.#client === undefined || this.#client.closed) this.#client = await RawClient.open(this.#port);
    const client = this.#client;
    client.send(bytesOf(request));
    const { status, headText, headers, body, end } = await client.answer(ANSWER_MS);
    if (end === 'timeout') throw new Error(`no answer to ${request.method ?? 'GET'} ${request.target.slice(0, 80)}`);
    if (end !== 'complete' || headers.get('connection') === 'close' || request.method === 'HEAD') this.close();
    return { status, head: headText, headers, text: body.toString('utf8') };
  }

  close(): void {
    this.#client?.close();
    this.#client = undefined;
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

function bytesOf({ method = 'GET', target, headers = [], body }: RawRequest): Buffer {
  const lines = [`${method} ${target} HTTP/1.1`];
  if (!headers.some((header) => /^host:/i.test(header))) lines.push('host: 127.0.0.1');
  lines.push(...headers);
  if (method === 'HEAD') lines.push('connection: close');
  if (body !== undefined) lines.push(`content-length: ${Buffer.byteLength(body)}`);
  // Header bytes are bytes: what a payload holds must not be encoded a second time.
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'utf8'), Buffer.from(body ?? '')]);
}

export function bearer(token: string): string {
  return `authorization: Bearer ${token}`;
}
