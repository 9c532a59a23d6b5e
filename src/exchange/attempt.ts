import { GatewayError } from '../kernel/errors.ts';
import type { Dialect } from '../protocol/operation.ts';
import type { HeaderLookup, UpstreamFailure, UpstreamHandler, UpstreamStream } from '../protocol/upstream.ts';
import { answerKind, sniffedKind } from './answer-kind.ts';
import { AttemptWatch } from './attempt-watch.ts';
import type { AttemptListener, AttemptOptions, AttemptResult } from './attempt-words.ts';
import type { AnswerFacts, EncodedBody, StreamGate } from './dialect.ts';
import { asGatewayError } from './exchange-errors.ts';
import { encodeTargetOf, upstreamPathOf } from './lanes.ts';
import { type Losses, lostField, NO_LOSSES } from './losses.ts';
import { truncated, unexpected, upstreamFailureError, withheld } from './upstream-errors.ts';

const ANSWER_BYTES_MAX = 64 * 1024 * 1024;
const ERROR_BYTES_MAX = 1024 * 1024;
const EVENT_BYTES_MAX = 1024 * 1024;
/** Of dialects in which a picture, or an answer as a whole, comes as a single event. */
const GREAT_EVENT_BYTES_MAX = 32 * 1024 * 1024;
const GREAT_EVENTS: ReadonlySet<Dialect> = new Set(['openai-responses', 'gemini']);
/** How much of a stream a crash may forget: whichever comes first. */
const CHECKPOINT_EVENTS = 512;
const CHECKPOINT_MS = 2_000;

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
  #losses: Losses = NO_LOSSES;
  readonly #watch: AttemptWatch;

  constructor(options: AttemptOptions, listener: AttemptListener) {
    this.#options = options;
    this.#listener = listener;
    this.#watch = new AttemptWatch({
      clock: options.clock,
      timeouts: options.target.timeouts,
      firstTokenMs: options.firstTokenMs,
      stream: options.stream,
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

  /** An error as the last events of this attempt's stream, where they depend on what the stream has said. */
  errorEvent(error: GatewayError, requestId: string): Buffer | undefined {
    return this.#gate?.errorEvent?.(error, requestId);
  }

  /** False where it is certain that the provider charges nothing: it never got the request, or it refused. */
  get billable(): boolean {
    if (!this.#sent || this.#status >= 400 || this.#refused) return false;
    const facts = this.#gate?.facts;
    return facts?.error === undefined || facts.contentSeen || facts.usage !== undefined;
  }

  /** What of the client's request the target was not told. */
  get losses(): Losses {
    return this.#losses;
  }

  start(): void {
    const { lane, target } = this.#options;
    const codecs = lane.prepare();
    const token = target.credential?.prepare?.();
    if (codecs === undefined && token === undefined) this.#dispatch();
    else this.#dispatchAfter(Promise.all([codecs, token?.catch(credentialLost)]));
  }

  /** The attempt's time runs meanwhile: whoever issues the credential is part of the provider. */
  #dispatchAfter(waiting: Promise<unknown>): void {
    waiting
      .then(() => {
        if (this.#phase !== 'over') this.#dispatch();
      })
      .catch((thrown: unknown) => this.#fail(asGatewayError(thrown)));
  }

  #dispatch(): void {
    const { target, lane, stream } = this.#options;
    const encoded = this.#encoded();
    if (encoded === undefined) return;
    if (stream) {
      const eventBytesMax = GREAT_EVENTS.has(lane.dialect) ? GREAT_EVENT_BYTES_MAX : EVENT_BYTES_MAX;
      this.#gate = lane.streamGate({ dropUsage: encoded.usageInjected, eventBytesMax });
    }
    const path = upstreamPathOf(target, lane.upstreamPath);
    const headers = this.#options.headers();
    this.#sent = true;
    this.#upstream = target.provider.transport.dispatch({ method: 'POST', path, headers, body: encoded.bytes }, this);
    if (this.#phase === 'over') this.#upstream.abort();
  }

  /** @returns `undefined` where this target cannot be told what the client says: the attempt is over then */
  #encoded(): EncodedBody | undefined {
    const { target, lane, strict } = this.#options;
    try {
      const encoded = lane.encode(encodeTargetOf(target, this.#options));
      if (encoded.losses !== undefined) this.#losses = { fields: encoded.losses, more: encoded.moreLosses ?? 0 };
      const [lost] = strict ? this.#losses.fields : [];
      if (lost === undefined) return encoded;
      throw lostField(lost, target);
    } catch (thrown) {
      if (!(thrown instanceof GatewayError)) throw thrown;
      this.#fail(thrown);
      return undefined;
    }
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
    const { error } = gate.facts;
    if (error !== undefined && this.#quotesCredential(passed, error)) this.#withhold();
    else if (error !== undefined && this.#options.lane.translated) this.#endTranslated(error, passed);
    else if (passed !== undefined) this.#pass(passed, gate);
  }

  /** An error of another dialect is no event of the client's: while nothing has left, it is an answer's status like any other. */
  #endTranslated(error: GatewayError, passed: Buffer | undefined): void {
    if (!this.#streaming) {
      this.#abandon(error);
      return;
    }
    this.#upstream?.abort();
    this.#result({ kind: 'broken', error, tail: passed, ownError: false, facts: this.facts });
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
    this.#listener.onStream(this.#options.lane.streamContentType ?? this.#contentType('text/event-stream'));
    const early = this.#early;
    this.#early = [];
    for (const bytes of early) this.#listener.onBytes(bytes);
  }

  #finishStream(): void {
    const gate = this.#gate;
    if (gate === undefined) return;
    const { bytes, complete } = gate.finish();
    const { facts } = gate;
    if (facts.error !== undefined && this.#quotesCredential(bytes, facts.error)) {
      this.#withhold();
      return;
    }
    const errorFirst = facts.error !== undefined && (this.#options.lane.translated || !this.#options.last());
    if (!this.#streaming && (facts.dataEvents === 0 || errorFirst)) {
      this.#result({ kind: 'failed', error: facts.error ?? unexpected('a stream without a single event'), facts });
      return;
    }
    if (!this.#streaming) this.#commit();
    if (facts.error !== undefined) {
      this.#result({ kind: 'broken', error: facts.error, tail: bytes, ownError: this.#errorTold(facts), facts });
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
    else if (facts.error !== undefined && this.#quotesCredential(bytes, facts.error)) this.#withhold();
    else {
      const broken = facts.error ?? new GatewayError('stream_truncated', { message: error.message, cause: error });
      this.#result({ kind: 'broken', error: broken, tail: bytes, ownError: this.#errorTold(facts), facts });
    }
  }

  /** Whether the provider's error event is among the client's bytes. */
  #errorTold({ error }: AnswerFacts): boolean {
    return error !== undefined && !this.#options.lane.translated;
  }

  #finishError(): void {
    const { target, lane } = this.#options;
    const body = joined(this.#body);
    if (this.#status === 401) target.credential?.refused?.();
    const judged = target.provider.judge({
      dialect: lane.dialect,
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
      ...(judged.relay && !lane.translated ? { relay: { status: this.#status, contentType, body } } : {}),
    });
  }

  #finishAnswer(): void {
    const body = joined(this.#body);
    const contentType = this.#contentType('application/json');
    try {
      const { facts, body: told } = this.#options.lane.readAnswer(body);
      this.#refused = facts.error !== undefined;
      if (facts.error !== undefined) throw facts.error;
      if (this.#gate !== undefined) throw unexpected('a single JSON answer though a stream was asked for');
      this.#firstTokenMs ??= this.#headMs;
      this.#result({ kind: 'answer', body: told, contentType, facts });
    } catch (thrown) {
      const known = thrown instanceof GatewayError ? thrown : unexpected('an unreadable answer', thrown);
      const error = this.#quotesCredential(body) ? withheld() : known;
      this.#result({ kind: 'failed', error, facts: {} });
    }
  }

  /** The provider's own words for it, unless the bytes are ours. */
  #contentType(usual: string): string {
    return (this.#options.lane.translated ? undefined : this.#header('content-type')) ?? usual;
  }

  #quotesCredential(bytes: Buffer | undefined, error?: GatewayError): boolean {
    const { credential } = this.#options.target;
    if (credential === undefined) return false;
    const told = error !== undefined && credential.quotes(error.message);
    return told || (bytes !== undefined && credential.quotes(bytes.toString('utf8')));
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

/** @throws always: why the credential is not at hand */
function credentialLost(thrown: unknown): never {
  if (thrown instanceof GatewayError) throw thrown;
  throw new GatewayError('upstream_error', {
    message: 'The credential for this provider could not be had.',
    retry: 'other-target',
    cause: thrown,
  });
}
