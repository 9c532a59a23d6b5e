import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Caller } from '../../exchange/call.ts';
import { shuttingDown } from '../../exchange/exchange-errors.ts';
import type { Clock } from '../../kernel/clock.ts';
import { GatewayError } from '../../kernel/errors.ts';
import type { IdMaker } from '../../kernel/ids.ts';
import { expectsContinue } from './body.ts';
import type { ErrorVoice } from './error-voice.ts';
import type { Guard, MatchedRoute, RouteTable } from './routes.ts';
import { asksForWebSocket, refuseUpgrade } from './upgrades.ts';

/** Request line and headers together. A longer head is answered with 431. */
const HEADER_BYTES_MAX = 32 * 1024;
/** A client that dribbles its request is cut off with 408. */
const HEAD_MS_MAX = 20_000;
const REQUEST_MS_MAX = 120_000;
/** Longer than the 60 s after which the usual load balancer closes its side. */
const KEEP_ALIVE_MS = 65_000;
/** How long the rest of a refused body is read and thrown away, so that the client gets to see the answer. */
const LINGER_MS = 2_000;
/** How long a client may take to read the end of an answer that was given before the stop. */
const FLUSH_MS_MAX = 2_000;
/** A refused body of at most this size is read to its end, and the connection serves on. */
const REFUSED_BODY_BYTES_MAX = 64 * 1024;

export interface HttpServerParts {
  readonly clock: Clock;
  readonly ids: IdMaker;
  readonly routes: RouteTable;
  /** Host names a request may name; `undefined` accepts all. Stops a web page from reaching a loopback gateway by DNS. */
  readonly allowedHosts: ReadonlySet<string> | undefined;
  /** @throws `unauthenticated` or `forbidden`; also as a rejection */
  authorise(guard: Guard, req: IncomingMessage): Caller | undefined | Promise<Caller | undefined>;
  /** An error no handler expected. */
  onUnexpected(error: unknown, requestId: string): void;
  onRefused(status: number, code: string): void;
  /** In which dialect an error is told to whoever sent this; `undefined`: nobody knows what it was. */
  voiceOf(req: IncomingMessage | undefined): ErrorVoice;
}

/** The gateway's front door: bare `node:http`, one route table, deny by default. */
export class HttpServer {
  readonly #parts: HttpServerParts;
  readonly #server: Server;
  /** Each connection with the number of its responses that are not yet with the client. */
  readonly #connections = new Map<Socket, { answering: number }>();
  #answering = 0;
  #onAnswered: (() => void) | undefined;
  /** Aborted once what is under way is the last. */
  readonly #stopping = new AbortController();

  constructor(parts: HttpServerParts) {
    this.#parts = parts;
    this.#server = createServer(
      {
        maxHeaderSize: HEADER_BYTES_MAX,
        headersTimeout: HEAD_MS_MAX,
        requestTimeout: REQUEST_MS_MAX,
        keepAliveTimeout: KEEP_ALIVE_MS,
        connectionsCheckingInterval: 5_000,
        noDelay: true,
        shouldUpgradeCallback: (req) => this.#upgradeOf(req) !== undefined,
      },
      (req, res) => this.#onRequest(req, res),
    );
    this.#server.maxHeadersCount = 0;
    // Node would ask for the body at once; it is asked for once the request is known to be welcome.
    this.#server.on('checkContinue', (req, res) => this.#onRequest(req, res));
    this.#server.on('upgrade', (req, socket, head) => this.#onUpgrade(req, socket as Socket, head));
    this.#server.on('clientError', (error, socket: Socket) => this.#onClientError(error, socket));
    this.#server.on('connection', (socket) => {
      this.#connections.set(socket, { answering: 0 });
      socket.once('close', () => this.#connections.delete(socket));
    });
  }

  /** @returns the port, which the system chose when `port` was 0 */
  listen(host: string, port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ host, port, backlog: 1024 }, () => {
        this.#server.off('error', reject);
        const address = this.#server.address();
        resolve(typeof address === 'object' && address !== null ? address.port : port);
      });
    });
  }

  /** Answers from now on close their connections; idle ones stay, because a request may be on its way. */
  closeAfterAnswers(): void {
    this.#stopping.abort();
  }

  /**
   * Answers from now on close their connections, and idle ones are closed.
   * Node's own `closeIdleConnections` takes a connection for idle once its
   * answer has been given, though not yet sent, and cuts it off.
   */
  drain(): void {
    this.#stopping.abort();
    for (const [socket, { answering }] of this.#connections) if (answering === 0) socket.destroy();
  }

  /** Lets the clients that still read their answer finish, frees the port, and cuts every connection. */
  async close(): Promise<void> {
    this.#stopping.abort();
    if (this.#answering > 0) await this.#answered();
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#connections.keys()) socket.destroy();
    await closed;
  }

  #answered(): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.#parts.clock.after(FLUSH_MS_MAX, resolve);
      this.#onAnswered = () => {
        timer.cancel();
        resolve();
      };
    });
  }

  #onRequest(req: IncomingMessage, res: ServerResponse): void {
    const requestId = this.#parts.ids.next('call');
    if (this.#stopping.signal.aborted) res.shouldKeepAlive = false;
    this.#countUntilClosed(req.socket, res);
    const fail = (error: unknown) => this.#fail(req, res, requestId, error);
    try {
      const running = this.#dispatch(req, res, requestId, fail);
      if (running !== undefined) running.catch(fail);
    } catch (error) {
      fail(error);
    }
  }

  /** An answer, or a connection that has become another, which is told of the stop in its own way. */
  #countUntilClosed(socket: Socket, answer: ServerResponse | Socket): void {
    const connection = this.#connections.get(socket);
    if (connection === undefined) return;
    connection.answering++;
    this.#answering++;
    answer.once('close', () => {
      connection.answering--;
      if (--this.#answering === 0) this.#onAnswered?.();
    });
  }

  #upgradeOf(req: IncomingMessage): MatchedRoute | undefined {
    if (!asksForWebSocket(req)) return undefined;
    const matched = this.#parts.routes.match('GET', splitTarget(req.url ?? '').path);
    return matched?.route.upgrade === undefined ? undefined : matched;
  }

  /** The same questions as of any request, before the connection becomes another. */
  #onUpgrade(req: IncomingMessage, socket: Socket, head: Buffer): void {
    const { clock, ids } = this.#parts;
    const requestId = ids.next('call');
    this.#countUntilClosed(socket, socket);
    // Node has let go of the socket, and an error that nobody hears ends the process.
    socket.on('error', () => socket.destroy());
    const refuse = (thrown: unknown) => {
      const { status, headers, body } = this.#refusal(req, requestId, thrown);
      if (!socket.destroyed) refuseUpgrade({ socket, clock }, status, headers, body);
    };
    this.#upgrade({ req, socket, head }).catch(refuse);
  }

  async #upgrade({ req, socket, head }: { req: IncomingMessage; socket: Socket; head: Buffer }): Promise<void> {
    const { clock, ids, authorise } = this.#parts;
    this.#checkHost(req);
    const route = this.#upgradeOf(req)?.route;
    if (route?.upgrade === undefined) throw notFound(req.method ?? '', req.url ?? '', false);
    await authorise(route.guard, req);
    if (this.#stopping.signal.aborted) throw shuttingDown();
    if (socket.destroyed) return;
    await route.upgrade({
      req,
      socket,
      head,
      clock,
      closing: this.#stopping.signal,
      nextId: () => ids.next('call'),
      authorise: () => authorise(route.guard, req),
      explain: (thrown, requestId) => {
        const error = thrown instanceof GatewayError ? thrown : this.#unexpected(thrown, requestId);
        this.#parts.onRefused(this.#parts.voiceOf(req).errorStatus(error), error.code);
        return error;
      },
    });
  }

  #dispatch(
    req: IncomingMessage,
    res: ServerResponse,
    requestId: string,
    fail: (error: unknown) => void,
  ): Promise<void> | undefined {
    const { clock, routes, authorise } = this.#parts;
    const arrivedAt = clock.now();
    const arrivedMs = clock.monotonicMs();
    this.#checkHost(req);
    const { path, query } = splitTarget(req.url ?? '');
    // Node leaves the body of an answer to HEAD away.
    const matched =
      routes.match(req.method ?? '', path) ?? (req.method === 'HEAD' ? routes.match('GET', path) : undefined);
    // What no route names is guarded like its neighbours: nothing is told to a stranger, not even what does not exist.
    const admitted = authorise(matched?.route.guard ?? (path.startsWith('/admin/') ? 'admin' : 'key'), req);
    const proceed = (caller: Caller | undefined) => {
      if (matched === undefined) throw notFound(req.method ?? '', path, routes.knowsPath(path));
      const { route, param } = matched;
      return route.handle({ req, res, requestId, arrivedAt, arrivedMs, param, query, caller, fail });
    };
    if (admitted instanceof Promise) return admitted.then(proceed);
    return proceed(admitted) ?? undefined;
  }

  #checkHost(req: IncomingMessage): void {
    const { allowedHosts } = this.#parts;
    // Only HTTP/1.0 may lack a Host: health checks of some load balancers do, no browser does.
    if (allowedHosts === undefined || req.headers.host === undefined) return;
    if (hostCount(req.rawHeaders) > 1) {
      // Node reads the first, a proxy before us may have read the last (RFC 9112, section 3.2).
      throw new GatewayError('invalid_request', { message: 'The request has more than one Host header.' });
    }
    const host = hostName(req.headers.host);
    if (allowedHosts.has(host)) return;
    throw new GatewayError('forbidden', {
      message: `The Host header names '${host.slice(0, 100)}', which is not this gateway. Use 127.0.0.1 or localhost, or add the name to server.allowed_hosts.`,
    });
  }

  /** An error as whoever asked is told of it. */
  #refusal(
    req: IncomingMessage,
    requestId: string,
    thrown: unknown,
  ): { status: number; headers: string[]; body: Buffer } {
    const error = thrown instanceof GatewayError ? thrown : this.#unexpected(thrown, requestId);
    const voice = this.#parts.voiceOf(req);
    const status = voice.errorStatus(error);
    this.#parts.onRefused(status, error.code);
    const body = voice.errorBody(error, requestId);
    const headers = [
      'content-type',
      'application/json',
      'content-length',
      String(body.length),
      voice.requestIdHeader,
      requestId,
      'x-leeward-request-id',
      requestId,
    ];
    if (status === 401) headers.push('www-authenticate', 'Bearer');
    if (status === 426) headers.push('upgrade', 'websocket');
    if (error.retryAfterMs !== undefined) headers.push(...retryHeaders(error.retryAfterMs));
    return { status, headers, body };
  }

  #fail(req: IncomingMessage, res: ServerResponse, requestId: string, thrown: unknown): void {
    const { status, headers, body } = this.#refusal(req, requestId, thrown);
    if (res.headersSent || res.destroyed) {
      res.destroy();
      return;
    }
    if (unreadBytes(req) <= REFUSED_BODY_BYTES_MAX && res.shouldKeepAlive) {
      res.writeHead(status, headers);
      res.end(body);
      return;
    }
    res.writeHead(status, [...headers, 'connection', 'close']);
    res.write(body);
    this.#linger(req, res);
  }

  /**
   * The answer is whole by its length, but ended late: ending it closes the
   * connection, and doing so while the client still sends would reset it and
   * take the answer along.
   */
  #linger(req: IncomingMessage, res: ServerResponse): void {
    const end = () => {
      timer.cancel();
      res.end();
    };
    const timer = this.#parts.clock.after(LINGER_MS, end);
    res.once('close', () => timer.cancel());
    if (req.complete || (req.readableFlowing === null && expectsContinue(req))) {
      end();
      return;
    }
    req.once('end', end);
    req.resume();
  }

  /** Bytes that are no request: Node has no response object for them, so the answer is written by hand. */
  #onClientError(error: NodeJS.ErrnoException, socket: Socket): void {
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy();
      return;
    }
    const { status, code, message } = CLIENT_ERRORS[error.code ?? ''] ?? BAD_REQUEST;
    const body = this.#parts.voiceOf(undefined).errorBody(new GatewayError(code, { message }), 'none');
    socket.end(
      `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body.toString()}`,
    );
    // A client that keeps its own end open must not keep the socket.
    const timer = this.#parts.clock.after(LINGER_MS, () => socket.destroy());
    socket.once('close', () => timer.cancel());
  }

  #unexpected(thrown: unknown, requestId: string): GatewayError {
    this.#parts.onUnexpected(thrown, requestId);
    return new GatewayError('internal', {
      message: 'The gateway failed in an unexpected way; the log has the details under this request id.',
      cause: thrown,
    });
  }
}

/** Whole seconds would bring everybody who was refused back in the same few moments; SDKs read the exact one first. */
function retryHeaders(waitMs: number): string[] {
  return ['retry-after', String(Math.ceil(waitMs / 1_000)), 'retry-after-ms', String(Math.ceil(waitMs))];
}

/** Body bytes that may still come: none, as many as were announced, or endless. */
function unreadBytes(req: IncomingMessage): number {
  if (req.complete) return 0;
  if (req.headers['transfer-encoding'] !== undefined) return Number.POSITIVE_INFINITY;
  return Number(req.headers['content-length'] ?? 0);
}

function splitTarget(target: string): { path: string; query: string } {
  const mark = target.indexOf('?');
  return mark < 0 ? { path: target, query: '' } : { path: target.slice(0, mark), query: target.slice(mark + 1) };
}

function hostCount(rawHeaders: readonly string[]): number {
  let count = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at];
    if (name?.length === 4 && name.toLowerCase() === 'host') count++;
  }
  return count;
}

/** The host without its port, lower case; IPv6 keeps its brackets. */
function hostName(host: string): string {
  const end = host.startsWith('[') ? host.indexOf(']') + 1 : host.lastIndexOf(':');
  return (end > 0 ? host.slice(0, end) : host).toLowerCase();
}

function notFound(method: string, path: string, otherMethod: boolean): GatewayError {
  const shown = path.length > 100 ? `${path.slice(0, 100)}…` : path;
  const hint = otherMethod ? 'The path exists with another method.' : 'Calls go to /v1/…, as in /v1/chat/completions.';
  return new GatewayError('not_found', { message: `There is no ${method} ${shown} here. ${hint}` });
}

const CLIENT_ERRORS: Record<string, { status: string; code: 'invalid_request'; message: string }> = {
  HPE_HEADER_OVERFLOW: {
    status: '431 Request Header Fields Too Large',
    code: 'invalid_request',
    message: `The request head is larger than ${HEADER_BYTES_MAX} bytes.`,
  },
  ERR_HTTP_REQUEST_TIMEOUT: {
    status: '408 Request Timeout',
    code: 'invalid_request',
    message: 'The request did not arrive in time.',
  },
};
const BAD_REQUEST = {
  status: '400 Bad Request',
  code: 'invalid_request' as const,
  message: 'The request is not valid HTTP/1.1.',
};
