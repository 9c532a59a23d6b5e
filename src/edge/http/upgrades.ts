import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Caller } from '../../exchange/call.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { GatewayError } from '../../kernel/errors.ts';

/** A client that keeps its end open after a refusal does not keep the socket. */
const LINGER_MS = 2_000;

/** A request that asks for a WebSocket, which is admitted: what follows on its socket is the route's own. */
export interface UpgradeContext {
  readonly req: IncomingMessage;
  readonly socket: Socket;
  /** What came after the request already. */
  readonly head: Buffer;
  readonly clock: Clock;
  /** Aborted once the gateway stops: what is under way may come to its end, and nothing new begins. */
  readonly closing: AbortSignal;
  /** A new id for each call that comes over the connection. */
  nextId(): string;
  /**
   * Who calls, asked anew: a key may be revoked while its connection stands.
   *
   * @throws `unauthenticated` or `forbidden`; also as a rejection
   */
  authorise(): Caller | undefined | Promise<Caller | undefined>;
  /** An error as the client may be told of it, counted as a refusal, and in the log where nobody expected it. */
  explain(thrown: unknown, requestId: string): GatewayError;
}

/** Whether a request asks for a WebSocket. Whatever else it asks to become, it is answered as it is. */
export function asksForWebSocket({ method, headers }: IncomingMessage): boolean {
  return method === 'GET' && headers.upgrade?.toLowerCase() === 'websocket';
}

/** Answers by hand: for a connection that was to become another, Node has no response object. */
export function refuseUpgrade(
  { socket, clock }: { readonly socket: Socket; readonly clock: Clock },
  status: number,
  headers: readonly string[],
  body: Buffer,
): void {
  let head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Refused'}\r\n`;
  for (let at = 0; at + 1 < headers.length; at += 2) head += `${headers[at]}: ${headers[at + 1]}\r\n`;
  socket.end(Buffer.concat([Buffer.from(`${head}connection: close\r\n\r\n`, 'latin1'), body]));
  const timer = clock.after(LINGER_MS, () => socket.destroy());
  socket.once('close', () => timer.cancel());
}
