import { Agent, type ClientRequest, type IncomingMessage, request } from 'node:http';

/** What a client asks for, and when it loses its patience. */
export interface Wish {
  readonly key: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Hangs up once so many events of the stream have come: 0 is with its head. */
  readonly leaveAfterEvents?: number;
  /** Hangs up so long after the request was sent, if no head has come. */
  readonly leaveBeforeHeadMs?: number;
  readonly withinMs?: number;
}

/** What it got. `status` is 0 where nothing came. */
export interface Told {
  readonly status: number;
  readonly callId: string;
  readonly attempts: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly text: string;
  /** The client hung up. */
  readonly left: boolean;
  /** The connection broke under it. */
  readonly broke: string | undefined;
}

const CALL_MS_MAX = 30_000;

/** Clients that each have a connection of their own while they call, and use it again. */
export class Callers {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 2_000, maxFreeSockets: 256 });
  readonly #url: () => string;

  constructor(url: () => string) {
    this.#url = url;
  }

  /** Never rejects: what went wrong is in the answer. */
  call(wish: Wish): Promise<Told> {
    return new Promise((resolve) => {
      const body = Buffer.from(JSON.stringify(wish.body));
      const sent = request(`${this.#url()}${wish.path ?? '/v1/chat/completions'}`, {
        method: 'POST',
        agent: this.#agent,
        headers: {
          authorization: `Bearer ${wish.key}`,
          'content-type': 'application/json',
          'content-length': body.length,
          ...wish.headers,
        },
      });
      new Conversation(sent, wish, resolve);
      sent.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

class Conversation {
  readonly #sent: ClientRequest;
  readonly #wish: Wish;
  readonly #resolve: (told: Told) => void;
  readonly #timers: NodeJS.Timeout[] = [];
  #response: IncomingMessage | undefined;
  #text = '';
  #left = false;
  #over = false;

  constructor(sent: ClientRequest, wish: Wish, resolve: (told: Told) => void) {
    this.#sent = sent;
    this.#wish = wish;
    this.#resolve = resolve;
    sent.on('response', (response) => this.#onResponse(response));
    sent.on('error', (error) => this.#end(this.#left ? undefined : String(error)));
    sent.on('close', () => this.#end(this.#left || this.#response?.complete === true ? undefined : 'closed'));
    this.#after(wish.withinMs ?? CALL_MS_MAX, () => sent.destroy(new Error('no answer in time')));
    if (wish.leaveBeforeHeadMs !== undefined) {
      this.#after(wish.leaveBeforeHeadMs, () => {
        if (this.#response === undefined) this.#leave();
      });
    }
  }

  #onResponse(response: IncomingMessage): void {
    this.#response = response;
    response.setEncoding('utf8');
    response.on('data', (part: string) => {
      this.#text += part;
      this.#leaveAfter();
    });
    response.on('end', () => this.#end(response.complete ? undefined : 'the answer stopped early'));
    response.on('error', (error) => this.#end(this.#left ? undefined : String(error)));
    this.#leaveAfter();
  }

  #leaveAfter(): void {
    const { leaveAfterEvents } = this.#wish;
    if (leaveAfterEvents !== undefined && this.#text.split('\n\n').length - 1 >= leaveAfterEvents) this.#leave();
  }

  #leave(): void {
    this.#left = true;
    this.#sent.destroy();
  }

  #after(ms: number, then: () => void): void {
    this.#timers.push(setTimeout(then, ms));
  }

  #end(broke: string | undefined): void {
    if (this.#over) return;
    this.#over = true;
    for (const timer of this.#timers) clearTimeout(timer);
    const headers = (this.#response?.headers ?? {}) as Record<string, string | undefined>;
    this.#resolve({
      status: this.#response?.statusCode ?? 0,
      callId: headers['x-leeward-request-id'] ?? '',
      attempts: Number(headers['x-leeward-attempts'] ?? 0),
      headers,
      text: this.#text,
      left: this.#left,
      broke,
    });
  }
}

/** The `error` object of an answer, which Gemini's clients may get as the only element of an array. */
export function errorIn({ text }: Told): { code?: string; message?: string; details?: Record<string, unknown> } {
  const told: unknown = JSON.parse(text);
  const [first] = Array.isArray(told) ? (told as unknown[]) : [told];
  const { error = {} } = first as { error?: { code?: string; details?: Record<string, unknown> } };
  // Anthropic's shape has our code among its details, Google's has it there as a reason.
  const code = reasonIn(error.details) ?? error.code ?? error.details?.['error_code'];
  return typeof code === 'string' ? { ...error, code } : error;
}

function reasonIn(details: unknown): string | undefined {
  const [info] = Array.isArray(details) ? (details as { reason?: string }[]) : [];
  return info?.reason?.toLowerCase();
}
