/**
 * What a simulated answer does to the wire, in order. `afterMs` counts from
 * the step before. Exactly one of end, cut, reset or stall comes last.
 */
export type Step =
  /** Status line and headers; byte by byte when a rate is given. */
  | {
      readonly kind: 'head';
      readonly afterMs: number;
      readonly bytesPerSecond?: number;
      /** Completion tokens that are made while the head is waited for: an answer that is not streamed is made whole first. */
      readonly makesTokens?: number;
    }
  | {
      readonly kind: 'bytes';
      readonly afterMs: number;
      /** May be empty: hidden tokens take time and count, but nothing is written. */
      readonly bytes: Uint8Array;
      /** Completion tokens that this step delivers. */
      readonly tokens: number;
      /** Of them, those that were only thought. */
      readonly reasoning?: number;
      /** Never joined with its neighbours in one write. */
      readonly apart?: boolean;
    }
  /** The answer ends as HTTP wants it, whatever its content was. */
  | { readonly kind: 'end'; readonly afterMs: number; readonly outcome: 'complete' | 'cut' | 'error' }
  /** The connection is closed (FIN) in the middle of the HTTP answer. */
  | { readonly kind: 'cut'; readonly afterMs: number }
  /** The connection is torn down (RST). */
  | { readonly kind: 'reset'; readonly afterMs: number }
  /** Nothing comes any more; only the client can end it. */
  | { readonly kind: 'stall' };

/** One event of a stream before it becomes bytes. */
export interface StreamEvent {
  readonly afterMs: number;
  /** The whole event on the wire with its blank line; empty while the model thinks unseen. */
  readonly text: string;
  readonly tokens: number;
  readonly part: 'open' | 'delta' | 'finish' | 'usage' | 'done' | 'hidden';
  /** Whether its tokens were thought, although they are shown. */
  readonly thought?: boolean;
}

/** What a dialect answers with, before any fault is applied. */
export type Draft =
  | {
      readonly kind: 'body';
      readonly status: number;
      readonly contentType: string;
      readonly afterMs: number;
      readonly text: string;
      readonly tokens: number;
      /** Of the tokens, those that were only thought. */
      readonly reasoning?: number;
      readonly headers?: readonly (readonly [string, string])[];
      /** Absent: `complete` below status 400, else `error`. */
      readonly outcome?: 'complete' | 'error';
    }
  | {
      readonly kind: 'stream';
      readonly afterMs: number;
      readonly events: Iterable<StreamEvent>;
      /** Absent: that of server-sent events. */
      readonly contentType?: string;
      /** What faults say in this very stream, where that hangs on what was said before. */
      readonly voice?: Partial<Pick<Voice, 'errorEvent' | 'deltaEvent' | 'pingEvent'>>;
    };

/** How a dialect says what faults need to say in it. */
export interface Voice {
  /**
   * The error body a provider of this dialect would send with that status to
   * the call of that name. `retryAfterMs` is for bodies that say when to come back.
   */
  error(status: number, detail?: Readonly<Record<string, unknown>>, requestId?: string, retryAfterMs?: number): string;
  /** The same inside a stream that has already begun. */
  errorEvent(status: number, detail?: Readonly<Record<string, unknown>>): string;
  /** The event that says a stream is complete. */
  readonly doneEvent: string;
  /** What says that the stream goes on, and nothing else. */
  readonly pingEvent: string;
  /** What every answer's head carries. `afterMs` is the time before it. */
  headers(requestId: string, afterMs: number): HeaderPairs;
  /** A well-formed content event that holds `text`. */
  deltaEvent(text: string): string;
}

/** Header names are in lower case. */
export type HeaderPairs = readonly (readonly [string, string])[];

const REASONS: Readonly<Record<number, string>> = {
  200: 'OK',
  307: 'Temporary Redirect',
  400: 'Bad Request',
  401: 'Unauthorized',
  404: 'Not Found',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
};

/** Status line and headers as bytes, for when they are sent by hand. */
export function headBytes(status: number, headers: HeaderPairs): Buffer {
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return Buffer.from(`HTTP/1.1 ${status} ${REASONS[status] ?? 'Unknown'}\r\n${lines}\r\n`, 'latin1');
}
