import { Samples } from '../harness/samples.ts';
import { AnswerConnection } from './answer-connection.ts';
import type { ExpectedBody } from './wire.ts';

export interface ClosedLoad {
  readonly port: number;
  readonly request: Buffer;
  readonly expected: ExpectedBody;
  readonly connections: number;
  /** Ends after so many calls, or at this instant of `performance.now()`; whatever is under way is waited for. */
  readonly calls?: number;
  readonly untilMs?: number;
}

export interface LoadResult {
  readonly calls: number;
  /** From the request to the last byte, microseconds. */
  readonly latencyUs: Samples;
  /** The first few things that were wrong, and how many there were. */
  readonly wrong: readonly string[];
  readonly wrongCount: number;
}

const WRONG_KEPT = 3;
const ANSWER_MS = 20_000;

/** Connections that each make their next call as soon as the last is answered. */
export async function closedLoop(load: ClosedLoad): Promise<LoadResult> {
  const result = new LoadNotes();
  let begun = 0;
  const more = () =>
    begun < (load.calls ?? Number.POSITIVE_INFINITY) && performance.now() < (load.untilMs ?? Number.POSITIVE_INFINITY);
  const run = async () => {
    let connection = new AnswerConnection(load.port, load.expected);
    while (more()) {
      begun++;
      if (!connection.usable) connection = new AnswerConnection(load.port, load.expected);
      const sentMs = performance.now();
      result.note(await answerTo(connection, load.request));
      result.latencyUs.add((performance.now() - sentMs) * 1_000);
    }
    connection.close();
  };
  await Promise.all(Array.from({ length: load.connections }, run));
  return result;
}

/** What came of the calls of one load. */
export class LoadNotes implements LoadResult {
  calls = 0;
  wrongCount = 0;
  readonly wrong: string[] = [];
  readonly latencyUs = new Samples();

  note(wrong: string | undefined): void {
    this.calls++;
    if (wrong === undefined) return;
    this.wrongCount++;
    if (this.wrong.length < WRONG_KEPT) this.wrong.push(wrong);
  }
}

function answerTo(connection: AnswerConnection, request: Buffer): Promise<string | undefined> {
  return new Promise((resolve) => {
    const late = setTimeout(() => {
      resolve(`no answer within ${ANSWER_MS} ms`);
      connection.close();
    }, ANSWER_MS);
    connection.send(request, (wrong) => {
      clearTimeout(late);
      resolve(wrong);
    });
  });
}
