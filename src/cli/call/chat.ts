import type { IncomingMessage } from 'node:http';
import type { Clock } from '../../kernel/clock.ts';
import { EXIT } from '../exit-codes.ts';
import { CliFailure, exitCodeOfAnswer, whatAndNext } from '../failure.ts';
import type { Caller } from './caller.ts';
import { type AnsweredError, answeredError, ChatReader, type ChatSoFar, parsed } from './chat-reader.ts';
import { connectionFailure, send, textOf } from './send.ts';

export interface ChatCall {
  readonly caller: Caller;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** Text, as it comes. */
  onText(text: string): void;
  /** The bytes of a stream, as they come. */
  onBytes(bytes: Buffer): void;
}

/** How a call ended, and what its answer's head said about it. */
export interface ChatOutcome {
  readonly status: number;
  readonly requestId: string | undefined;
  readonly provider: string | undefined;
  readonly model: string | undefined;
  readonly route: string | undefined;
  readonly routeReason: string | undefined;
  readonly attempts: string | undefined;
  readonly answer: ChatSoFar;
  /** From sending to the first text; absent when there was none. */
  readonly firstTextMs: number | undefined;
  readonly totalMs: number;
  /** Absent when the call ended well. */
  readonly failure: CliFailure | undefined;
}

/**
 * Makes one streamed call and reads its answer to the end.
 *
 * @throws `CliFailure` when there was no answer at all; an answer that failed is an outcome with its failure
 */
export async function chat(call: ChatCall): Promise<ChatOutcome> {
  const { caller, body, headers, signal, clock } = call;
  const url = `${caller.url}/v1/chat/completions`;
  const startedMs = clock.monotonicMs();
  let firstTextMs: number | undefined;
  const reader = new ChatReader((text) => {
    firstTextMs ??= clock.monotonicMs() - startedMs;
    call.onText(text);
  });
  let head: IncomingMessage | undefined;
  let broken: unknown;
  let error: AnsweredError | undefined;
  try {
    head = await send({ method: 'POST', url, key: caller.key, headers, body, signal });
    error = await read(head, reader, call);
  } catch (thrown) {
    if (head === undefined) throw signal.aborted ? thrown : connectionFailure(url, thrown);
    broken = thrown;
  }
  const named = (name: string) => headerOf(head, name);
  return {
    status: head.statusCode ?? 0,
    requestId: named('x-leeward-request-id'),
    provider: named('x-leeward-provider'),
    model: named('x-leeward-model'),
    route: named('x-leeward-route'),
    routeReason: named('x-leeward-route-reason'),
    attempts: named('x-leeward-attempts'),
    answer: reader.soFar,
    firstTextMs,
    totalMs: clock.monotonicMs() - startedMs,
    failure: failureOf(head, error ?? reader.soFar.error, reader.soFar, broken, url),
  };
}

/** @returns the error that the answer was in place of one */
async function read(head: IncomingMessage, reader: ChatReader, call: ChatCall): Promise<AnsweredError | undefined> {
  const status = head.statusCode ?? 0;
  const streamed = (head.headers['content-type'] ?? '').startsWith('text/event-stream');
  if (status === 200 && streamed) {
    for await (const chunk of head as AsyncIterable<Buffer>) {
      call.onBytes(chunk);
      reader.push(chunk);
    }
    return undefined;
  }
  const text = await textOf(head);
  const json = parsed(text);
  if (status === 200) {
    call.onBytes(Buffer.from(text));
    reader.whole(json);
    return undefined;
  }
  return answeredError(json) ?? { message: `the server answered ${status}`, code: undefined, requestId: undefined };
}

function failureOf(
  head: IncomingMessage,
  error: AnsweredError | undefined,
  answer: ChatSoFar,
  broken: unknown,
  url: string,
): CliFailure | undefined {
  const id = headerOf(head, 'x-leeward-request-id');
  if (error !== undefined) {
    const { what, next } = whatAndNext(error.message);
    const marks = [error.code, error.requestId ?? id].filter((mark) => mark !== undefined).join(', ');
    return new CliFailure(marks === '' ? what : `${what.replace(/\.$/, '')} (${marks})`, {
      exitCode: exitCodeOfAnswer(error.code, head.statusCode === 200 ? 502 : (head.statusCode ?? 0)),
      next: next ?? (id === undefined ? "see the server's log" : `see "leeward calls show ${error.requestId ?? id}"`),
    });
  }
  if (broken !== undefined) return connectionFailure(url, broken);
  if (answer.done) return undefined;
  return new CliFailure('the answer ended before it was complete', {
    exitCode: EXIT.upstream,
    next: id === undefined ? 'try again' : `see "leeward calls show ${id}"`,
  });
}

function headerOf(head: IncomingMessage, name: string): string | undefined {
  const value = head.headers[name];
  return typeof value === 'string' ? value : undefined;
}
