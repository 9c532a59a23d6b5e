import type { ConnectionOptions } from 'node:tls';
import { type Dispatcher, Pool, ProxyAgent } from 'undici';
import { errorCode } from '../kernel/errors.ts';
import type {
  HeaderLookup,
  Transport,
  UpstreamFailure,
  UpstreamHandler,
  UpstreamRequest,
  UpstreamStream,
} from '../protocol/upstream.ts';
import { Connections } from './connections.ts';
import { ADDRESS_REFUSED, hostLookup } from './host-lookup.ts';

/** How one provider is reached. */
export interface TransportOptions {
  /** Scheme, host and port, as in `https://api.openai.com`. */
  readonly origin: string;
  readonly connectMs: number;
  readonly proxy?: string;
  /** PEM texts. Verification is never switched off. */
  readonly tls?: Pick<ConnectionOptions, 'ca' | 'cert' | 'key'>;
  readonly http2?: boolean;
}

const HEADER_BYTES_MAX = 64 * 1024;
/** Shorter than what servers usually grant, so that we close an idle socket before they do. */
const IDLE_SOCKET_MS = 4_000;

/**
 * Upstream HTTP on undici's dispatcher. Timeouts but for connecting belong to
 * the exchange's clock; redirects are never followed, so a credential never
 * leaves its host.
 */
export function undiciTransport(options: TransportOptions): Transport {
  const shared = {
    pipelining: 1,
    headersTimeout: 0,
    bodyTimeout: 0,
    maxHeaderSize: HEADER_BYTES_MAX,
    keepAliveTimeout: IDLE_SOCKET_MS,
    allowH2: options.http2 ?? false,
    connect: { timeout: options.connectMs, lookup: hostLookup(), ...options.tls },
  };
  const make = (): Dispatcher =>
    options.proxy === undefined
      ? new Pool(options.origin, shared)
      : new ProxyAgent({ ...shared, uri: options.proxy, requestTls: { timeout: options.connectMs, ...options.tls } });
  const connections = new Connections(make, shared.allowH2);
  return {
    dispatch: (request, handler) => new UndiciStream(connections, options.origin, request, handler),
    close: () => connections.destroy(),
  };
}

class UndiciStream implements UpstreamStream, Dispatcher.DispatchHandler {
  readonly #handler: UpstreamHandler;
  readonly #connections: Connections;
  readonly #dispatcher: Dispatcher;
  /** When something last came on this stream, as the connections count. */
  #heardAt: number;
  #controller: Dispatcher.DispatchController | undefined;
  #over = false;
  #paused = false;
  #headSeen = false;

  constructor(connections: Connections, origin: string, request: UpstreamRequest, handler: UpstreamHandler) {
    this.#handler = handler;
    this.#connections = connections;
    this.#dispatcher = connections.current;
    this.#heardAt = connections.mark;
    this.#dispatcher.dispatch(
      {
        origin,
        path: request.path,
        method: request.method,
        headers: request.headers as string[],
        body: request.body ?? null,
      },
      this,
    );
  }

  pause(): void {
    this.#paused = true;
    this.#controller?.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#controller?.resume();
  }

  abort(): void {
    if (this.#over) return;
    this.#over = true;
    this.#controller?.abort(new Error('given up by the gateway'));
    this.#connections.givenUp(this.#dispatcher, this.#heardAt);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#over) controller.abort(new Error('given up by the gateway'));
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: RawHeaders): void {
    if (this.#over || status < 200) return;
    this.#headSeen = true;
    this.#heardAt = this.#connections.heard();
    this.#handler.onHead(status, (name) => joinedHeader(headers[name]));
    if (this.#paused) controller.pause();
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#over) return;
    this.#heardAt = this.#connections.heard();
    this.#handler.onData(chunk);
    if (this.#paused) controller.pause();
  }

  onResponseEnd(): void {
    if (this.#over) return;
    this.#over = true;
    this.#handler.onEnd();
  }

  onResponseError(_controller: Dispatcher.DispatchController, cause: Error): void {
    if (this.#over) return;
    this.#over = true;
    // undici hands the controller over when the request is about to be written.
    this.#handler.onFailure(failureOf(cause, this.#controller !== undefined || this.#headSeen));
  }
}

type RawHeaders = Readonly<Record<string, string | string[] | undefined>>;

function joinedHeader(value: string | string[] | undefined): ReturnType<HeaderLookup> {
  return Array.isArray(value) ? value.join(', ') : value;
}

const CONNECT_CODES = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
]);

function failureOf(cause: Error, requestSent: boolean): UpstreamFailure {
  const code = errorCode(cause) ?? '';
  const kind = kindOf(code);
  const neverSent = kind === 'connect' || kind === 'address' || kind === 'connect-timeout' || kind === 'tls';
  return { kind, requestSent: requestSent && !neverSent, cause };
}

function kindOf(code: string): UpstreamFailure['kind'] {
  if (CONNECT_CODES.has(code)) return 'connect';
  if (code === ADDRESS_REFUSED) return 'address';
  if (code === 'UND_ERR_CONNECT_TIMEOUT') return 'connect-timeout';
  if (code.startsWith('ERR_TLS') || code.startsWith('ERR_SSL') || /CERT|SELF_SIGNED|UNABLE_TO_VERIFY/.test(code)) {
    return 'tls';
  }
  if (code === 'ECONNRESET' || code === 'EPIPE' || code === 'UND_ERR_SOCKET') return 'reset';
  if (code.startsWith('HPE_') || code.startsWith('UND_ERR_RES') || code === 'UND_ERR_HEADERS_OVERFLOW') {
    return 'protocol';
  }
  if (code === 'UND_ERR_DESTROYED' || code === 'UND_ERR_CLOSED' || code === 'UND_ERR_ABORTED') return 'aborted';
  return 'unknown';
}
