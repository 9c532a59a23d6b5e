import type { Clock } from '../kernel/clock.ts';
import { GatewayError } from '../kernel/errors.ts';
import type { HeaderLookup, UpstreamFailure, UpstreamHandler, UpstreamStream } from '../protocol/upstream.ts';
import type { PlannedTarget } from '../routing/target.ts';
import { answerKind, sniffedKind } from './answer-kind.ts';
import { AttemptWatch } from './attempt-watch.ts';
import type { AnswerFacts, NativeCall, StreamGate } from './dialect.ts';
import { truncated, unexpected, upstreamFailureError, withheld } from './upstream-errors.ts';

const ANSWER_BYTES_MAX = 64 * 1024 * 1024;
const ERROR_BYTES_MAX = 1024 * 1024;
const EVENT_BYTES_MAX = 1024 * 1024;
/** How much of a stream a crash may forget: whichever comes first. */
const CHECKPOINT_EVENTS = 512;
const CHECKPOINT_MS = 2_000;

export type AttemptResult =
  | { readonly kind: 'answer'; readonly body: Buffer; readonly contentType: string; readonly facts: AnswerFacts }
  | { readonly kind: 'stream'; readonly tail: Buffer | undefined; readonly facts: AnswerFacts }
  /** `relay` is upstream's own error body, for the client if no other target helps. */
  | {
      readonly kind: 'failed';
      readonly error: GatewayError;
      readonly relay?: Relay;
      /** A quota or a spend limit is used up. */
      readonly exhausted?: boolean;
      /** The client has waited for as long as it wanted to, which says nothing of the target. */
      readonly impatient?: boolean;
      readonly facts: AnswerFacts;
    }
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
  /** The head of an answer, whatever its status. */
  onHead(header: HeaderLookup): void;
  /** The first token of a streamed answer, milliseconds after the start. */
  onFirstToken(elapsedMs: number): void;
  /** The stream has shown its first event and it is no error: the client may have it. */
  onStream(contentType: string): void;
  onBytes(bytes: Buffer): void;
  /** A stream has run for a while since the last one: what is known of its use is worth a record. */
  onCheckpoint(): void;
  /** Called exactly once, unless the attempt is given up first. */
  onResult(result: AttemptResult): void;
}

export interface AttemptOptions {
  readonly clock: Clock;
  readonly target: PlannedTarget;
  readonly request: NativeCall;
  /** Flat request headers, complete; asked for once the credential is at hand. */
  headers(): readonly string[];
  readonly path: string;
  /** A bound on the answer's output tokens that the gateway sets, whatever the client asked for. */
  readonly outputTokensMax: number | undefined;
  /** The longest that the client waits for the first token of a stream, milliseconds. */
  readonly firstTokenMs: number | undefined;
  /** A shorter context than the client sent: its last messages, and the system's. */
  readonly keepMessages: number | undefined;
  /** True when nothing is left to fall back to: then even an error inside the stream is handed on. */
  last(): boolean;
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
  #phase: Phase = 'head';
  #upstream: UpstreamStream | undefined;
  #gate: StreamGate | undefined;
  #streaming = false;
  #early: Buffer[] = [];
  #status = 0;
  #header: HeaderLookup = () => undefined;
  #body: Buffer[] = [];
  #bodyBytes = 0;
  #dataEvents = 0;
  #checkedEvents = 0;
  #checkedMs = 0;
  /** False until the request is on its way, and again when it is certain that it never was. */
  #sent = false;
  /** It answered with an error, whatever its status. */
  #refused = false;
  #firstTokenMs: number | undefined;
  #headMs: number | undefined;
  readonly #watch: AttemptWatch;

  constructor(options: AttemptOptions, listener: AttemptListener) {
    this.#options = options;
    this.#listener = listener;
    this.#watch = new AttemptWatch({
      clock: options.clock,
      timeouts: options.target.timeouts,
      firstTokenMs: options.firstTokenMs,
      stream: options.request.stream,
      onTimeout: () => this.#fail(this.#timedOut()),
    });
  }

  /** Upstream's HTTP status, once there is one. */
  get status(): number | undefined {
    return this.#status === 0 ? undefined : this.#status;
  }

  get upstreamRequestId(): string | undefined {
    const id = this.#header('x-request-id') ?? this.#header('request-id');
    // A provider may put anything there; what is recorded must not be our credential.
    return id !== undefined && this.#options.target.credential?.quotes(id) === true ? undefined : id;
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

  /** False where it is certain that the provider charges nothing: it never got the request, or it refused. */
  get billable(): boolean {
    if (!this.#sent || this.#status >= 400 || this.#refused) return false;
    const facts = this.#gate?.facts;
    return facts?.error === undefined || facts.contentSeen || facts.usage !== undefined;
  }

  start(): void {
    const waiting = this.#options.target.credential?.prepare?.();
    if (waiting === undefined) this.#dispatch();
    else this.#dispatchAfter(waiting);
  }

  /** The attempt's time runs meanwhile: whoever issues the credential is part of the provider. */
  #dispatchAfter(waiting: Promise<void>): void {
    waiting
      .then(() => {
        if (this.#phase !== 'over') this.#dispatch();
      })
      .catch((thrown: unknown) => this.#fail(credentialError(thrown)));
  }

  #dispatch(): void {
    const { target, request, path, outputTokensMax, keepMessages } = this.#options;
    const { bytes, usageInjected } = request.encode({
      model: target.provider.nameOf(target.model),
      streamUsageOption: target.provider.streamUsageOption,
      maxTokensField: target.provider.maxTokensField,
      ...(outputTokensMax === undefined ? {} : { maxOutputTokens: outputTokensMax }),
      ...(keepMessages === undefined ? {} : { keepMessages }),
    });
    if (request.stream) {
      this.#gate = request.dialect.streamGate({ dropUsage: usageInjected, eventBytesMax: EVENT_BYTES_MAX });
    }
    const headers = this.#options.headers();
    this.#sent = true;
    this.#upstream = target.provider.transport.dispatch({ method: 'POST', path, headers, body: bytes }, this);
    if (this.#phase === 'over') this.#upstream.abort();
  }

  /** Stops reading because the client does; upstream is not to blame for the silence until `resume`. */
  pause(): void {
    this.#watch.pause();
    this.#upstream?.pause();
  }

  resume(): void {
    this.#watch.resume();
    this.#upstream?.resume();
  }

  /** Drops the attempt and frees its socket; no result will come. */
  giveUp(): void {
    this.#close();
    this.#upstream?.abort();
  }

  onHead(status: number, header: HeaderLookup): void {
    if (this.#phase !== 'head') return;
    this.#headMs = this.#watch.elapsedMs();
    this.#status = status;
    this.#header = header;
    this.#listener.onHead(header);
    const streamAsked = this.#gate !== undefined;
    const kind = answerKind(status, header('content-type') ?? '', header('content-encoding'), streamAsked);
    if (kind.kind === 'unusable') {
      this.#abandon(unexpected(kind.what));
      return;
    }
    this.#phase = kind.kind;
    this.#watch.headSeen();
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
    if (!failure.requestSent) this.#sent = false;
    const error = upstreamFailureError(failure, this.#options.target.provider.name);
    if (this.#phase === 'stream' && this.#streaming) this.#breakStream(error);
    else this.#result({ kind: 'failed', error, facts: this.facts });
  }

  #sniff(chunk: Buffer): void {
    const kind = sniffedKind(chunk);
    if (kind === undefined) return;
    if (kind === 'html') {
      this.#abandon(unexpected('an HTML page'));
      return;
    }
    this.#phase = kind;
    this.onData(chunk);
  }

  #collect(chunk: Buffer, bytesMax: number): void {
    this.#watch.progressed();
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
    if (gate.facts.error !== undefined && this.#quotesCredential(passed)) this.#withhold();
    else if (passed !== undefined) this.#pass(passed, gate);
  }

  #noteProgress(gate: StreamGate): void {
    const { dataEvents, contentSeen } = gate.facts;
    if (dataEvents !== this.#dataEvents) {
      this.#dataEvents = dataEvents;
      const elapsedMs = this.#watch.progressed();
      if (dataEvents - this.#checkedEvents >= CHECKPOINT_EVENTS || elapsedMs - this.#checkedMs >= CHECKPOINT_MS) {
        this.#checkedEvents = dataEvents;
        this.#checkedMs = elapsedMs;
        this.#listener.onCheckpoint();
      }
    }
    if (gate.heldBytes > 0) this.#watch.eventOpen();
    else this.#watch.eventClosed();
    if (contentSeen && this.#firstTokenMs === undefined) {
      this.#firstTokenMs = this.#watch.tokenSeen();
      this.#listener.onFirstToken(this.#firstTokenMs);
    }
  }

  /** Holds everything until the first event has come, because until then another target may still serve the call. */
  #pass(bytes: Buffer, gate: StreamGate): void {
    if (this.#streaming) {
      this.#listener.onBytes(bytes);
      return;
    }
    this.#early.push(bytes);
    if (gate.facts.dataEvents === 0) return;
    if (gate.facts.error !== undefined && !this.#options.last()) {
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
    if (facts.error !== undefined && this.#quotesCredential(bytes)) {
      this.#withhold();
      return;
    }
    if (!this.#streaming && (facts.dataEvents === 0 || (facts.error !== undefined && !this.#options.last()))) {
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
    else if (facts.error !== undefined && this.#quotesCredential(bytes)) this.#withhold();
    else {
      const broken = facts.error ?? new GatewayError('stream_truncated', { message: error.message, cause: error });
      this.#result({ kind: 'broken', error: broken, tail: bytes, ownError: facts.error !== undefined, facts });
    }
  }

  #finishError(): void {
    const { target } = this.#options;
    const body = joined(this.#body);
    if (this.#status === 401) target.credential?.refused?.();
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
      ...(judged.exhausted === true ? { exhausted: true } : {}),
      ...(judged.relay ? { relay: { status: this.#status, contentType, body } } : {}),
    });
  }

  #finishAnswer(): void {
    const body = joined(this.#body);
    const contentType = this.#header('content-type') ?? 'application/json';
    try {
      const facts = this.#options.request.dialect.readAnswer(body);
      this.#refused = facts.error !== undefined;
      if (facts.error !== undefined) throw facts.error;
      if (this.#gate !== undefined) throw unexpected('a single JSON answer though a stream was asked for');
      this.#firstTokenMs ??= this.#headMs;
      this.#result({ kind: 'answer', body, contentType, facts });
    } catch (thrown) {
      const known = thrown instanceof GatewayError ? thrown : unexpected('an unreadable answer', thrown);
      const error = this.#quotesCredential(body) ? withheld() : known;
      this.#result({ kind: 'failed', error, facts: {} });
    }
  }

  #quotesCredential(bytes: Buffer | undefined): boolean {
    return bytes !== undefined && this.#options.target.credential?.quotes(bytes.toString('utf8')) === true;
  }

  /** Ends the attempt from our side: the target said something we cannot use. */
  #abandon(error: GatewayError, impatient = false): void {
    this.#upstream?.abort();
    this.#result({ kind: 'failed', error, facts: this.facts, ...(impatient ? { impatient } : {}) });
  }

  #fail(error: GatewayError): void {
    if (!this.#streaming) {
      this.#abandon(error, error.code === 'upstream_timeout' && this.#watch.impatient);
      return;
    }
    this.#upstream?.abort();
    this.#breakStream(error);
  }

  /** An error that quotes our credential stays here; the client hears of it in our words. */
  #withhold(): void {
    this.#upstream?.abort();
    const { facts } = this;
    const error = withheld();
    if (this.#streaming) this.#result({ kind: 'broken', error, tail: undefined, ownError: false, facts });
    else this.#result({ kind: 'failed', error, facts });
  }

  #result(result: AttemptResult): void {
    if (this.#phase === 'over') return;
    this.#close();
    this.#listener.onResult(result);
  }

  #close(): void {
    this.#phase = 'over';
    this.#watch.stop();
    this.#body = [];
    this.#early = [];
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

function credentialError(thrown: unknown): GatewayError {
  if (thrown instanceof GatewayError) return thrown;
  return new GatewayError('upstream_error', {
    message: 'The credential for this provider could not be had.',
    retry: 'other-target',
    cause: thrown,
  });
}
