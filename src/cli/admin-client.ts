import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { z } from 'zod';
import type { Clock } from '../kernel/clock.ts';
import { errorCode } from '../kernel/errors.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { CliFailure, whatAndNext } from './failure.ts';

const ANSWER_BYTES_MAX = 16 * 2 ** 20;
const ANSWER_MS = 10_000;

/** Nothing listens at the address: the server is not there, as opposed to one that refuses. */
export class ServerAbsent extends Error {
  override readonly name = 'ServerAbsent';
}

export interface AdminServer {
  /** As in `http://127.0.0.1:5339`. */
  readonly url: string;
  readonly token: string;
}

/**
 * One request to a running server's admin API.
 *
 * @returns the answer's JSON
 * @throws `ServerAbsent` when nothing listens; `CliFailure` for every other trouble
 */
export async function adminRequest(
  server: AdminServer,
  call: { readonly method: 'GET' | 'POST'; readonly path: string; readonly body?: unknown },
  clock: Clock,
): Promise<unknown> {
  const controller = new AbortController();
  const timer = clock.after(ANSWER_MS, () => controller.abort());
  try {
    const { status, body } = await exchange(server, call, controller.signal);
    const json = parsed(body);
    if (status >= 200 && status < 300) return json;
    throw refusal(status, json);
  } catch (thrown) {
    if (thrown instanceof CliFailure) throw thrown;
    if (controller.signal.aborted) {
      const what = `the server at ${server.url} did not answer within ${ANSWER_MS / 1_000} s`;
      throw new CliFailure(what, { exitCode: EXIT.timeout, next: 'look at its log', cause: thrown });
    }
    if (errorCode(thrown) === 'ECONNREFUSED')
      throw new ServerAbsent(`nothing listens at ${server.url}`, { cause: thrown });
    const what = `the server at ${server.url} cannot be reached (${errorCode(thrown) ?? 'no reason given'})`;
    throw new CliFailure(what, { exitCode: EXIT.unexpected, next: 'see whether it still runs', cause: thrown });
  } finally {
    timer.cancel();
  }
}

function exchange(
  server: AdminServer,
  call: { readonly method: string; readonly path: string; readonly body?: unknown },
  signal: AbortSignal,
): Promise<{ status: number; body: string }> {
  const payload = call.body === undefined ? undefined : Buffer.from(JSON.stringify(call.body));
  const send = server.url.startsWith('https:') ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const request = send(
      new URL(call.path, server.url),
      {
        method: call.method,
        agent: false,
        signal,
        headers: {
          accept: 'application/json',
          authorization: `Bearer ${server.token}`,
          ...(payload === undefined ? {} : { 'content-type': 'application/json', 'content-length': payload.length }),
        },
      },
      (answer) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        answer.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes > ANSWER_BYTES_MAX) answer.destroy(new Error(`an answer of more than ${ANSWER_BYTES_MAX} bytes`));
          else chunks.push(chunk);
        });
        answer.on('end', () =>
          resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }),
        );
        answer.on('error', reject);
      },
    );
    request.on('error', reject);
    request.end(payload);
  });
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    // An answer that is no JSON has nothing to tell; its status still does.
    return undefined;
  }
}

const errorAnswer = z.object({ error: z.union([z.string(), z.object({ message: z.string() })]) });

function refusal(status: number, json: unknown): CliFailure {
  const answer = errorAnswer.safeParse(json);
  const said = answer.success ? answer.data.error : `the server answered ${status}`;
  const { what, next } = whatAndNext(typeof said === 'string' ? said : said.message);
  const [exitCode, usual] = meaningOf(status);
  // Why a token is refused is told to nobody: where the right one lies helps more than the server's hint.
  return new CliFailure(what, { exitCode, next: exitCode === EXIT.auth ? usual : (next ?? usual) });
}

function meaningOf(status: number): [ExitCode, string] {
  if (status === 401 || status === 403)
    return [EXIT.auth, 'use the --data directory the server was started with, or its admin token'];
  if (status === 402 || status === 429) return [EXIT.budget, 'wait, or raise the limit'];
  if (status === 404) return [EXIT.notFound, 'see what there is with the "list" beside it'];
  if (status === 409 || status === 422) return [EXIT.conflict, 'see what there is with the "list" beside it'];
  if (status === 408 || status === 504) return [EXIT.timeout, 'try again'];
  if (status === 502) return [EXIT.upstream, "look at the server's log"];
  if (status >= 400 && status < 500) return [EXIT.usage, 'see --help of the command'];
  return [EXIT.unexpected, "look at the server's log"];
}
