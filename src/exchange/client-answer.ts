import type { Clock } from '../kernel/clock.ts';
import type { GatewayError } from '../kernel/errors.ts';
import type { PlannedTarget } from '../routing/target.ts';
import { answerHeaders, errorHeaders } from './answer-headers.ts';
import type { Paid } from './attempt-books.ts';
import type { AdmittedCall, ClientSink } from './call.ts';
import { ClientPings, PING } from './client-pings.ts';
import { type Losses, lossWarnings, NO_LOSSES } from './losses.ts';
import type { Payment } from './payment.ts';

/** What a client may know of how its answer came about. */
export interface AnswerAccount {
  readonly target: PlannedTarget | undefined;
  readonly route: string | undefined;
  readonly attempts: number;
  readonly payment: Payment | undefined;
  readonly paid: Paid | undefined;
  /** Milliseconds since the call came in which a provider was waited for. */
  readonly waitedMs: number;
  /** What the client got less than it asked for, and why. */
  readonly degraded: string | undefined;
  /** What of the request the target was not told, where it is its answer that the client gets. */
  readonly losses?: Losses | undefined;
  /** Anything else that it is to be warned of, as it goes into a header. */
  readonly warning?: string | undefined;
}

/** The client's side of a call: its head, its bytes, its one ending. */
export class ClientAnswer {
  readonly #clock: Clock;
  readonly #call: AdmittedCall;
  readonly #sink: ClientSink;
  readonly #pingMs: number | undefined;
  #streaming = false;
  #pings: ClientPings | undefined;

  /** @param pingMs a stream that has been silent for so long gets a comment; `undefined`: it gets none */
  constructor(clock: Clock, call: AdmittedCall, sink: ClientSink, pingMs: number | undefined) {
    this.#clock = clock;
    this.#call = call;
    this.#sink = sink;
    this.#pingMs = pingMs;
  }

  /** A stream has begun: what follows, errors too, are its events. */
  get streaming(): boolean {
    return this.#streaming;
  }

  beginStream(contentType: string, account: AnswerAccount): void {
    this.#sink.head(200, this.#headers(contentType, undefined, true, account));
    this.#streaming = true;
    if (this.#pingMs === undefined) return;
    const ping = this.#call.request.dialect.ping ?? PING;
    this.#pings = new ClientPings(this.#clock, this.#pingMs, () => void this.#sink.write(ping));
    this.#pings.start();
  }

  /** @returns false when the client reads slower than we write */
  write(bytes: Buffer): boolean {
    this.#pings?.wrote();
    return this.#sink.write(bytes);
  }

  /** The head of an answer that is complete; its body ends the call. */
  head(status: number, contentType: string, bodyBytes: number, account: AnswerAccount): void {
    this.#sink.head(status, this.#headers(contentType, bodyBytes, false, account));
  }

  /** @param spent the gateway has tried again already, or has no budget to */
  errorHead(
    error: GatewayError,
    head: { readonly status: number; readonly contentType: string; readonly bodyBytes: number },
    spent: boolean,
    account: AnswerAccount,
  ): void {
    this.#sink.head(head.status, [
      ...this.#headers(head.contentType, head.bodyBytes, false, account),
      ...errorHeaders(error, spent),
    ]);
  }

  end(bytes: Buffer | undefined): void {
    this.#sink.end(bytes);
  }

  abort(): void {
    this.#sink.abort();
  }

  /** Nothing is written of itself from now on. */
  stop(): void {
    this.#pings?.stop();
  }

  #headers(contentType: string, bodyBytes: number | undefined, streaming: boolean, account: AnswerAccount): string[] {
    const { target, payment, paid } = account;
    const elapsedMs = this.#clock.monotonicMs() - this.#call.arrivedMs;
    return answerHeaders({
      callId: this.#call.id,
      requestIdHeader: this.#call.request.dialect.requestIdHeader,
      contentType,
      bodyBytes,
      streaming,
      target,
      route: account.route,
      attempts: account.attempts,
      cost: paid?.cost,
      budget: payment === undefined ? undefined : { remaining: paid?.remaining, capped: payment.capped },
      warnings: warningsOf(this.#call, target === undefined ? undefined : payment?.clampedTo(target), account),
      degraded: account.degraded,
      overheadMs: Math.max(0, elapsedMs - account.waitedMs),
    });
  }
}

function warningsOf(
  { facts }: AdmittedCall,
  tokensMax: number | undefined,
  { losses = NO_LOSSES, warning }: Pick<AnswerAccount, 'losses' | 'warning'>,
): readonly string[] | undefined {
  if (tokensMax === undefined && losses.fields.length === 0 && warning === undefined) return facts.warnings;
  const clamped = tokensMax === undefined ? [] : [`max_tokens: ${tokensMax}, which is what is paid for at most`];
  return [...(facts.warnings ?? []), ...clamped, ...lossWarnings(losses), ...(warning === undefined ? [] : [warning])];
}
