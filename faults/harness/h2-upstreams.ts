import {
  createSecureServer,
  type Http2SecureServer,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { Certificate } from './certificates.ts';
import { OK_ANSWER } from './http-bytes.ts';
import { listenOnLoopback } from './listen.ts';

/** What the upstream does with a request over HTTP/2. */
export type H2Answerer = (stream: ServerHttp2Stream, session: ServerHttp2Session) => void;

/** A provider that speaks HTTP/2 only, and one that allows no stream at all. */
export class H2Upstreams {
  readonly port: number;
  /** Says SETTINGS_MAX_CONCURRENT_STREAMS = 0. */
  readonly closedPort: number;
  /** Requests read so far; the row's own count. */
  requests = 0;
  answer: H2Answerer = answerJson;
  readonly #servers: readonly Http2SecureServer[];
  readonly #sessions: Set<ServerHttp2Session>;

  private constructor(servers: readonly Http2SecureServer[], ports: readonly number[]) {
    this.#servers = servers;
    this.#sessions = new Set();
    [this.port = 0, this.closedPort = 0] = ports;
    for (const server of servers) {
      server.on('session', (session) => {
        this.#sessions.add(session);
        session.on('close', () => this.#sessions.delete(session));
        // Whoever cuts sessions hears of it as errors.
        session.on('error', () => session.destroy());
      });
      server.on('stream', (stream) => this.#serve(stream as ServerHttp2Stream));
    }
  }

  static async start(certificate: Certificate): Promise<H2Upstreams> {
    const open = createSecureServer({ ...certificate, allowHTTP1: false });
    const closed = createSecureServer({ ...certificate, allowHTTP1: false, settings: { maxConcurrentStreams: 0 } });
    const ports = [await listenOnLoopback(open), await listenOnLoopback(closed)];
    return new H2Upstreams([open, closed], ports);
  }

  /** Streams that are not closed yet, on any session. */
  get openStreams(): number {
    return this.#streams;
  }

  #streams = 0;

  closeAll(): void {
    for (const session of this.#sessions) session.destroy();
  }

  async stop(): Promise<void> {
    this.closeAll();
    await Promise.all(this.#servers.map((server) => new Promise((resolve) => server.close(resolve))));
  }

  #serve(stream: ServerHttp2Stream): void {
    this.requests++;
    this.#streams++;
    stream.on('close', () => this.#streams--);
    stream.on('error', () => stream.destroy());
    stream.resume();
    stream.on('end', () => {
      const { session } = stream;
      if (session !== undefined) this.answer(stream, session as ServerHttp2Session);
    });
  }
}

export function answerJson(stream: ServerHttp2Stream): void {
  stream.respond({ ':status': 200, 'content-type': 'application/json' });
  stream.end(OK_ANSWER);
}

/** The head of an event stream with its first events; the caller goes on. */
export function beginStream(stream: ServerHttp2Stream, ...events: readonly string[]): void {
  stream.respond({ ':status': 200, 'content-type': 'text/event-stream' });
  for (const event of events) stream.write(event);
}
