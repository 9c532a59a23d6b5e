import type { Clock, Timer } from '../kernel/clock.ts';
import { GatewayError } from '../kernel/errors.ts';
import type { HeaderLookup, UpstreamFailure, UpstreamHandler, UpstreamStream } from '../protocol/upstream.ts';
import type { PlannedTarget } from '../routing/target.ts';
import type { AnswerFacts, NativeCall, StreamGate } from './dialect.ts';
import { upstreamFailureError } from './upstream-errors.ts';

const ANSWER_BYTES_MAX = 64 * 1024 * 1024;
const ERROR_BYTES_MAX = 1024 * 1024;
const EVENT_BYTES_MAX = 1024 * 1024;
/** One event may take this long from its first byte to its last. */
const EVENT_MS_MAX = 60_000;

export type AttemptResult =
  | { readonly kind: 'answer'; readonly body: Buffer; readonly contentType: string; readonly facts: AnswerFacts }
  | { readonly kind: 'stream'; readonly tail: Buffer | undefined; readonly facts: AnswerFacts }
  /** `relay` is upstream's own error body, for the client if no other target helps. */
  | { readonly kind: 'failed'; readonly error: GatewayError; readonly relay?: Relay; readonly facts: AnswerFacts }
  /** The stream began and stopped without its end, or with upstream's own error as its end. */
  | {
      readonly kind: 'broken';
      readonly error: GatewayError;
      readonly tail: Buffer | undefined;
      readonly ownError: boolean;
      readonly facts: AnswerFacts;
    };

export interface Relay {
  readonly status: number;
  readonly contentType: string;
  readonly body: Buffer;
}

export interface AttemptListener {
  /** The stream has shown its first event and it is no error: the client may have it. */
  onStream(contentType: string): void;
  onBytes(bytes: Buffer): void;
  /** Called exactly once, unless the attempt is given up first. */
  onResult(result: AttemptResult): void;
}

export interface AttemptOptions {
  readonly clock: Clock;
  readonly target: PlannedTarget;
  readonly request: NativeCall;
  /** Flat request headers, complete. */
  readonly headers: readonly string[];
  readonly path: string;
  /** True when nothing is left to fall back to: then even an error inside the stream is handed on. */
  readonly last: boolean;
}

type Phase = 'head' | 'error' | 'answer' | 'sniff' | 'stream' | 'over';

/**
 * One try at one target. Its phases: `head` until the response head; then
 * `error` or `answer` collects a body, `sniff` looks at the first bytes of a
 * stream that does not say it is one, `stream` runs the gate; `over` after the
 * result or after `giveUp`.
 */
export class Attempt implements UpstreamHandler {
  readonly #options: AttemptOptions;
  readonly #listener: AttemptListener;
  readonly #startedMs: number;
  #phase: Phase = 'head';
  #upstream: UpstreamStream | undefined;
  #gate: StreamGate | undefined;
  #streaming = false;
  #paused = false;
  #early: Buffer[] = [];
  #status = 0;
  #header: HeaderLookup = () => undefined;
  #body: Buffer[] = [];
  #bodyBytes = 0;
  #activeMs: number;
  #eventOpenMs: number | undefined;
  #dataEvents = 0;
  #firstTokenMs: number | undefined;
  #headMs: number | undefined;
  #watch: Timer | undefined;

  constructor(options: AttemptOptions, listener: AttemptListener) {
    this.#options = options;
    this.#listener = listener;
    this.#startedMs = options.clock.monotonicMs();
    this.#activeMs = this.#startedMs;
  }

  /** Upstream's HTTP status, once there is one. */
  get status(): number | undefined {
    return this.#status === 0 ? undefined : this.#status;
  }

  get upstreamRequestId(): string | undefined {
    return this.#header('x-request-id') ?? this.#header('request-id');
  }

  /** Milliseconds from the start to the response head, and to the first content. */
  get headMs(): number | undefined {
    return this.#headMs;
  }

  get firstTokenMs(): number | undefined {
    return this.#firstTokenMs;
  }

  get facts(): AnswerFacts {
    return this.#gate?.facts ?? {};
  }

  start(): void {
    const { target, request, headers, path } = this.#options;
    const { bytes, usageInjected } = request.encode({
      model: target.model,
      streamUsageOption: target.provider.streamUsageOption,
    });
    if (request.stream) {
      this.#gate = request.dialect.streamGate({ dropUsage: usageInjected, eventBytesMax: EVENT_BYTES_MAX });
    }
    this.#arm();
    this.#upstream = target.provider.transport.dispatch({ method: 'POST', path, headers, body: bytes }, this);
    if (this.#phase === 'over') this.#upstream.abort();
  }

  /** Stops reading because the client does; upstream is not to blame for the silence until `resume`. */
  pause(): void {
    this.#paused = true;
    this.#upstream?.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#eventOpenMs = undefined;
    this.#activeMs = this.#options.clock.monotonicMs();
    this.#upstream?.resume();
  }

  /** Drops the attempt and frees its socket; no result will come. */
  giveUp(): void {
    this.#close();
    this.#upstream?.abort();
  }

  onHead(status: number, header: HeaderLookup): void {
    if (this.#phase !== 'head') return;
    this.#activeMs = this.#options.clock.monotonicMs();
    this.#headMs = this.#activeMs - this.#startedMs;
    this.#status = status;
    this.#header = header;
    const encoding = header('content-encoding');
    if (encoding !== undefined && encoding !== 'identity') {
      this.#abandon(unexpected(`content-encoding ${encoding} though identity was asked`));
      return;
    }
    this.#phase = this.#phaseFor(status, header('content-type') ?? '');
    this.#watch?.cancel();
    // A phase has begun whose limit may be shorter than what the timer was set for.
    if (this.#phaseIsOpen()) this.#arm();
  }

  onData(chunk: Buffer): void {
    switch (this.#phase) {
      case 'error':
        this.#collect(chunk, ERROR_BYTES_MAX);
        return;
      case 'answer':
        this.#collect(chunk, ANSWER_BYTES_MAX);
        return;
      case 'sniff':
        this.#sniff(chunk);
        return;
      case 'stream':
        this.#feed(chunk);
        return;
    }
  }

  onEnd(): void {
    switch (this.#phase) {
      case 'error':
        this.#finishError();
        return;
      case 'answer':
        this.#finishAnswer();
        return;
      case 'sniff':
        this.#result({ kind: 'failed', error: unexpected('an empty body for a stream'), facts: {} });
        return;
      case 'stream':
        this.#finishStream();
        return;
    }
  }

  onFailure(failure: UpstreamFailure): void {
    if (this.#phase === 'over') return;
    const error = upstreamFailureError(failure, this.#options.target.provider.name);
    if (this.#phase === 'stream' && this.#streaming) this.#breakStream(error);
    else this.#result({ kind: 'failed', error, facts: this.facts });
  }

  #phaseIsOpen(): boolean {
    return this.#phase !== 'over';
  }

  #phaseFor(status: number, contentType: string): Phase {
    if (status >= 400) return 'error';
    if (status < 200 || status >= 300) {
      this.#abandon(unexpected(`status ${status}; redirects are not followed`));
      return 'over';
    }
    if (contentType.startsWith('text/html')) {
      this.#abandon(unexpected('an HTML page'));
      return 'over';
    }
    if (this.#gate === undefined) {
      if (!contentType.startsWith('text/event-stream')) return 'answer';
      this.#abandon(unexpected('a stream though none was asked for'));
      return 'over';
    }
    if (contentType.startsWith('text/event-stream')) return 'stream';
    // JSON for a stream is an error by shape, or an answer no SDK would read as a stream.
    return contentType.startsWith('application/json') ? 'answer' : 'sniff';
  }

  /** A stream whose content type is wrong or missing: its first visible byte tells. */
  #sniff(chunk: Buffer): void {
    const first = chunk.toString('latin1').trimStart().charAt(0);
    if (first === '') return;
    this.#phase = first === '{' || first === '[' ? 'answer' : 'stream';
    if (first === '<') this.#abandon(unexpected('an HTML page'));
    else this.onData(chunk);
  }

  #collect(chunk: Buffer, bytesMax: number): void {
    this.#activeMs = this.#options.clock.monotonicMs();
    this.#bodyBytes += chunk.length;
    if (this.#bodyBytes > bytesMax) {
      this.#abandon(unexpected(`a body of more than ${bytesMax} bytes`));
      return;
    }
    this.#body.push(chunk);
  }

  #feed(chunk: Buffer): void {
    const gate = this.#gate;
    if (gate === undefined) return;
    let passed: Buffer | undefined;
    try {
      passed = gate.push(chunk);
    } catch (error) {
      this.#fail(error instanceof GatewayError ? error : unexpected('a stream that cannot be read', error));
      return;
    }
    this.#noteProgress(gate);
    if (passed !== undefined) this.#pass(passed, gate);
  }

  #noteProgress(gate: StreamGate): void {
    const nowMs = this.#options.clock.monotonicMs();
    const { dataEvents, contentSeen } = gate.facts;
    if (dataEvents !== this.#dataEvents) {
      this.#dataEvents = dataEvents;
      this.#activeMs = nowMs;
      this.#eventOpenMs = undefined;
    }
    if (gate.heldBytes > 0) this.#eventOpenMs ??= nowMs;
    else this.#eventOpenMs = undefined;
    if (contentSeen) this.#firstTokenMs ??= nowMs - this.#startedMs;
  }

  /** Holds everything until the first event has come, because until then another target may still serve the call. */
  #pass(bytes: Buffer, gate: StreamGate): void {
    if (this.#streaming) {
      this.#listener.onBytes(bytes);
      return;
    }
    this.#early.push(bytes);
    if (gate.facts.dataEvents === 0) return;
    if (gate.facts.error !== undefined && !this.#options.last) {
      this.#abandon(gate.facts.error);
      return;
    }
    this.#commit();
  }

  #commit(): void {
    this.#streaming = true;
    this.#listener.onStream(this.#header('content-type') ?? 'text/event-stream');
    const early = this.#early;
    this.#early = [];
    for (const bytes of early) this.#listener.onBytes(bytes);
  }

  #finishStream(): void {
    const gate = this.#gate;
    if (gate === undefined) return;
    const { bytes, complete } = gate.finish();
    const { facts } = gate;
    if (!this.#streaming && (facts.dataEvents === 0 || (facts.error !== undefined && !this.#options.last))) {
      this.#result({ kind: 'failed', error: facts.error ?? unexpected('a stream without a single event'), facts });
      return;
    }
    if (!this.#streaming) this.#commit();
    if (facts.error !== undefined) {
      this.#result({ kind: 'broken', error: facts.error, tail: bytes, ownError: true, facts });
    } else if (complete) {
      this.#result({ kind: 'stream', tail: bytes, facts });
    } else {
      this.#result({ kind: 'broken', error: truncated(), tail: bytes, ownError: false, facts });
    }
  }

  /** The socket broke: whatever was whole has been passed on, and a stream that had said everything is complete. */
  #breakStream(error: GatewayError): void {
    const gate = this.#gate;
    if (gate === undefined) return;
    const { bytes, complete } = gate.finish();
    const { facts } = gate;
    if (complete && facts.error === undefined) this.#result({ kind: 'stream', tail: bytes, facts });
    else {
      const broken = facts.error ?? new GatewayError('stream_truncated', { message: error.message, cause: error });
      this.#result({ kind: 'broken', error: broken, tail: bytes, ownError: facts.error !== undefined, facts });
    }
  }

  #finishError(): void {
    const { target } = this.#options;
    const body = joined(this.#body);
    const judged = target.provider.judge({
      status: this.#status,
      header: this.#header,
      body,
      credential: target.credential,
    });
    const contentType = this.#header('content-type') ?? 'application/json';
    this.#result({
      kind: 'failed',
      error: judged.error,
      facts: {},
      ...(judged.relay ? { relay: { status: this.#status, contentType, body } } : {}),
    });
  }

  #finishAnswer(): void {
    const body = joined(this.#body);
    const contentType = this.#header('content-type') ?? 'application/json';
    try {
      const facts = this.#options.request.dialect.readAnswer(body);
      if (this.#gate !== undefined) throw unexpected('a single JSON answer though a stream was asked for');
      this.#firstTokenMs ??= this.#headMs;
      this.#result({ kind: 'answer', body, contentType, facts });
    } catch (thrown) {
      const error = thrown instanceof GatewayError ? thrown : unexpected('an unreadable answer', thrown);
      this.#result({ kind: 'failed', error, facts: {} });
    }
  }

  /** Ends the attempt from our side: the target said something we cannot use. */
  #abandon(error: GatewayError): void {
    this.#upstream?.abort();
    this.#result({ kind: 'failed', error, facts: this.facts });
  }

  #fail(error: GatewayError): void {
    if (!this.#streaming) {
      this.#abandon(error);
      return;
    }
    this.#upstream?.abort();
    this.#breakStream(error);
  }

  #result(result: AttemptResult): void {
    if (this.#phase === 'over') return;
    this.#close();
    this.#listener.onResult(result);
  }

  #close(): void {
    this.#phase = 'over';
    this.#watch?.cancel();
    this.#watch = undefined;
    this.#body = [];
    this.#early = [];
  }

  /** One timer for the attempt, set anew only when it fires: a busy stream costs no timers. */
  #arm(): void {
    const nowMs = this.#options.clock.monotonicMs();
    if (this.#paused) this.#activeMs = nowMs;
    const idleLeftMs = this.#activeMs + this.#idleMsMax() - nowMs;
    const eventLeftMs = this.#eventOpenMs === undefined ? idleLeftMs : this.#eventOpenMs + EVENT_MS_MAX - nowMs;
    const totalMs = this.#options.target.provider.timeouts.totalMs ?? Number.POSITIVE_INFINITY;
    const totalLeftMs = this.#startedMs + totalMs - nowMs;
    const leftMs = Math.min(totalLeftMs, this.#paused ? idleLeftMs : Math.min(idleLeftMs, eventLeftMs));
    if (leftMs <= 0) {
      this.#fail(this.#timedOut());
      return;
    }
    this.#watch = this.#options.clock.after(Math.min(leftMs, EVENT_MS_MAX), () => {
      if (this.#phaseIsOpen()) this.#arm();
    });
  }

  #idleMsMax(): number {
    const { timeouts } = this.#options.target.provider;
    if (this.#phase !== 'head') return timeouts.idleMs;
    return this.#options.request.stream ? timeouts.streamHeadMs : timeouts.headMs;
  }

  #timedOut(): GatewayError {
    const waited = this.#phase === 'head' ? 'no response head' : 'no further event';
    return new GatewayError('upstream_timeout', {
      message: `The provider ${this.#options.target.provider.name} sent ${waited} in time.`,
      retry: 'other-target',
    });
  }
}

function joined(parts: readonly Buffer[]): Buffer {
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : Buffer.concat(parts);
}

function truncated(): GatewayError {
  return new GatewayError('stream_truncated', {
    message: 'The provider ended its stream before the answer was complete. What came so far is above.',
  });
}

function unexpected(what: string, cause?: unknown): GatewayError {
  return new GatewayError('upstream_error', {
    message: `The provider answered with ${what}.`,
    retry: 'other-target',
    cause,
  });
}
