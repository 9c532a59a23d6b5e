import type { Clock } from '../kernel/clock.ts';
import type { Transport, UpstreamHandler, UpstreamRequest, UpstreamStream } from '../protocol/upstream.ts';
import type { SimRequest } from './dialect.ts';
import { Playback } from './playback.ts';
import type { HeaderPairs } from './script.ts';
import type { Simulator } from './simulator.ts';

const NO_BODY = new Uint8Array(0);

/** The simulated provider as a way out to a target: no sockets, the same answers. */
export function simTransport(simulator: Simulator, clock: Clock): Transport {
  const open = new Set<SimStream>();
  let closed = false;
  return {
    dispatch(request, handler) {
      const stream = new SimStream(simulator, clock, request, handler, () => open.delete(stream));
      open.add(stream);
      stream.start(closed);
      return stream;
    },
    async close() {
      closed = true;
      for (const stream of open) stream.fail('aborted', new Error('the transport was closed'));
    },
  };
}

/** One request in flight. The handler is never called from within `dispatch`, so that the caller has the handle first. */
class SimStream implements UpstreamStream {
  readonly #simulator: Simulator;
  readonly #clock: Clock;
  readonly #request: UpstreamRequest;
  readonly #handler: UpstreamHandler;
  readonly #forget: () => void;
  #playback: Playback | undefined;
  #paused = false;
  #over = false;

  constructor(
    simulator: Simulator,
    clock: Clock,
    request: UpstreamRequest,
    handler: UpstreamHandler,
    forget: () => void,
  ) {
    this.#simulator = simulator;
    this.#clock = clock;
    this.#request = request;
    this.#handler = handler;
    this.#forget = forget;
  }

  start(closed: boolean): void {
    if (closed) {
      queueMicrotask(() => this.fail('aborted', new Error('the transport is closed'), false));
      return;
    }
    const request = simRequest(this.#request);
    const preparing = this.#simulator.prepare(request);
    if (preparing === undefined) {
      this.#play(request);
    } else {
      preparing.then(
        () => this.#play(request),
        (error: unknown) => this.fail('unknown', error, false),
      );
    }
  }

  pause(): void {
    this.#paused = true;
    this.#playback?.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#playback?.resume();
  }

  abort(): void {
    this.#end();
  }

  fail(kind: 'aborted' | 'reset' | 'unknown', cause: unknown, requestSent = true): void {
    if (this.#end()) this.#handler.onFailure({ kind, requestSent, cause });
  }

  #play(request: SimRequest): void {
    if (this.#over) return;
    try {
      const answer = this.#simulator.handle(request);
      this.#playback = new Playback(answer, this.#clock, {
        framing: [],
        head: () => this.#head(answer.status, answer.headers),
        headPart: (_bytes, last) => {
          if (last) this.#head(answer.status, answer.headers);
        },
        data: (bytes) => this.#handler.onData(bytes),
        end: () => {
          if (this.#end()) this.#handler.onEnd();
        },
        cut: () => this.fail('reset', new Error('the simulated provider closed the connection early')),
        reset: () => this.fail('reset', new Error('the simulated provider reset the connection')),
      });
      if (this.#paused) this.#playback.pause();
    } catch (error) {
      queueMicrotask(() => this.fail('unknown', error, false));
    }
  }

  #head(status: number, headers: HeaderPairs): void {
    const byName = new Map(headers);
    this.#handler.onHead(status, (name) => byName.get(name));
  }

  /** @returns whether this call ended it */
  #end(): boolean {
    if (this.#over) return false;
    this.#over = true;
    this.#playback?.abort();
    this.#forget();
    return true;
  }
}

function simRequest(request: UpstreamRequest): SimRequest {
  const headers: Record<string, string> = {};
  for (let at = 0; at + 1 < request.headers.length; at += 2) {
    headers[(request.headers[at] ?? '').toLowerCase()] = request.headers[at + 1] ?? '';
  }
  return { method: request.method, path: request.path, headers, body: request.body ?? NO_BODY };
}
