import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { errorCode } from '../../kernel/errors.ts';
import { EXIT } from '../exit-codes.ts';
import { CliFailure } from '../failure.ts';
import { noServerAt } from '../running-server.ts';

/** A whole answer that is not streamed is held in memory. */
const ANSWER_BYTES_MAX = 64 * 2 ** 20;

export interface Outgoing {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly key: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Aborting it closes the connection, which is how the gateway learns that nobody waits any more. */
  readonly signal: AbortSignal;
}

/**
 * Sends one request with a key and resolves with the head of its answer.
 *
 * @throws `CliFailure` when nobody listens; what the socket said otherwise
 */
export function send(outgoing: Outgoing): Promise<IncomingMessage> {
  const { method, url, key, headers, body, signal } = outgoing;
  const open = url.startsWith('https:') ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const call = open(url, {
      method,
      agent: false,
      signal,
      headers: {
        ...headers,
        authorization: `Bearer ${key}`,
        ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }),
      },
    });
    call.on('response', resolve);
    call.on('error', (cause) => reject(errorCode(cause) === 'ECONNREFUSED' ? noServerAt(originOf(url), cause) : cause));
    call.end(body);
  });
}

/** The rest of an answer as text. */
export async function textOf(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > ANSWER_BYTES_MAX) throw new Error(`an answer of more than ${ANSWER_BYTES_MAX} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** A connection that broke, as a failure that says so. */
export function connectionFailure(url: string, thrown: unknown): CliFailure {
  if (thrown instanceof CliFailure) return thrown;
  return new CliFailure(`the connection to ${originOf(url)} broke (${errorCode(thrown) ?? 'it ended early'})`, {
    exitCode: EXIT.unexpected,
    next: 'see whether the server still runs, with "leeward doctor"',
    cause: thrown,
  });
}

function originOf(url: string): string {
  return new URL(url).origin;
}
