import type { Answerer, SeenRequest } from '../../../test/support/raw-upstream.ts';
import {
  answerBytes,
  chunk,
  DELTA,
  DONE,
  FINISH,
  OK_ANSWER,
  STREAM_HEAD,
  streamBytes,
  USAGE,
} from '../../harness/http-bytes.ts';

/** What the providers of a row may say. Each ends its connection, so that nothing of a row is left in a pool. */

export type Answer = Answerer | Buffer;

/** Whole, in the way that was asked for. */
export const good: Answerer = (socket, request) =>
  void socket.write(
    wantsStream(request) ? streamBytes([DELTA, FINISH, USAGE, DONE]) : answerBytes(200, 'application/json', OK_ANSWER),
  );

/** Takes the request and says nothing. */
export const silent: Answerer = () => undefined;

/** As the answer does, some time later. */
export function late(delayMs: number, answer: Answerer = good): Answerer {
  return (socket, request) => {
    const timer = setTimeout(() => void answer(socket, request), delayMs);
    socket.once('close', () => clearTimeout(timer));
  };
}

/** A JSON error. `more` are header lines. */
export function refusal(status: number, error: Record<string, unknown> = {}, ...more: readonly string[]): Buffer {
  const body = JSON.stringify({ error: { message: 'Not now.', type: 'server_error', code: null, ...error } });
  return answerBytes(status, 'application/json', body, more.map((line) => `${line}\r\n`).join(''));
}

/** A stream that says something, keeps silent in the midst of an event, and ends. */
export function pausing(pauseMs: number): Answerer {
  return (socket) => {
    const half = DELTA.length >> 1;
    socket.write(Buffer.concat([Buffer.from(STREAM_HEAD), chunk(DELTA), chunk(DELTA.slice(0, half))]));
    const timer = setTimeout(() => {
      socket.write(Buffer.concat([chunk(DELTA.slice(half) + FINISH + USAGE + DONE), Buffer.from('0\r\n\r\n')]));
    }, pauseMs);
    socket.once('close', () => clearTimeout(timer));
  };
}

export function wantsStream({ body }: SeenRequest): boolean {
  return /"stream":\s*true/.test(body);
}
