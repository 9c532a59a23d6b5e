/** One HTTP request to a target. Headers are flat name, value, name, value; names in lower case. */
export interface UpstreamRequest {
  readonly method: 'GET' | 'POST';
  /** Path and query, as the target's base URL and the operation give it. Never from the caller. */
  readonly path: string;
  readonly headers: readonly string[];
  readonly body?: Uint8Array;
}

/** Response headers by lower-case name; a repeated header's values are joined by ", ". */
export type HeaderLookup = (name: string) => string | undefined;

/** What happened to an upstream request that gave no complete answer, with the facts a retry is judged by. */
export interface UpstreamFailure {
  readonly kind:
    | 'connect'
    /** The host's name led to an address where it may not be. */
    | 'address'
    | 'connect-timeout'
    | 'tls'
    | 'reset'
    | 'protocol'
    | 'too-large'
    | 'aborted'
    | 'unknown';
  /** False only when it is certain that no byte of the request left this process. */
  readonly requestSent: boolean;
  /** For logs; may name hosts, never secrets. */
  readonly cause: unknown;
}

/**
 * Called in this order: at most one `onHead`, any number of `onData`, then
 * exactly one of `onEnd` or `onFailure`. Nothing is called after `abort`.
 */
export interface UpstreamHandler {
  onHead(status: number, header: HeaderLookup): void;
  onData(chunk: Buffer): void;
  onEnd(): void;
  onFailure(failure: UpstreamFailure): void;
}

/** The handle of a request under way. All three may be called at any time; after the end they do nothing. */
export interface UpstreamStream {
  pause(): void;
  resume(): void;
  /** Gives the request up and frees its socket; the handler hears nothing more. */
  abort(): void;
}

/** The one way out to a target: sockets for real providers, memory for the simulated one. */
export interface Transport {
  dispatch(request: UpstreamRequest, handler: UpstreamHandler): UpstreamStream;
  /** Frees every socket. Requests under way fail with `aborted`. */
  close(): Promise<void>;
}
